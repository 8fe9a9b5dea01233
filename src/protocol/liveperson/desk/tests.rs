//! Rounds of asking, and what may go wrong with one chat among many.

use super::*;

#[test]
fn chats_with_and_without_a_position_are_asked_for_apart_and_in_one_order() {
    let mut chats = watching(&[("b", Some(7)), ("a", Some(0)), ("d", None), ("c", None)]);

    assert_eq!(urls(&chats), ["chat?chatSessionKeys=c,d", "chat?chatSessionKeys=a,b&fromEventIds=0,7"]);

    chats.unwatch(&key("a"));
    chats.watch(key("b"), Some(2));
    assert_eq!(urls(&chats), ["chat?chatSessionKeys=c,d", "chat?chatSessionKeys=b&fromEventIds=7"]);
    assert_eq!(chats.keys().map(ChatKey::as_str).collect::<Vec<_>>(), ["b", "c", "d"]);
}

#[test]
fn nothing_is_asked_for_nobody() {
    assert!(watching(&[]).inquiries().is_empty());
}

#[test]
fn each_request_has_what_an_agents_call_has() {
    let chats = watching(&[("a", None)]);

    let request = chats.inquiries()[0].request().clone();

    assert_eq!(request.url, format!("{S}/chat?chatSessionKeys=a&v=1&NC=true"));
    assert_eq!(request.method, Method::Get);
    assert!(request.headers.contains(&("Authorization", "Bearer t0k3n-1767225600123".to_owned())));
}

#[test]
fn an_address_stays_short() {
    let names: Vec<String> = (0..300).map(|number| format!("H{number:03}-9f1c!K7001")).collect();
    let mut chats = ManyChats::new(session());
    names.iter().for_each(|name| chats.watch(key(name), Some(1_000_000)));

    let inquiries = chats.inquiries();

    let asked: usize = inquiries.iter().map(|inquiry| inquiry.keys().len()).sum();
    assert_eq!(asked, 300);
    assert!(inquiries.len() < 10);
    for inquiry in &inquiries {
        assert!(inquiry.request().url.len() <= LONGEST_URL);
        let positions = inquiry.request().url.matches("1000000").count();
        assert_eq!(positions, inquiry.keys().len());
    }
}

#[test]
fn a_position_that_the_server_takes_as_inclusive_or_as_exclusive_tells_nothing_twice() {
    for events in ["[4,5,6]", "[5,6]", "[0,1,2,3,4,5,6]", "[6,5,5]"] {
        let mut chats = watching(&[("a", Some(4))]);
        assert_eq!(said(&chats.ask(&many(&[("a", events)]))), [("a".to_owned(), 5), ("a".to_owned(), 6)], "{events}");
        assert_eq!(chats.position(&key("a")), Some(6));
        assert!(said(&chats.ask(&many(&[("a", "6")]))).is_empty());
    }
}

#[test]
fn chats_are_told_apart_by_their_keys_and_not_by_their_place() {
    let mut chats = watching(&[("a", None), ("b", None), ("c", None)]);

    let news = chats.ask(&many(&[("c", "0"), ("x", "9"), ("a", "[0,1]"), ("b", "[]")]));

    let expected = [("c", 0), ("a", 0), ("a", 1)].map(|(name, id)| (name.to_owned(), id));
    assert_eq!(said(&news), expected);
    assert_eq!(chats.position(&key("x")), None);
}

#[test]
fn a_chat_without_information_is_told_by_its_own_address() {
    let mut chats = watching(&[("a", None)]);
    let body = r#"{"chats":{"chat":{"link":{"@rel":"self","@href":"/api/account/1/agentSession/8/chat/a?v=1"},
        "events":{"event":{"@id":"0","@type":"line","text":7,"source":"agent"}}}}}"#;

    assert_eq!(said(&chats.ask(body)), [("a".to_owned(), 0)]);
}

