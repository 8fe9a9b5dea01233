//! The visitor's side of the LivePerson façade: every operation, once as the page says.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod common;
mod live_person_kit;

use common::Server;
use live_person_kit::{ACCOUNT, Guest, ask, gist, list, location, put, start, versioned};
use serde_json::{Value, json};

async fn get(server: &Server, tail: &str) -> Value {
    let answer = ask(server, "GET", &versioned(&format!("{ACCOUNT}/chat/{tail}")), "").await;
    assert_eq!(answer.status, 200, "{tail}: {}", answer.body);
    answer.json()
}

async fn strays(server: &Server) -> Vec<String> {
    let answer = server.ask("GET", "/control/violations", &[], "").await.expect("an answer").json();
    list(&answer).iter().map(|one| one["rule"].as_str().expect("a rule").to_owned()).collect()
}

#[tokio::test]
async fn hosts_are_found_without_credentials() {
    let server = Server::quick().await;
    let accept = [("Accept", "application/json")];
    for path in [
        format!("{ACCOUNT}/service/conversationVep/baseURI.json?version=1.0"),
        format!("{ACCOUNT}/service/conversationVep/baseURI?version=1.0"),
    ] {
        let service = server.ask("GET", &path, &accept, "").await.expect("an answer").json();
        assert_eq!((&service["service"], &service["account"]), (&json!("conversationVep"), &json!("55510001")));
        let host = service["baseURI"].as_str().expect("a host");
        assert!(host.starts_with("127.0.0.1:") && host.ends_with("/liveperson"), "{host}");
    }
    let all = "/liveperson/csdr/account/55510001/service/baseURI.json?version=1.0";
    let all = server.ask("GET", all, &[], "").await.expect("an answer").json();
    assert_eq!(all["baseURIs"].as_array().map(Vec::len), Some(3));
    let unknown = format!("{ACCOUNT}/service/nothing/baseURI.json?version=1.0");
    assert_eq!(server.ask("GET", &unknown, &[], "").await.map(|answer| answer.status), Some(400));
    let base = ask(&server, "GET", &versioned(ACCOUNT), "").await.json();
    assert_eq!(base["account"]["link"][3]["@rel"], "chat-request");
    assert_eq!(strays(&server).await, ["badService"]);
}

#[tokio::test]
async fn a_visitor_learns_whether_anybody_is_there() {
    let server = Server::quick().await;
    assert_eq!(get(&server, "availability").await, json!({"availability": true}));
    assert_eq!(get(&server, "availability.json?skill=Billing").await, json!({"availability": true}));
    let each = get(&server, "availability?skill=Billing&skill=Delivery").await;
    let each = each["availability"]["AvailabilityForSkills"]["skillAvailability"].clone();
    assert_eq!(each[1], json!({"skill": "Delivery", "isAvailable": true}));
    assert_eq!(get(&server, "availableSlots").await, json!({"availableSlots": 3}));
    assert_eq!(get(&server, "estimatedWaitTime").await, json!({"estimatedWaitTime": -2}));
    server.settings(json!({"estimatedWait": 20})).await;
    assert_eq!(get(&server, "estimatedWaitTime").await, json!({"estimatedWaitTime": 20}));
    server.settings(json!({"available": false})).await;
    assert_eq!(get(&server, "availability?agent=mara").await, json!({"availability": false}));
    assert_eq!(get(&server, "estimatedWaitTime").await, json!({"estimatedWaitTime": -1}));
    let guest = Guest::begin(&server).await;
    assert_eq!(gist(&guest.events(&server, 0).await), ["waiting", "#2"]);
    for query in ["serviceQueue=a", "maxWaitTime=86401", "agent=a&skill=b"] {
        let path = versioned(&format!("{ACCOUNT}/chat/availability?{query}"));
        assert_eq!(ask(&server, "GET", &path, "").await.status, 400, "{query}");
    }
}

