//! The SuperOffice façade: what the protocol page says of the WebAPI, once each. Section numbers are that page's.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail loudly")]

mod common;

use std::time::Duration;

use common::{Answer, Server};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::timeout;

const API: &str = "/superoffice/Cust00001/api/v1";
const BEARER: (&str, &str) = ("Authorization", "Bearer 8A:local-demo");

async fn send(server: &Server, method: &str, path: &str, kind: &str, body: &str) -> Answer {
    let headers = [BEARER, ("Content-Type", kind)];
    server.ask(method, &format!("{API}/{path}"), &headers, body).await.expect("an answer")
}

async fn ask(server: &Server, method: &str, path: &str, body: Value) -> Value {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let answer = send(server, method, path, "application/json", &body).await;
    assert_eq!(answer.status, 200, "{method} {path}: {}", answer.body);
    answer.json()
}

async fn start(server: &Server, topic: u64) -> (String, Value) {
    let session = ask(server, "POST", &format!("ChatTopic/{topic}/Sessions"), Value::Null).await;
    (format!("ChatSession/{}", session["ChatSessionId"]), session)
}

async fn say(server: &Server, session: &str, text: &str) -> Value {
    let line = json!({"Type": "ToUser", "Message": text, "Author": "Ines", "SpecialType": "None", "SpecialParam": ""});
    ask(server, "POST", &format!("{session}/Messages"), line).await
}

async fn specials(server: &Server, session: &str) -> Vec<String> {
    let lines = ask(server, "GET", &format!("{session}/Messages"), Value::Null).await;
    let lines = lines.as_array().expect("a list").iter();
    lines.map(|line| line["SpecialType"].as_str().expect("a word").to_owned()).collect()
}

async fn status(server: &Server, session: &str) -> Value {
    ask(server, "GET", session, Value::Null).await["Status"].clone()
}

#[tokio::test]
async fn nobody_gets_in_without_the_credential() {
    let server = Server::quick().await;
    for headers in [vec![], vec![("Authorization", "Bearer 8A:other")], vec![("Authorization", "8A:local-demo")]] {
        let answer = server.ask("GET", &format!("{API}/ChatTopic/1"), &headers, "").await.expect("an answer");
        assert_eq!(answer.status, 401, "{headers:?}");
    }
    assert_eq!(ask(&server, "GET", "ChatTopic/1", Value::Null).await["ChatTopicId"], 1);
    assert_eq!(send(&server, "GET", "ChatTopic/77", "", "").await.status, 404);
    assert_eq!(send(&server, "GET", "ChatMessage/7", "", "").await.status, 404);
}

#[tokio::test]
async fn a_session_begins_where_its_topic_says() {
    let server = Server::quick().await;
    for (topic, status, bot) in
        [(1, "UserLast", true), (2, "InQueue", false), (3, "PreChatForm", false), (4, "OfflineForm", false)]
    {
        let (_, session) = start(&server, topic).await;
        assert_eq!((&session["Status"], &session["ChatbotIsActive"]), (&json!(status), &json!(bot)), "{topic}");
        assert!(session["SessionKey"].as_str().is_some_and(|key| key.len() >= 32));
        assert_eq!(session["User"], Value::Null);
    }
    server.settings(json!({"available": false})).await;
    assert_eq!(start(&server, 2).await.1["Status"], "OfflineForm");
    // A bot is always there (§5.1).
    assert_eq!(start(&server, 1).await.1["Status"], "UserLast");
    server.settings(json!({"superoffice": {"startLooks": false}})).await;
    assert_eq!(start(&server, 2).await.1["Status"], "InQueue");
}

