//! Files in both directions, and what limits them.

use serde_json::{Value, json};

use crate::common::{Answer, Server};
use crate::visitor::{MOBILE, Variant::Mobile, Visitor, each, fine, outcome, switch};

async fn upload(server: &Server, visitor: &Visitor, name: &str, content: &str) -> Answer {
    let fields = [("userId", &visitor.user), ("secureKey", &visitor.key), ("alias", &visitor.alias)];
    let mut body = String::new();
    for (field, value) in fields {
        body += &format!("--x\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
    }
    body += "--x\r\nContent-Disposition: form-data; name=\"userData[file-description]\"\r\n\r\na photo\r\n";
    body += &format!("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n");
    body += &format!("Content-Type: text/plain\r\n\r\n{content}\r\n--x--\r\n");
    let kind = ("Content-Type", "multipart/form-data; boundary=x");
    let path = format!("{MOBILE}/{}/file", visitor.chat);
    server.ask("POST", &path, &[kind], &body).await.expect("an answer")
}

async fn limits(server: &Server, visitor: &Visitor) -> Value {
    let answer = visitor.ask(server, "file/limits", &[]).await;
    assert_eq!(outcome(&answer), fine());
    let notice = answer.json()["messages"][0].clone();
    assert_eq!(
        (&notice["type"], &notice["text"], &notice["index"]),
        (&json!("Notice"), &json!("file-client-cfg-get"), &Value::Null)
    );
    notice["userData"].clone()
}

#[tokio::test]
async fn a_visitor_sends_fetches_and_withdraws_a_file() {
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server, Mobile).await;
    let before = limits(&server, &visitor).await;
    assert_eq!((&before["upload-max-files"], &before["used-upload-max-files"]), (&json!("3"), &json!("0")));
    assert_eq!((&before["upload-need-agent"], &before["upload-max-file-size"]), (&json!("true"), &json!("2097152")));
    let sent = upload(&server, &visitor, "a.txt", "hello").await;
    assert_eq!(outcome(&sent), fine());
    let id = sent.json()["userData"]["file-id"].as_str().expect("an id").to_owned();
    assert_eq!(limits(&server, &visitor).await["used-upload-max-total-size"], "5");
    let news = visitor.poll(&server, 3).await;
    assert_eq!(news.kinds(), ["FileUploaded"]);
    let expected = json!({"file-id": id, "file-name": "a.txt", "file-size": "5", "file-description": "a photo"});
    assert_eq!(each(&news, "userData")[0], expected);
    let fetched = visitor.ask(&server, &format!("file/{id}/download"), &[]).await;
    assert_eq!((fetched.status, fetched.body.as_str()), (200, "hello"));
    assert!(fetched.head.contains("text/plain"));
    assert_eq!(outcome(&visitor.ask(&server, &format!("file/{id}/delete"), &[]).await), fine());
    let news = visitor.poll(&server, 4).await;
    assert_eq!((news.kinds(), &each(&news, "userData")[0]["file-id"]), (vec!["FileDeleted".to_owned()], &json!(id)));
    assert_eq!(visitor.ask(&server, &format!("file/{id}/download"), &[]).await.status, 404);
    assert_eq!(limits(&server, &visitor).await["used-upload-max-files"], "0");
    let events = server.record().await["events"].clone();
    assert_eq!(events[1], json!({"type": "upload", "name": "a.txt", "contentType": "text/plain", "size": 5}));
    assert!(server.rules().await.is_empty());
}

#[tokio::test]
async fn files_have_limits() {
    let server = Server::quick().await;
    let visitor = Visitor::queue(&server, Mobile).await;
    switch(&server, json!({"files": {"maxFiles": 2, "maxFileSize": 4, "maxTotalSize": 6, "types": "txt:PNG"}})).await;
    let code = async |name: &str, content: &str| {
        let answer = upload(&server, &visitor, name, content).await;
        if answer.status == 200 { json!(0) } else { answer.json()["errors"][0].clone() }
    };
    assert_eq!(code("a.txt", "abc").await["code"], 249);
    server.agent(json!({"accept": {}})).await;
    assert_eq!(code("a.exe", "abc").await, json!({"code": 203}));
    assert_eq!(code("a.txt", "abcde").await, json!({"code": 202, "advice": "4"}));
    assert_eq!(code("a.png", "abcd").await, json!(0));
    assert_eq!(code("b.png", "abcd").await, json!({"code": 202, "advice": "6"}));
    assert_eq!(code("b.txt", "ab").await, json!(0));
    assert_eq!(code("c.txt", "").await, json!({"code": 201, "advice": "2"}));
    switch(&server, json!({"files": {"maxFiles": 3, "needAgent": false, "deleteFrees": false}})).await;
    let news = visitor.poll(&server, 3).await;
    let id = each(&news, "userData")[0]["file-id"].as_str().expect("an id").to_owned();
    visitor.ask(&server, &format!("file/{id}/delete"), &[]).await;
    assert_eq!(limits(&server, &visitor).await["used-upload-max-files"], "2");
}

#[tokio::test]
async fn an_agents_file_is_fetched_only_so_often() {
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server, Mobile).await;
    server.agent(json!({"sendFile": {"name": "b.txt", "type": "text/plain", "text": "for you"}})).await;
    let news = visitor.poll(&server, 3).await;
    assert_eq!((news.kinds(), &each(&news, "from")[0]["type"]), (vec!["FileUploaded".to_owned()], &json!("Agent")));
    let id = each(&news, "userData")[0]["file-id"].as_str().expect("an id").to_owned();
    let path = format!("file/{id}/download");
    for (status, body) in [(200, "for you"), (200, "for you"), (400, "")] {
        let fetched = visitor.ask(&server, &path, &[]).await;
        assert_eq!(fetched.status, status);
        assert!(fetched.body.contains(body));
    }
    assert_eq!(limits(&server, &visitor).await["used-download-attempts"], "2");
    assert_eq!(visitor.ask(&server, &format!("file/{id}/delete"), &[]).await.status, 404);
}
