//! The agents' side of the LivePerson façade: who rings, who answers, and chats of every dialect at one desk.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail loudly")]

mod common;
#[path = "genesys/visitor.rs"]
#[allow(dead_code, reason = "only a few of its visitors come to the desk")]
mod genesys;
mod live_person_kit;

use common::{Server, Visitor};
use holdfast_server::settings::Settings;
use live_person_kit::{ACCOUNT, Clerk, Guest, gist, list};
use serde_json::{Value, json};

#[tokio::test]
async fn an_agent_logs_in_and_takes_who_rings() {
    let server = Server::quick().await;
    let clerk = Clerk::sit(&server, "Mara").await;
    assert_eq!(clerk.get(&server, "/availability").await.json(), json!({"availability": {"chat": "Away"}}));
    let guest = Guest::begin(&server).await;
    let incoming = clerk.get(&server, "/incomingRequests").await.json()["incomingRequests"].clone();
    assert_eq!((&incoming["ringingCount"], &incoming["link"]), (&json!("0"), &Value::Null));
    clerk.put(&server, "/availability", json!({"availability": {"chat": "Online"}})).await;
    let incoming = clerk.get(&server, "/incomingRequests").await.json()["incomingRequests"].clone();
    assert_eq!((&incoming["ringingCount"], &incoming["link"]["@rel"]), (&json!("1"), &json!("self")));
    assert_eq!(incoming["holdfast"]["ringing"][0]["chatSessionKey"], guest.id);
    assert_eq!(clerk.accept(&server).await.as_ref(), Some(&guest.id));
    assert_eq!(gist(&guest.events(&server, 0).await), ["waiting", "#4", "chatting", "#3"]);
    assert_eq!(guest.info(&server).await["agentName"], "Mara");
    let sessions = clerk.get(&server, "/chatSessions").await.json()["chatSessions"]["chatSession"].clone();
    assert_eq!(sessions["chatSessionKey"], guest.id);
    assert!(sessions["startTime"].is_u64());
    assert_eq!(clerk.accept(&server).await, None);
}

#[tokio::test]
async fn lines_come_with_contiguous_ids_and_go_both_ways() {
    let server = Server::quick().await;
    let (guest, clerk) = (Guest::begin(&server).await, Clerk::online(&server, "Mara").await);
    let key = clerk.accept(&server).await.expect("a chat");
    guest.say(&server, "hello").await;
    let said = clerk.say(&server, &key, "hi").await;
    assert_eq!(said.status, 201);
    let body = said.json();
    let href = body["chatEventLocation"]["link"]["@href"].as_str().expect("a link");
    assert!(href.ends_with(&format!("/chat/{key}/events/5")), "{href}");
    let html = json!({"event": {"type": "line", "textType": "html", "text": "<b>bold</b>"}});
    assert_eq!(clerk.post(&server, &format!("/chat/{key}/events"), html).await.status, 201);
    let events = clerk.many(&server, &format!("chatSessionKeys={key}")).await[0]["events"]["event"].clone();
    let ids: Vec<Value> = list(&events).iter().map(|event| event["id"].clone()).collect();
    assert_eq!(ids, (0..7).map(|id| json!(id)).collect::<Vec<_>>());
    let last = guest.events(&server, 6).await;
    assert_eq!((&last[0]["textType"], &last[0]["by"]), (&json!("html"), &json!("Mara")));
    let unsafe_html = json!({"event": {"type": "line", "textType": "html", "text": "<a onclick=x()>y</a>"}});
    assert_eq!(clerk.post(&server, &format!("/chat/{key}/events"), unsafe_html).await.status, 400);
    let end = json!({"event": {"@type": "state", "state": "ended"}});
    assert_eq!(clerk.post(&server, &format!("/chat/{key}/events"), end).await.status, 201);
    assert_eq!(gist(&guest.events(&server, 7).await), ["#5", "ended"]);
    assert_eq!(clerk.say(&server, &key, "late").await.status, 400);
}