#[test]
fn a_chat_that_is_missing_is_asked_for_alone_before_it_is_gone() {
    let mut chats = watching(&[("a", Some(1)), ("b", Some(2))]);

    assert!(chats.ask(&many(&[("a", "[]")])).iter().all(|news| news.key == key("a")));
    assert_eq!(urls(&chats), ["chat?chatSessionKeys=a&fromEventIds=1", "chat/b?from=2"]);

    let round = chats.inquiries();
    assert_eq!(chats.receive(&round[1], &answer(404, "")), Ok(vec![News { key: key("b"), fact: Fact::Gone }]));
    assert_eq!(urls(&chats), ["chat?chatSessionKeys=a&fromEventIds=1"]);
    assert_eq!(chats.receive(&round[1], &answer(404, "")), Ok(vec![]), "and is told once");
}

#[test]
fn a_chat_that_is_found_alone_stays_so_for_a_while_and_then_comes_back() {
    let mut chats = watching(&[("b", Some(2))]);
    chats.ask(r#"{"chats":""}"#);

    let news = chats.ask(&one("b", "[2,3]"));
    assert_eq!(said(&news), [("b".to_owned(), 3)]);
    for _ in 0..ALONE {
        assert_eq!(urls(&chats), ["chat/b?from=3"]);
        chats.ask(&one("b", "[]"));
    }
    assert_eq!(urls(&chats), ["chat?chatSessionKeys=b&fromEventIds=3"]);
}

#[test]
fn one_key_that_is_refused_does_not_harm_the_others() {
    let names = ["a", "b", "bad", "c", "d"];
    let mut chats = watching(&names.map(|name| (name, Some(0))));
    let mut rounds = 0;
    let mut gone = Vec::new();
    while gone.is_empty() {
        rounds += 1;
        assert!(rounds < 6, "{:?}", urls(&chats));
        for inquiry in chats.inquiries() {
            let is_refused = inquiry.keys().contains(&key("bad"));
            let response = match inquiry.keys() {
                _ if is_refused => answer(400, ""),
                [alone] if inquiry.is_alone => answer(200, &one(alone.as_str(), &format!("{rounds}"))),
                keys => {
                    let told: Vec<(&str, &str)> = keys.iter().map(|key| (key.as_str(), "1")).collect();
                    answer(200, &many(&told))
                }
            };
            let news = chats.receive(&inquiry, &response).unwrap_or_default();
            gone.extend(news.into_iter().filter(|news| news.fact == Fact::Gone));
        }
    }

    assert_eq!(gone, [News { key: key("bad"), fact: Fact::Gone }]);
    for name in ["a", "b", "c", "d"] {
        assert!(chats.position(&key(name)) >= Some(1), "{name}");
    }
    for _ in 0..=ALONE + 8 {
        for inquiry in chats.inquiries() {
            let names: Vec<(&str, &str)> = inquiry.keys().iter().map(|key| (key.as_str(), "[]")).collect();
            let body = if inquiry.is_alone { one(names[0].0, "[]") } else { many(&names) };
            assert!(chats.receive(&inquiry, &answer(200, &body)).is_ok());
        }
    }
    assert_eq!(chats.inquiries().len(), 1, "what was parted comes together again");
}

#[test]
fn an_answer_that_cannot_be_used_changes_nothing() {
    let mut chats = watching(&[("a", Some(1)), ("b", None)]);
    let before = urls(&chats);
    for (status, body, remedy) in [
        (500, "", "the backend is not available (status 500)"),
        (429, "", "the backend is not available (status 429)"),
        (200, "", "the answer to chats is not understood: not JSON"),
        (200, "[]", "the answer to chats is not understood: chats is missing"),
        (200, r#"{"error":{"message":"x"}}"#, "the answer to chats is not understood: it carries an error"),
        (401, "", "the conversation is over (expired)"),
    ] {
        for inquiry in chats.inquiries() {
            let error = chats.receive(&inquiry, &answer(status, body)).expect_err("it cannot be used");
            assert_eq!(error.to_string(), remedy);
        }
        assert_eq!(urls(&chats), before);
    }
}

#[test]
fn whoever_is_throttled_waits_for_a_second() {
    let mut chats = watching(&[("a", None)]);
    let inquiry = chats.inquiries().remove(0);

    let error = chats.receive(&inquiry, &answer(429, ""));

    assert_eq!(error, Err(ProtocolError::Unavailable { status: 429, after: Some(Duration::from_secs(1)) }));
}

#[test]
fn an_error_in_one_chat_leaves_it_to_be_asked_for_alone() {
    let mut chats = watching(&[("a", Some(0)), ("b", Some(0))]);
    let body = r#"{"chats":{"chat":[{"info":{"chatSessionKey":"a"},"error":{"message":"x"}},
        {"info":{"chatSessionKey":"b"},"events":{"event":{"id":1,"type":"line","text":"x","source":"agent"}}}]}}"#;

    assert_eq!(said(&chats.ask(body)), [("b".to_owned(), 1)]);
    assert_eq!(urls(&chats), ["chat?chatSessionKeys=b&fromEventIds=1", "chat/a?from=0"]);
}