#[tokio::test]
async fn a_position_is_exclusive_and_numbers_have_gaps() {
    let server = Server::quick().await;
    let ((one, _), (other, _)) = (start(&server, 2).await, start(&server, 2).await);
    let first = say(&server, &one, "a").await["ChatMessageId"].as_u64().expect("a number");
    say(&server, &other, "between").await;
    let second = say(&server, &one, "b").await["ChatMessageId"].as_u64().expect("a number");
    assert!(second > first + 2, "{first} {second}");
    let texts = async |after: u64| {
        let lines = ask(&server, "GET", &format!("{one}/Messages?after={after}"), Value::Null).await;
        lines.as_array().expect("a list").iter().map(|line| line["Message"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(texts(0).await, ["a", "b"]);
    assert_eq!(texts(first).await, ["b"]);
    assert_eq!(texts(second).await, [""; 0]);
    assert_eq!(texts(9_999_999).await, [""; 0]);
}

#[tokio::test]
async fn words_move_the_status_but_not_out_of_the_queue() {
    let server = Server::quick().await;
    let (session, _) = start(&server, 2).await;
    say(&server, &session, "hello?").await;
    assert_eq!(status(&server, &session).await, "InQueue");
    let picked = ask(&server, "POST", &format!("{session}/Pickup"), Value::Null).await;
    assert_eq!((&picked["Status"], &picked["User"]["FullName"]), (&json!("UserLast"), &json!("Web Api")));
    assert_ne!(picked["WhenStarted"], "0001-01-01T00:00:00");
    assert_eq!(specials(&server, &session).await, ["None", "Welcome"]);
    say(&server, &session, "my kettle leaks").await;
    assert_eq!(status(&server, &session).await, "CustomerLast");
    let line = json!({"Type": "ToCustomer", "Message": "Which one?", "Author": "Web Api"});
    ask(&server, "POST", &format!("{session}/Messages"), line).await;
    assert_eq!(status(&server, &session).await, "UserLast");
    assert_eq!(server.delivered().await, ["hello?", "my kettle leaks"]);
    assert_eq!(send(&server, "POST", "ChatSession/Pickup", "", "").await.status, 404);
}

#[tokio::test]
async fn entities_are_patched_in_both_forms() {
    let server = Server::quick().await;
    let (session, _) = start(&server, 2).await;
    let merged = json!({"CustomerAlias": "Ines", "CustomerConsented": true, "rating": 3}).to_string();
    let merged = send(&server, "PATCH", &session, "application/merge-patch+json", &merged).await.json();
    assert_eq!(
        (&merged["CustomerAlias"], &merged["CustomerConsented"], &merged["Rating"]),
        (&json!("Ines"), &json!(true), &json!(3))
    );
    let operations = async |text: &str| send(&server, "PATCH", &session, "application/json-patch+json", text).await;
    let good = r#"[{"op":"test","path":"customeralias","value":"Ines"},{"op":"replace","path":"/CustomerName","value":"Ines Roth"}]"#;
    assert_eq!(operations(good).await.json()["CustomerName"], "Ines Roth");
    assert_eq!(operations(r#"[{"op":"test","path":"/Rating","value":5}]"#).await.status, 409);
    assert_eq!(operations(r#"[{"op":"move","from":"/Rating","path":"/Status"}]"#).await.status, 400);
    let record = server.record().await;
    assert_eq!(
        (&record["visitorName"], &record["events"][0]["userData"]["CustomerName"]),
        (&json!("Ines"), &json!("Ines Roth"))
    );
}

#[tokio::test]
async fn the_bot_answers_offers_and_lets_go() {
    let server = Server::quick().await;
    let (session, _) = start(&server, 1).await;
    assert_eq!(specials(&server, &session).await, ["BotMessage", "Options"]);
    say(&server, &session, "echo this").await;
    say(&server, &session, "human please").await;
    let entity = ask(&server, "GET", &session, Value::Null).await;
    assert_eq!((&entity["Status"], &entity["ChatbotIsActive"]), (&json!("PreChatForm"), &json!(false)));
    assert_eq!(entity["LastMessage"], "One moment, fetching a colleague.");
    let count = specials(&server, &session).await.len();
    assert_eq!(count, 6);
    // It never talks again (§7.3), and a second Reset changes nothing.
    say(&server, &session, "still there?").await;
    assert_eq!(ask(&server, "POST", &format!("{session}/Reset"), Value::Null).await["Status"], "PreChatForm");
    assert_eq!(specials(&server, &session).await.len(), count + 1);
    let form = json!({"CustomerName": "Ines", "Status": "InQueue"});
    assert_eq!(ask(&server, "PATCH", &session, form).await["Status"], "InQueue");
    server.agent(json!({"accept": {"name": "Noor B."}})).await;
    assert_eq!(ask(&server, "GET", &session, Value::Null).await["User"]["FullName"], "Noor B.");
}

#[tokio::test]
async fn a_reset_leads_where_the_topic_and_the_hour_say() {
    let server = Server::quick().await;
    let reset =
        async |session: &str| ask(&server, "POST", &format!("{session}/Reset"), Value::Null).await["Status"].clone();
    let widget = |form: bool, faq: bool| json!({"superoffice": {"topics": {"1": {"Widget": {"PreFormEnabled": form, "AutoFaqEnabled": faq}}}}});
    server.settings(widget(false, true)).await;
    assert_eq!(reset(&start(&server, 1).await.0).await, "Faq");
    server.settings(widget(false, false)).await;
    assert_eq!(reset(&start(&server, 1).await.0).await, "InQueue");
    server.settings(json!({"available": false})).await;
    assert_eq!(reset(&start(&server, 1).await.0).await, "OfflineForm");
}

#[tokio::test]
async fn what_the_bot_says_later_lies_ahead() {
    let server = Server::quick().await;
    let (session, _) = start(&server, 1).await;
    say(&server, &session, "later").await;
    let lines = ask(&server, "GET", &format!("{session}/Messages"), Value::Null).await;
    let posted = |at: usize| lines[at]["WhenPosted"].as_str().expect("a moment").to_owned();
    assert!(posted(4) > posted(3), "{lines}");
    say(&server, &session, "quit").await;
    assert_eq!(status(&server, &session).await, "Finished");
}

#[tokio::test]
async fn a_question_leads_to_articles_and_a_no_to_the_queue() {
    let server = Server::quick().await;
    server.settings(json!({"superoffice": {"faqClickActs": true}})).await;
    let (session, _) = start(&server, 3).await;
    ask(&server, "PATCH", &session, json!({"CustomerEmail": "i@b.test", "CustomerConsented": true, "Status": "Faq"}))
        .await;
    say(&server, &session, "my kettle leaks").await;
    assert_eq!(specials(&server, &session).await, ["None", "Url", "Url", "FaqSuccessQuestion"]);
    assert_eq!(status(&server, &session).await, "Faq");
    let click = json!({"Type": "Special", "SpecialType": "ClickedOption", "Message": "No", "SpecialParam": "[\"no\"]"});
    ask(&server, "POST", &format!("{session}/Messages"), click).await;
    assert_eq!(status(&server, &session).await, "InQueue");
}

#[tokio::test]
async fn a_finished_session_is_taken_up_again_by_writing() {
    let server = Server::quick().await;
    let (session, _) = start(&server, 2).await;
    ask(&server, "POST", &format!("{session}/Pickup"), Value::Null).await;
    assert_eq!(ask(&server, "PATCH", &session, json!({"Status": "Finished"})).await["Status"], "Finished");
    say(&server, &session, "one more thing").await;
    assert_eq!(specials(&server, &session).await, ["Welcome", "ClosedByCustomer", "None", "ReopenedByCustomer"]);
    assert_eq!(status(&server, &session).await, "CustomerLast");
    server.agent(json!({"end": {"reason": "agent"}})).await;
    assert_eq!(specials(&server, &session).await.last().map(String::as_str), Some("ClosedByUser"));
    ask(&server, "PATCH", &session, json!({"Status": "Closed"})).await;
    let line = json!({"Type": "ToUser", "Message": "hello?"}).to_string();
    let refused = send(&server, "POST", &format!("{session}/Messages"), "application/json", &line).await;
    assert_eq!((refused.status, server.rules().await), (400, vec!["afterEnd".to_owned()]));
}

#[tokio::test]
async fn leaving_the_queue_ends_differently() {
    let server = Server::quick().await;
    let (session, _) = start(&server, 2).await;
    assert_eq!(
        ask(&server, "PATCH", &session, json!({"Status": "ClosedFromQueue"})).await["Status"],
        "ClosedFromQueue"
    );
    assert_eq!(specials(&server, &session).await, [""; 0]);
    assert_eq!(server.record().await["phase"], "ended");
}

#[tokio::test]
async fn a_transfer_changes_the_user_once_it_is_accepted() {
    let server = Server::quick().await;
    let (session, _) = start(&server, 2).await;
    // Nothing to transfer yet, and still 200 (§11.10).
    for act in ["TransferTo/Ilse", "AcceptTransfer"] {
        assert_eq!(ask(&server, "POST", &format!("{session}/{act}"), Value::Null).await["TransferTo"], Value::Null);
    }
    ask(&server, "POST", &format!("{session}/Pickup"), Value::Null).await;
    let asked = ask(&server, "POST", &format!("{session}/TransferTo/Ilse"), Value::Null).await;
    assert_eq!((&asked["TransferTo"]["FullName"], &asked["User"]["FullName"]), (&json!("Ilse"), &json!("Web Api")));
    ask(&server, "POST", &format!("{session}/RejectTransfer"), Value::Null).await;
    ask(&server, "POST", &format!("{session}/TransferTo/Sam"), Value::Null).await;
    let accepted = ask(&server, "POST", &format!("{session}/AcceptTransfer"), Value::Null).await;
    assert_eq!((&accepted["TransferTo"], &accepted["User"]["FullName"]), (&Value::Null, &json!("Sam")));
    assert_eq!(specials(&server, &session).await, ["Welcome", "TransferRejected", "TransferedSession"]);
}

#[tokio::test]
async fn typing_shows_in_the_flags_as_the_switches_say() {
    let server = Server::quick().await;
    let (session, entity) = start(&server, 2).await;
    assert_eq!(entity["Flags"], "");
    server.agent(json!({"accept": {}})).await;
    server.agent(json!({"typing": true})).await;
    let flags = async || ask(&server, "GET", &session, Value::Null).await["Flags"].clone();
    assert_eq!(flags().await, "UserIsTyping");
    ask(&server, "PATCH", &session, json!({"Flags": "CustomerIsTyping, UserIsTyping"})).await;
    assert_eq!(flags().await, "CustomerIsTyping, UserIsTyping");
    // A blind write takes the other side's bit away (§5.6).
    ask(&server, "PATCH", &session, json!({"Flags": ""})).await;
    server.settings(json!({"superoffice": {"idleFlags": "CustomerIsTyping"}})).await;
    assert_eq!(flags().await, "CustomerIsTyping");
    server.settings(json!({"superoffice": {"idleFlags": null}})).await;
    assert_eq!(flags().await, Value::Null);
}

#[tokio::test]
async fn lists_are_filtered_ordered_and_paged() {
    let server = Server::quick().await;
    server.settings(json!({"queuePosition": 0, "superoffice": {"listPage": 2}})).await;
    let mut sessions = Vec::new();
    for _ in 0..3 {
        sessions.push(start(&server, 2).await.1["ChatSessionId"].as_u64().expect("a number"));
    }
    start(&server, 3).await;
    let rows = async |query: &str| ask(&server, "GET", &format!("ChatTopic/2/Sessions?{query}"), Value::Null).await;
    let waiting = rows("$filter=status%20eq%20%27InQueue%27&$top=50").await;
    assert_eq!(waiting["value"].as_array().map(Vec::len), Some(2));
    assert!(waiting["odata.nextLink"].as_str().is_some_and(|link| link.contains("$skip=2")), "{waiting}");
    let before =
        rows(&format!("$filter=chatSessionId%20lt%20{}%20and%20status%20eq%20%27InQueue%27", sessions[1])).await;
    assert_eq!(
        (before["value"].as_array().map(Vec::len), &before["value"][0]["PrimaryKey"]),
        (Some(1), &json!(sessions[0]))
    );
    let unknown = send(&server, "GET", "ChatTopic/2/Sessions?$filter=colour%20eq%201", "", "").await;
    assert_eq!(unknown.status, 400);
}

#[tokio::test]
async fn a_transcript_is_one_text_without_markup_of_the_speakers() {
    let server = Server::quick().await;
    let (session, _) = start(&server, 2).await;
    say(&server, &session, "<b>hi</b>").await;
    let plain = ask(&server, "POST", &format!("{session}/Transcript?html=false"), Value::Null).await;
    assert!(plain.as_str().is_some_and(|text| text.ends_with("Ines: <b>hi</b>\n")), "{plain}");
    let html = ask(&server, "POST", &format!("{session}/Transcript?html=True"), Value::Null).await;
    assert!(html.as_str().is_some_and(|text| text.contains("&lt;b&gt;hi&lt;/b&gt;")), "{html}");
}

#[tokio::test]
async fn a_visitor_who_is_not_heard_of_is_given_up() {
    let server = Server::quick().await;
    server.settings(json!({"superoffice": {"deadAfterMs": 300}})).await;
    let (session, _) = start(&server, 2).await;
    ask(&server, "POST", &format!("{session}/Pickup"), Value::Null).await;
    server.until(|record| record["phase"] == "ended").await;
    assert_eq!(specials(&server, &session).await, ["Welcome", "ClosedByIdle"]);
    let (queued, _) = start(&server, 2).await;
    server.until(|record| record["phase"] == "ended").await;
    assert_eq!(status(&server, &queued).await, "ClosedFromQueue");
}

#[tokio::test]
async fn presence_follows_the_settings() {
    let server = Server::quick().await;
    let present = async || ask(&server, "POST", "Agents/Chat/GetChatPresence", json!({})).await[0]["Present"].clone();
    assert_eq!(present().await, "Present");
    server.settings(json!({"available": false})).await;
    assert_eq!(present().await, "NotPresent");
}

#[tokio::test]
async fn webhooks_tell_of_everything_and_are_signed() {
    let server = Server::quick().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let url = format!("http://{address}/hook");
    server.settings(json!({"superoffice": {"webhook": {"url": url, "secret": "Super"}}})).await;
    let (_, session) = start(&server, 2).await;
    let mut events = Vec::new();
    while events.len() < 2 {
        let (mut socket, _) =
            timeout(Duration::from_secs(5), listener.accept()).await.expect("in time").expect("a call");
        let mut text = String::new();
        let mut buffer = [0; 4096];
        while !text.contains("\"WebhookName\"") {
            let count = socket.read(&mut buffer).await.expect("bytes");
            text.push_str(std::str::from_utf8(&buffer[..count]).expect("text"));
        }
        socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await.expect("told");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
        let signature = holdfast_server::superoffice::signature("Super", body.as_bytes()).expect("a signature");
        assert!(head.contains(&format!("X-Superoffice-Signature: {signature}")), "{head}");
        let event: Value = serde_json::from_str(body).expect("JSON");
        assert_eq!(event["PrimaryKey"], session["ChatSessionId"]);
        events.push(event["Event"].as_str().expect("a name").to_owned());
    }
    assert_eq!(events, ["chatsession.created", "chatsession.changed"]);
}

#[tokio::test]
async fn faults_strike_by_the_names_of_the_resources() {
    let server = Server::quick().await;
    let (session, _) = start(&server, 2).await;
    server.fault("Messages", json!({"kind": "dropAnswer"})).await;
    let line = json!({"Type": "ToUser", "Message": "lost answer"}).to_string();
    let headers = [BEARER, ("Content-Type", "application/json")];
    assert!(server.ask("POST", &format!("{API}/{session}/Messages"), &headers, &line).await.is_none());
    assert_eq!(server.delivered().await, ["lost answer"]);
    server.fault("ChatSession", json!({"kind": "status", "code": 412})).await;
    assert_eq!(send(&server, "PATCH", &session, "application/json", "{}").await.status, 412);
}

#[tokio::test]
async fn the_demonstrations_gateway_suffers_faults_of_its_own() {
    let server = Server::quick().await;
    let begun = server.ask("POST", "/so/api/v1/ChatTopic/2/Sessions", &[], "").await.expect("an answer").json();
    let key = begun["SessionKey"].as_str().expect("a key");
    let path = format!("/so/api/v1/ChatSession/{}/Messages", begun["ChatSessionId"]);
    let headers = [("X-Chat-Session-Key", key), ("Content-Type", "application/json")];
    server.fault("so.Messages", json!({"kind": "dropAnswer"})).await;
    assert!(server.ask("POST", &path, &headers, r#"{"Message":"lost answer"}"#).await.is_none());
    let lines = server.ask("GET", &path, &headers, "").await.expect("an answer").json();
    assert_eq!(
        (lines[0]["Message"].clone(), server.delivered().await),
        (json!("lost answer"), vec!["lost answer".to_owned()])
    );
    assert_eq!(server.rules().await, [""; 0]);
}