#[tokio::test]
async fn one_accepts_and_the_other_is_refused() {
    let server = Server::quick().await;
    let guest = Guest::begin(&server).await;
    let (mara, ilse) = (Clerk::online(&server, "Mara").await, Clerk::online(&server, "Ilse").await);
    let (one, other) = tokio::join!(mara.accept(&server), ilse.accept(&server));
    assert!(one.is_some() != other.is_some());
    let (has, has_not) = if one.is_some() { (mara, ilse) } else { (ilse, mara) };
    assert_eq!(has_not.act(&server, &guest.id, json!({"accept": {}})).await, 409);
    assert_eq!(has_not.say(&server, &guest.id, "me too").await.status, 409);
    assert!(has_not.many(&server, &format!("chatSessionKeys={}", guest.id)).await.is_empty());
    let transfer = json!({"transfer": {"agent": {"id": has_not.person}, "text": "knows the order"}});
    assert_eq!(has.post(&server, &format!("/chat/{}/transfer", guest.id), transfer).await.status, 200);
    assert_eq!(gist(&guest.events(&server, 4).await), ["#13"]);
    let chats = has_not.many(&server, &format!("chatSessionKeys={}", guest.id)).await;
    let beside = &chats[0]["info"]["holdfast"];
    assert_eq!((&beside["mine"], &beside["note"]), (&json!(true), &json!("knows the order")));
    assert!(has.many(&server, &format!("chatSessionKeys={}", guest.id)).await.is_empty());
}

#[tokio::test]
async fn many_chats_of_several_dialects_come_in_one_answer() {
    let server = Server::quick().await;
    let clerk = Clerk::online(&server, "Mara").await;
    let guest = Guest::begin(&server).await;
    let mut visitor = Visitor::queue(&server).await;
    assert_eq!(clerk.accept(&server).await.as_ref(), Some(&guest.id));
    assert_eq!(clerk.accept(&server).await.as_ref(), Some(&visitor.id));
    visitor.poll(&server, -1).await;
    visitor.post(&server, "ChasitorTyping", json!({})).await;
    visitor.post(&server, "ChasitorSneakPeek", json!({"position": 0, "text": "where is"})).await;
    let keys = format!("chatSessionKeys={},nobody,{}", guest.id, visitor.id);
    let chats = clerk.many(&server, &format!("{keys}&fromEventIds=3,,3")).await;
    assert_eq!(chats.len(), 2);
    assert_eq!((&chats[0]["info"]["chatSessionKey"], &chats[0]["events"]["event"]), (&json!(guest.id), &Value::Null));
    let beside = &chats[1]["info"]["holdfast"];
    assert_eq!((&beside["dialect"], &beside["unsent"]), (&json!("live-agent"), &json!("where is")));
    assert_eq!(
        (&chats[1]["info"]["visitorTyping"], &chats[1]["info"]["visitorName"]),
        (&json!("typing"), &json!("Rana K."))
    );
    assert_eq!(beside["mine"], true);
    visitor.say(&server, "where is my parcel").await;
    assert_eq!(clerk.say(&server, &visitor.id, "on its way").await.status, 201);
    assert_eq!(clerk.act(&server, &visitor.id, json!({"requestFile": {}})).await, 200);
    let chats = clerk.many(&server, &format!("chatSessionKeys={}&fromEventIds=3", visitor.id)).await;
    let events = list(&chats[0]["events"]["event"]);
    assert_eq!(gist(&events), ["where is my parcel", "on its way", "A file was asked for."]);
    let sources: Vec<&Value> = events.iter().map(|event| &event["source"]).collect();
    assert_eq!(sources, ["visitor", "agent", "system"]);
    let beside = &chats[0]["info"]["holdfast"];
    assert_eq!((&beside["unsent"], &beside["awaitsFile"]), (&json!(""), &json!(true)));
    server.settings(json!({"liveperson": {"fromEventIds": "inclusive"}})).await;
    let chats = clerk.many(&server, &format!("chatSessionKeys={}&fromEventIds=6", visitor.id)).await;
    assert_eq!(chats[0]["events"]["event"]["id"], 6);
    assert_eq!(server.rules().await, [""; 0]);
}