#[tokio::test]
async fn a_chat_begins_is_read_and_ends() {
    let server = Server::quick().await;
    let request = json!({"skill": "Billing", "language": "en-GB", "preChatLines": {"line": ["Bot: hi"]},
        "campaignId": 3, "interactionTimeout": 90});
    let guest = Guest::begin_with(&server, request).await;
    let chat = guest.get(&server, "").await.json()["chat"].clone();
    let rels: Vec<&Value> = chat["link"].as_array().expect("links").iter().map(|link| &link["@rel"]).collect();
    assert_eq!(rels[..4], ["self", "events", "info", "next"]);
    assert!(chat["link"][3]["@href"].as_str().expect("a link").ends_with(&format!("{}?from=2", guest.path)));
    let first = &chat["events"]["event"][0];
    assert_eq!((&first["@id"], &first["@type"], &first["state"]), (&json!("0"), &json!("state"), &json!("waiting")));
    assert!(first["time"].as_str().is_some_and(|time| time.len() == 29 && time.ends_with("+02:00")));
    let info = &chat["info"];
    assert_eq!((&info["chatSessionKey"], &info["chatTimeout"]), (&json!(guest.id), &json!(90)));
    assert_eq!(
        (&info["visitorName"], &info["agentName"], &info["campaignId"]),
        (&json!("you"), &Value::Null, &json!(3))
    );
    server.agent(json!({"accept": {"name": "Mara"}})).await;
    let said = guest.say(&server, "Still there?").await;
    assert_eq!((said.status, said.body.as_str()), (201, ""));
    assert!(location(&said).expect("a location").ends_with(&format!("{}/events/4", guest.path)));
    server.agent(json!({"say": "Yes."})).await;
    server.agent(json!({"pushUrl": "https://example.com/"})).await;
    let events = guest.events(&server, 2).await;
    assert_eq!(gist(&events), ["chatting", "#3", "Still there?", "Yes.", ""]);
    assert_eq!((&events[2]["source"], &events[3]["by"]), (&json!("visitor"), &json!("Mara")));
    assert_eq!((&events[4]["@type"], &events[4]["url"]), (&json!("url"), &json!("https://example.com/")));
    let quiet = guest.get(&server, "/events?from=7").await.json()["events"].clone();
    assert_eq!(quiet["event"], Value::Null);
    assert!(quiet["link"][1]["@href"].as_str().is_some_and(|href| href.ends_with("/events?from=7")));
    assert_eq!(guest.leave(&server).await.status, 201);
    assert_eq!(gist(&guest.events(&server, 7).await), ["ended"]);
    assert_eq!(guest.info(&server).await["state"], "ended");
    let record = server.record().await;
    assert_eq!(
        (&record["delivered"][0]["text"], &record["delivered"][0]["sequence"]),
        (&json!("Still there?"), &json!(4))
    );
    assert_eq!(record["violations"], json!([]));
}

#[tokio::test]
async fn names_typing_surveys_and_transcripts() {
    let server = Server::quick().await;
    let guest = Guest::begin(&server).await;
    assert_eq!(guest.put(&server, "/info/visitorName", json!({"visitorName": "Ines"})).await.status, 200);
    assert_eq!(guest.get(&server, "/info/visitorName").await.json(), json!({"visitorName": "Ines"}));
    assert_eq!(guest.put(&server, "/info/visitorTyping", json!({"visitorTyping": "typing"})).await.status, 200);
    assert_eq!(guest.get(&server, "/info/visitorTyping").await.json(), json!({"visitorTyping": "typing"}));
    guest.put(&server, "/info/visitorTyping", json!({"visitorTyping": "not-typing"})).await;
    server.agent(json!({"accept": {}})).await;
    server.agent(json!({"typing": true})).await;
    assert_eq!(guest.get(&server, "/info/agentTyping").await.json(), json!({"agentTyping": "typing"}));
    server.agent(json!({"end": {"reason": "agent"}})).await;
    assert_eq!(gist(&guest.events(&server, 4).await), ["#5", "ended"]);
    let survey = guest.get(&server, "/exitSurvey").await.json()["survey"].clone();
    assert_eq!((&survey["id"], survey["questions"]["question"].as_array().map(Vec::len)), (&json!(771), Some(3)));
    let echo = guest.put(&server, "/exitSurvey", json!({"survey": survey})).await;
    assert_eq!(echo.status, 400);
    let answers = json!({"survey": {"id": 771, "question": [{"id": 9001, "answer": "5"},
        {"id": 9002, "answer": ["Delivery", "Price"]}]}});
    assert_eq!(guest.put(&server, "/exitSurvey", answers).await.status, 200);
    let mail = json!({"email": "a@example.net", "timezoneOffset": -3_600_000});
    assert_eq!(guest.put(&server, "/transcriptRequest", mail).await.status, 200);
    let record = server.record().await;
    let kinds: Vec<&Value> = record["events"].as_array().expect("events").iter().map(|event| &event["type"]).collect();
    assert_eq!(kinds, ["init", "rename", "typing", "notTyping", "survey", "transcript"]);
    assert_eq!(server.rules().await, ["badSurvey"]);
}

