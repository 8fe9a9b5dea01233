//! Files of the project folder, and nothing else.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod common;

use common::Server;

#[tokio::test]
async fn files_have_their_type_and_pages_their_own_headers() {
    let root = std::env::temp_dir().join(format!("holdfast-site-{}", std::process::id()));
    let files = [
        ("index.html", "<p>demo"),
        ("pkg/holdfast.js", "1"),
        ("pkg/wasm/a.wasm", "w"),
        ("tests/e2e/pages/strict.html", "<p>strict"),
        ("tests/e2e/pages/strict.headers", "Content-Security-Policy: default-src 'self'\nX-Test: yes\n"),
        ("secret.txt", "secret"),
    ];
    for (name, content) in files {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, content).expect("a file");
    }
    let server = Server::at(root.clone()).await;
    let cases = [
        ("/", 200, "content-type: text/html"),
        ("/holdfast.js", 200, "content-type: text/javascript"),
        ("/wasm/a.wasm", 200, "content-type: application/wasm"),
        ("/pages/strict.html", 200, "content-security-policy: default-src 'self'"),
        ("/secret.txt", 404, ""),
        ("/wasm/../../secret.txt", 404, ""),
        ("/wasm/%2e%2e/%2e%2e/secret.txt", 404, ""),
        ("/control/", 200, "content-security-policy: default-src 'none'"),
    ];
    for (path, status, line) in cases {
        let answer = server.ask("GET", path, &[], "").await.expect("an answer");
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.head.contains(line), "{path}: {}", answer.head);
    }
    std::fs::remove_dir_all(root).expect("a folder to remove");
}