#[test]
fn states_and_typing_are_told_when_they_change_and_the_end_is_the_last_of_it() {
    let mut chats = watching(&[("a", None)]);
    let standing = |state: &str, visitor: &str, events: &str| {
        format!(
            r#"{{"chats":{{"chat":{{"events":{{"event":[{events}]}},"info":{{"chatSessionKey":"a","state":"{state}",
            "visitorTyping":"{visitor}","agentTyping":"not-typing"}}}}}}}}"#
        )
    };
    let facts =
        |chats: &mut ManyChats, body: &str| chats.ask(body).into_iter().map(|news| news.fact).collect::<Vec<_>>();

    let waiting = facts(&mut chats, &standing("waiting", "not-typing", r#"{"id":0,"type":"state","state":"waiting"}"#));
    assert_eq!(waiting, [Fact::State(ChatState::Waiting)]);
    let typing = facts(&mut chats, &standing("chatting", "typing", ""));
    assert_eq!(typing, [Fact::State(ChatState::Chatting), Fact::VisitorTyping(Activity::Typing)]);
    assert_eq!(facts(&mut chats, &standing("chatting", "typing", "")), []);
    assert_eq!(
        facts(&mut chats, &standing("chatting", "not-typing", r#"{"id":1,"type":"collaboration"}"#)),
        [Fact::Ignored { kind: "collaboration".to_owned() }, Fact::VisitorTyping(Activity::Silent)]
    );
    let end = r#"{"id":2,"type":"line","text":"Bye","source":"system","systemMessageId":"5"},{"id":3,"type":"state","state":"ended"}"#;
    let ended = facts(&mut chats, &standing("ended", "typing", end));
    assert!(matches!(&*ended, [Fact::Said { id: 2, .. }, Fact::Ended]), "{ended:?}");
    assert!(chats.inquiries().is_empty());
}

#[test]
fn no_answer_of_any_shape_brings_it_down_or_back() {
    const BODIES: [&str; 10] = [
        r#"{"chats":null}"#,
        r#"{"chats":[]}"#,
        r#"{"chats":7}"#,
        r#"{"chats":{"chat":7}}"#,
        r#"{"chats":{"chat":[null,[],"x",{"info":7},{"info":{"chatSessionKey":{}}}]}}"#,
        r#"{"chats":{"chat":{"info":{"chatSessionKey":"a"},"events":7}}}"#,
        r#"{"chats":{"chat":{"info":{"chatSessionKey":"a"},"events":{"event":[7,null,{"id":{}},{"id":-5},{"id":1e9}]}}}}"#,
        r#"{"chats":{"chat":{"info":{"chatSessionKey":"a","state":[]},"events":{"event":{"id":9007199254740991}}}}}"#,
        r#"{"chat":null}"#,
        r#"{"chat":{"info":{"chatSessionKey":"b"}}}"#,
    ];
    for body in BODIES {
        let mut chats = watching(&[("a", Some(3))]);
        for _ in 0..3 {
            for inquiry in chats.inquiries() {
                let _ = chats.receive(&inquiry, &answer(200, body));
            }
        }
        assert!(chats.position(&key("a")) >= Some(3), "{body}");
    }
}

#[test]
fn a_key_that_could_not_stand_in_a_list_is_none() {
    for text in ["", " ", "a,b", "two words", "a\nb", "ключ"] {
        assert_eq!(ChatKey::parse(text), None, "{text}");
    }
    assert_eq!(ChatKey::parse(&"a".repeat(LONGEST_KEY + 1)), None);
    for (address, bearer) in
        [("", "t"), ("agent.example", "t"), (S, ""), (S, "two words"), ("https://a.example?x=1", "t")]
    {
        assert_eq!(AgentSession::parse(address, bearer), None, "{address} {bearer}");
    }
}

#[test]
fn the_token_is_not_shown() {
    let chats = watching(&[("a", None)]);
    let shown = format!("{chats:?} {:?}", chats.inquiries());

    assert!(!shown.contains("1767225600123"), "{shown}");
}

impl ManyChats {
    /// Asks once, and takes over this answer to the only inquiry.
    fn ask(&mut self, body: &str) -> Vec<News> {
        let inquiry = self.inquiries().remove(0);
        self.receive(&inquiry, &answer(200, body)).expect("it is understood")
    }
}

fn watching(chats: &[(&str, Option<i64>)]) -> ManyChats {
    let mut many = ManyChats::new(session());
    chats.iter().for_each(|(name, position)| many.watch(key(name), *position));
    many
}

fn session() -> AgentSession {
    AgentSession::parse(S, "t0k3n-1767225600123").expect("it can be asked at")
}

fn key(name: &str) -> ChatKey {
    ChatKey::parse(name).expect("it is one")
}

fn answer(status: u16, body: &str) -> Response {
    Response { status, body: body.to_owned(), ..Response::default() }
}

/// The addresses of a round, without what all have.
fn urls(chats: &ManyChats) -> Vec<String> {
    let inquiries = chats.inquiries();
    let urls = inquiries.iter().map(|inquiry| inquiry.request().url.replace(&format!("{S}/"), ""));
    urls.map(|url| url.replace("&v=1&NC=true", "").replace("?v=1&NC=true", "")).collect()
}

/// An answer with these chats, each with lines of these ids: a list of them, or one alone.
fn many(chats: &[(&str, &str)]) -> String {
    let chats: Vec<String> = chats.iter().map(|(name, ids)| chat(name, ids)).collect();
    format!("{{\"chats\":{{\"chat\":[{}]}}}}", chats.join(","))
}

fn one(name: &str, ids: &str) -> String {
    format!("{{\"chat\":{}}}", chat(name, ids))
}

fn chat(name: &str, ids: &str) -> String {
    let line = |id: &str| format!(r#"{{"id":{id},"type":"line","text":"x","by":"Ines","source":"visitor"}}"#);
    let lines: Vec<String> = ids.trim_matches(['[', ']']).split(',').filter(|id| !id.is_empty()).map(line).collect();
    let lines = if ids.starts_with('[') { format!("[{}]", lines.join(",")) } else { lines.join(",") };
    format!(r#"{{"events":{{"event":{lines}}},"info":{{"chatSessionKey":"{name}"}}}}"#)
}

fn said(news: &[News]) -> Vec<(String, i64)> {
    let told = |news: &News| match &news.fact {
        Fact::Said { id, .. } => Some((news.key.as_str().to_owned(), *id)),
        _ => None,
    };
    news.iter().filter_map(told).collect()
}

const S: &str = "https://agent.example.test/api/account/55510001/agentSession/881";
