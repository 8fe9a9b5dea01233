//! The demo page, the built widget, the agent's desk and the test pages, read from the project folder on each request.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::Response;

use crate::{call, url};

/// The project folder.
#[derive(Debug, Clone)]
pub struct Root(Arc<PathBuf>);

impl Root {
    /// Files below this folder.
    pub fn new(folder: PathBuf) -> Self {
        Self(Arc::new(folder))
    }
}

/// Answers with a file.
pub async fn file(State(Root(root)): State<Root>, method: Method, uri: Uri) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return call::text(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
    }
    let Some(place) = place(uri.path()) else {
        return not_found();
    };
    let path = root.join(place);
    let Ok(content) = tokio::fs::read(&path).await else {
        return not_found();
    };
    let mut response = Response::new(content.into());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(&path)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if path.extension().is_some_and(|extension| extension == "html") {
        for (name, value) in extra_headers(&path).await {
            headers.append(name, value);
        }
    }
    response
}

/// Where a path of the site lies in the project folder.
fn place(path: &str) -> Option<PathBuf> {
    let path = url::decode(path);
    let path = path.trim_start_matches('/');
    match path {
        "" | "index.html" => return Some(PathBuf::from("index.html")),
        "holdfast.js" => return Some(PathBuf::from("pkg/holdfast.js")),
        "desk" | "desk/" => return Some(PathBuf::from("desk/page/index.html")),
        _ => {}
    }
    let (folder, rest) = path.split_once('/')?;
    let folder = match folder {
        "desk" if rest.starts_with("dist/") => "desk",
        "desk" => "desk/page",
        "wasm" => "pkg/wasm",
        "pkg" => "pkg",
        "style" => "style",
        "pages" => "tests/e2e/pages",
        _ => return None,
    };
    let harmless = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains(['\\', '\0', ':']);
    rest.split('/').all(harmless).then(|| Path::new(folder).join(rest))
}

/// The lines of `NAME.headers` beside `NAME.html`.
async fn extra_headers(page: &Path) -> Vec<(HeaderName, HeaderValue)> {
    let text = tokio::fs::read_to_string(page.with_extension("headers")).await.unwrap_or_default();
    let pairs = text.lines().filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        Some((name.trim().parse().ok()?, value.trim().parse().ok()?))
    });
    pairs.collect()
}

fn content_type(path: &Path) -> &'static str {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    match extension {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "ts" | "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn not_found() -> Response {
    call::text(StatusCode::NOT_FOUND, "Not Found")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside_their_folders() {
        assert_eq!(place("/wasm/a/b.wasm"), Some(PathBuf::from("pkg/wasm/a/b.wasm")));
        assert_eq!(place("/"), Some(PathBuf::from("index.html")));
        assert_eq!(place("/desk/"), Some(PathBuf::from("desk/page/index.html")));
        assert_eq!(place("/desk/dist/a.js"), Some(PathBuf::from("desk/dist/a.js")));
        assert_eq!(place("/desk/src/lib.rs"), Some(PathBuf::from("desk/page/src/lib.rs")));
        for path in
            ["/style/../Cargo.toml", "/style/%2e%2e/Cargo.toml", "/pages//etc/passwd", "/Cargo.toml", "/style/.git"]
        {
            assert_eq!(place(path), None, "{path}");
        }
    }
}