#[tokio::test]
async fn surveys_before_a_chat_and_without_one() {
    let server = Server::quick().await;
    let survey = get(&server, "preSurvey?skill=Billing").await["survey"].clone();
    assert_eq!(survey["questions"]["question"][2]["entry"][0]["logic"], json!({"showLogicId": 4}));
    let answers = |entry: &str| {
        json!({"survey": {"id": 701, "question": [{"id": 7001, "answer": "Ines"},
        {"id": 7003, "answer": entry}]}})
    };
    assert_eq!(start(&server, answers("order")).await.status, 400);
    assert_eq!(start(&server, answers("other")).await.status, 201);
    let path = format!("{ACCOUNT}/chat/offlineSurvey");
    assert_eq!(get(&server, "offlineSurvey").await["survey"]["id"], 702);
    let message = json!({"survey": {"id": 702, "skill": "Billing", "question": [
        {"id": 7101, "answer": "a@example.net"}, {"id": 7102, "answer": "Call me"}]}});
    assert_eq!(put(&server, &path, message).await.status, 200);
    let left = server.record().await;
    assert_eq!((&left["phase"], &left["events"][0]["kind"]), (&json!("ended"), &json!("offline")));
    assert_eq!(left["events"][0]["answers"][1], json!([7102, ["Call me"]]));
    server.settings(json!({"liveperson": {"preSurvey": null}})).await;
    assert_eq!(get(&server, "preSurvey").await, json!({}));
}

#[tokio::test]
async fn a_silent_visitor_is_lost_and_an_old_chat_is_gone() {
    let server = Server::quick().await;
    server.settings(json!({"liveperson": {"chatTimeoutMs": 300, "endedKeptMs": 300}})).await;
    let patient = Guest::begin_with(&server, json!({"interactionTimeout": 60})).await;
    let guest = Guest::begin(&server).await;
    assert_eq!(guest.info(&server).await["chatTimeout"], 0.3);
    server.until(|record| record["phase"] == "ended").await;
    assert_eq!(gist(&guest.events(&server, 2).await), ["#6", "ended"]);
    assert_eq!(patient.info(&server).await["state"], "waiting");
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    let gone = guest.get(&server, "").await;
    assert_eq!(gone.status, 404);
    assert_eq!(gone.json()["error"]["responseStatus"], "Not Found");
    assert_eq!(server.rules().await, [""; 0]);
}

#[tokio::test]
async fn a_chat_goes_on_in_another_account() {
    let server = Server::quick().await;
    server.settings(json!({"liveperson": {"transferAccount": "55510002"}})).await;
    let guest = Guest::begin(&server).await;
    guest.put(&server, "/info/visitorName", json!({"visitorName": "Ines"})).await;
    server.agent(json!({"accept": {}})).await;
    server.agent(json!({"transferToQueue": {}})).await;
    let offer = guest.events(&server, 4).await.remove(0);
    assert_eq!((&offer["@type"], &offer["remoteSiteId"]), (&json!("a2a-transfer"), &json!("55510002")));
    assert_eq!(offer["link"]["@rel"], "a2a-transfer");
    let parameters = offer["chatRequestParameters"].clone();
    let there = versioned("/liveperson/api/account/55510002/chat/request");
    let mut changed = parameters.clone();
    changed["skill"] = json!("Other");
    let refused = ask(&server, "POST", &there, &json!({"request": changed}).to_string()).await;
    assert_eq!(refused.status, 400);
    let begun = ask(&server, "POST", &there, &json!({"request": parameters}).to_string()).await;
    assert_eq!(begun.status, 201);
    let next = Guest::at(&location(&begun).expect("a location"));
    assert_eq!(next.info(&server).await["visitorName"], "Ines");
    assert_eq!(guest.info(&server).await["state"], "ended");
}