#[tokio::test]
async fn the_desk_answers_visitors_of_both_genesys_chats() {
    for variant in [genesys::Variant::Web, genesys::Variant::Mobile] {
        let server = Server::quick().await;
        let clerk = Clerk::online(&server, "Mara").await;
        let visitor = genesys::Visitor::queue(&server, variant).await;
        let key = clerk.accept(&server).await.expect("a chat");
        visitor.say(&server, "where is my parcel").await;
        assert_eq!(clerk.say(&server, &key, "on its way").await.status, 201);
        assert_eq!(clerk.act(&server, &key, json!({"typing": true})).await, 200);
        let chats = clerk.many(&server, &format!("chatSessionKeys={key}")).await;
        let info = &chats[0]["info"];
        assert_eq!((&info["agentTyping"], &info["agentName"]), (&json!("typing"), &json!("Mara")));
        assert_eq!(info["holdfast"]["dialect"], "genesys");
        assert_eq!(info["holdfast"]["details"][0], json!({"label": null, "value": "Parcel"}));
        assert!(visitor.poll(&server, 1).await.body.contains("on its way"));
        visitor.leave(&server).await;
        let chats = clerk.many(&server, &format!("chatSessionKeys={key}&fromEventIds=3")).await;
        assert_eq!(gist(&list(&chats[0]["events"]["event"])), ["where is my parcel", "on its way", "ended"]);
        assert_eq!(chats[0]["info"]["state"], "ended");
    }
}

#[tokio::test]
async fn the_page_that_a_visitor_shows_stands_on_the_desk_and_a_notice_for_programs_does_not() {
    let server = Server::quick().await;
    let clerk = Clerk::online(&server, "Mara").await;
    let visitor = genesys::Visitor::queue(&server, genesys::Variant::Mobile).await;
    let key = clerk.accept(&server).await.expect("a chat");
    visitor.say(&server, "this one").await;
    visitor.ask(&server, "pushUrl", &[("pushUrl", "https://example.com/kettle?a=1&b=2")]).await;
    visitor.ask(&server, "customNotice", &[("message", "{}")]).await;
    let chats = clerk.many(&server, &format!("chatSessionKeys={key}&fromEventIds=3")).await;
    let events = list(&chats[0]["events"]["event"]);
    assert_eq!(gist(&events), ["this one", "The visitor shows you a page: https://example.com/kettle?a=1&b=2"]);
    assert_eq!((&events[1]["source"], &events[1]["textType"]), (&json!("system"), &json!("plain")));
}

#[tokio::test]
async fn an_agent_types_transfers_to_a_skill_and_answers_a_survey() {
    let server = Server::quick().await;
    let (guest, clerk) = (Guest::begin(&server).await, Clerk::online(&server, "Mara").await);
    let key = clerk.accept(&server).await.expect("a chat");
    let typing = format!("/chat/{key}/info/agentTyping");
    assert_eq!(clerk.put(&server, &typing, json!({"agentTyping": "typing"})).await.status, 200);
    assert_eq!(guest.get(&server, "/info/agentTyping").await.json(), json!({"agentTyping": "typing"}));
    let survey = clerk.get(&server, &format!("/chat/{key}/survey")).await.json();
    assert_eq!(survey["survey"]["questions"]["question"]["id"], 9901);
    let answers = json!({"survey": {"id": 790, "question": {"id": 9901, "answer": "yes"}}});
    assert_eq!(clerk.put(&server, &format!("/chat/{key}/survey"), answers).await.status, 200);
    let transfer = json!({"transfer": {"skill": {"id": 32}, "text": "a parcel"}});
    assert_eq!(clerk.post(&server, &format!("/chat/{key}/transfer"), transfer).await.status, 200);
    assert_eq!(gist(&guest.events(&server, 4).await), ["#15", "waiting"]);
    let info = guest.info(&server).await;
    assert_eq!(
        (&info["skillName"], &info["skillId"], &info["state"]),
        (&json!("Delivery"), &json!(32), &json!("waiting"))
    );
    assert_eq!(info["agentName"], Value::Null);
    assert_eq!(clerk.accept(&server).await, Some(key));
    assert_eq!(gist(&guest.events(&server, 6).await), ["chatting", "#13"]);
}

#[tokio::test]
async fn a_chat_that_rings_too_long_sends_the_agent_away() {
    let server = Server::quick().await;
    server.settings(json!({"liveperson": {"awayAfterMs": 50}})).await;
    let clerk = Clerk::online(&server, "Mara").await;
    let _guest = Guest::begin(&server).await;
    for _ in 0..100 {
        if clerk.get(&server, "/availability").await.json()["availability"]["chat"] == "Away" {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the agent never went away");
}

#[tokio::test]
async fn an_agent_who_leaves_or_falls_silent_lets_go() {
    let server = Server::quick().await;
    let (guest, clerk) = (Guest::begin(&server).await, Clerk::online(&server, "Mara").await);
    clerk.accept(&server).await.expect("a chat");
    server.settings(json!({"liveperson": {"agentLapseMs": 50}})).await;
    server.until(|record| record["agentName"] == Value::Null).await;
    assert_eq!(gist(&guest.events(&server, 4).await), ["#23", "waiting"]);
    assert_eq!(clerk.get(&server, "/availability").await.status, 404);
}

#[tokio::test]
async fn the_script_leaves_a_conversation_to_whoever_is_online() {
    let server = Server::with(Settings { pace: 0.01, ..Settings::demo() }).await;
    let clerk = Clerk::online(&server, "Mara").await;
    let guest = Guest::begin(&server).await;
    let mut visitor = Visitor::queue(&server).await;
    tokio::time::sleep(std::time::Duration::from_millis(150)).await;
    assert_eq!(server.record().await["phase"], "queued");
    assert_eq!(clerk.accept(&server).await.as_ref(), Some(&guest.id));
    guest.say(&server, "long").await;
    clerk.put(&server, "/availability", json!({"availability": {"chat": "Away"}})).await;
    server.until(|record| record["agentName"] == "Noor B.").await;
    visitor.poll(&server, -1).await;
    visitor.say(&server, "hello").await;
    assert_eq!(gist(&guest.events(&server, 4).await), ["long"]);
    assert_eq!(clerk.act(&server, &visitor.id, json!({"say": "me"})).await, 409);
    assert_eq!(clerk.act(&server, &visitor.id, json!({"transfer": {}})).await, 200);
    assert_eq!(server.record().await["agentName"], "Mara");
    assert_eq!(clerk.act(&server, &visitor.id, json!({"transfer": {"name": "Holdfast bot", "bot": true}})).await, 200);
    visitor.say(&server, "are you a bot").await;
    let quote =
        |line: &Value| line["type"] == "ChatMessage" && line["message"]["text"].to_string().contains("“are you a bot”");
    server.until(|record| record["sent"].as_array().expect("a list").iter().any(quote)).await;
    let chats = clerk.many(&server, &format!("chatSessionKeys={}", visitor.id)).await;
    assert_eq!(chats[0]["info"]["holdfast"]["bot"], true);
}

#[tokio::test]
async fn the_script_answers_when_nobody_is_at_the_desk() {
    let server = Server::with(Settings { pace: 0.01, ..Settings::demo() }).await;
    let guest = Guest::begin(&server).await;
    guest.put(&server, "/info/visitorName", json!({"visitorName": "Ines"})).await;
    let has = |record: &Value, words: &str| record["sent"].to_string().contains(words);
    server.until(|record| has(record, "Hello")).await;
    guest.say(&server, "html").await;
    server.until(|record| has(record, "<script>")).await;
    let line = guest.events(&server, 0).await.pop().expect("a line");
    assert_eq!((&line["textType"], &line["source"]), (&json!("html"), &json!("agent")));
    guest.say(&server, "transfer").await;
    server.until(|record| has(record, "this is Ilse")).await;
    let gist = gist(&guest.events(&server, 7).await);
    assert!(gist.windows(4).any(|four| four == ["#23", "waiting", "chatting", "#13"]), "{gist:?}");
    guest.say(&server, "end").await;
    server.until(|record| record["phase"] == "ended").await;
    let declined = Server::with(Settings { pace: 0.01, ..Settings::demo() }).await;
    declined.settings(json!({"script": "decline"})).await;
    let guest = Guest::begin(&declined).await;
    declined.until(|record| record["phase"] == "ended").await;
    assert_eq!(live_person_kit::gist(&guest.events(&declined, 2).await), ["#2", "ended"]);
}

#[tokio::test]
async fn the_desk_sends_a_visitor_to_another_account_and_logs_out() {
    let server = Server::quick().await;
    let (guest, clerk) = (Guest::begin(&server).await, Clerk::online(&server, "Mara").await);
    clerk.accept(&server).await.expect("a chat");
    let transfer = json!({"transfer": {"account": {"id": "55510002"}}});
    let tail = format!("/chat/{}/transferAccount", guest.id);
    assert_eq!(clerk.post(&server, &tail, transfer).await.status, 200);
    assert_eq!(guest.events(&server, 4).await[0]["@type"], "a2a-transfer");
    assert_eq!(clerk.accept(&server).await, None);
    let next = Guest::begin(&server).await;
    assert_eq!(clerk.accept(&server).await.as_ref(), Some(&next.id));
    assert_eq!(clerk.delete(&server).await.status, 200);
    assert_eq!(gist(&next.events(&server, 4).await), ["#23", "waiting"]);
}

#[tokio::test]
async fn a_stranger_and_a_colleagues_seat_are_refused() {
    let server = Server::quick().await;
    let (mara, ilse) = (Clerk::sit(&server, "Mara").await, Clerk::sit(&server, "Ilse").await);
    let intruder = Clerk { bearer: ilse.bearer.clone(), ..mara.clone() };
    assert_eq!(intruder.get(&server, "/availability").await.status, 404);
    let stranger = Clerk { bearer: "nobody".to_owned(), ..mara.clone() };
    assert_eq!(stranger.get(&server, "/availability").await.status, 401);
    assert_eq!(mara.get(&server, "/chat?chatSessionKeys=").await.status, 400);
    let headers = [("Accept", "application/json"), ("Content-Type", "application/json")];
    let door = async |tail: &str, body: Value| {
        let path = format!("{ACCOUNT}/{tail}?v=1.3");
        server.ask("POST", &path, &headers, &body.to_string()).await.expect("an answer")
    };
    let login = door("login", json!({"username": "Mara", "password": ""})).await.json();
    let again = door("refresh", json!({"csrf": login["csrf"]})).await;
    assert_eq!(again.json()["bearer"], mara.bearer);
    assert_eq!(door("refresh", json!({"csrf": "c1.1"})).await.status, 401);
    let agents = mara.get(&server, "/chat/availableAgents").await.json()["agents"]["agent"].clone();
    assert_eq!(list(&agents).len(), 2);
}

#[tokio::test]
async fn who_a_bot_of_superoffice_lets_go_rings_once_the_form_is_filled_in() {
    let server = Server::quick().await;
    let clerk = Clerk::online(&server, "Mara").await;
    let begun = server.ask("POST", "/so/api/v1/ChatTopic/1/Sessions", &[], "").await.expect("an answer").json();
    let (id, key) = (begun["ChatSessionId"].to_string(), begun["SessionKey"].as_str().expect("a key").to_owned());
    let tell = async |method: &str, tail: &str, body: Value| {
        let headers = [("X-Chat-Session-Key", key.as_str()), ("Content-Type", "application/json")];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = server.ask(method, &format!("/so/api/v1/ChatSession/{id}{tail}"), &headers, &body).await;
        answer.expect("an answer").json()
    };
    let lists = async || clerk.get(&server, "/incomingRequests").await.json()["incomingRequests"]["holdfast"].clone();
    let waiting = lists().await;
    assert_eq!((&waiting["ringing"], &waiting["others"][0]["bot"]), (&json!([]), &json!(true)));
    tell("POST", "/Messages", json!({"Message": "my kettle leaks"})).await;
    assert_eq!(tell("POST", "/Reset", Value::Null).await["Status"], "PreChatForm");
    assert_eq!(clerk.accept(&server).await, None);
    tell("PATCH", "", json!({"CustomerName": "Ines Roth", "CustomerEmail": "ines@example.net"})).await;
    let card = lists().await["ringing"][0].clone();
    assert_eq!((&card["visitorName"], &card["dialect"]), (&json!("Ines Roth"), &json!("superoffice")));
    assert!(list(&card["details"]).contains(&json!({"label": "CustomerEmail", "value": "ines@example.net"})), "{card}");
    assert_eq!(clerk.accept(&server).await.as_ref(), Some(&id));
    assert_eq!(clerk.say(&server, &id, "Hello Ines").await.status, 201);
    server.until(|record| record["session"]["user"] == "Mara").await;
    let lines = tell("GET", "/Messages", Value::Null).await;
    let texts: Vec<&Value> = lines.as_array().expect("a list").iter().map(|line| &line["Message"]).collect();
    assert!(texts.contains(&&json!("my kettle leaks")) && texts.last() == Some(&&json!("Hello Ines")), "{texts:?}");
    // What bot and visitor said stands at the desk too.
    let events = clerk.many(&server, &format!("chatSessionKeys={id}")).await[0]["events"]["event"].clone();
    assert!(list(&events).iter().any(|event| event["text"] == "my kettle leaks"), "{events}");
    assert_eq!(server.rules().await, [""; 0]);
}
