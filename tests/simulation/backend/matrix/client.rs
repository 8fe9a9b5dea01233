//! The real adapter, and what its requests and their answers are about.

use std::sync::atomic::{AtomicU64, Ordering};

use holdfast_chat::protocol::matrix::{Chance, Config, Matrix};
use holdfast_chat::protocol::{Protocol, Request, Response};
use serde_json::Value;

use super::{AGENTS, BASE};

/// The real adapter.
pub fn protocol() -> Box<dyn Protocol> {
    let attribute = |name: &str| {
        let known = [("endpoint", "https://chat.example.com"), ("support", AGENTS[0])];
        known.into_iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
    };
    Box::new(Matrix::new(Config::parse(&attribute).expect("the attributes are right"), Box::new(Counted)))
}

/// Whether a request hands over what the visitor said or did, and is no part of opening or closing.
pub fn hands_over(request: &Request) -> bool {
    let is_look = request.url.contains("/messages?dir=b")
        || request.url.contains("/state/m.room.member/")
        || request.url.contains("/receipt/");
    is_look || (request.method.name() == "PUT" && !request.url.contains("/profile/"))
}

/// What a request asks for.
pub fn noun(request: &Request) -> String {
    let path = request.url.strip_prefix(BASE).unwrap_or(&request.url);
    let path = path.split('?').next().unwrap_or_default();
    let path = path.split("/m.room.message/").next().unwrap_or_default();
    // What is looked for on behalf of a post is not what is missing from the news.
    let for_whom = if hands_over(request) { " to hand over" } else { "" };
    format!("{} {path}{for_whom}", request.method.name())
}

/// The visitor's own words in an answer, each with its place in the room.
pub fn echoes(response: &Response) -> Vec<(u64, String)> {
    let body: Value = serde_json::from_str(&response.body).unwrap_or_default();
    let rooms = ["join", "leave"].into_iter().filter_map(|kind| body["rooms"][kind].as_object());
    let events = rooms.flat_map(|rooms| rooms.values()).filter_map(|room| room["timeline"]["events"].as_array());
    let events = events.chain(body["chunk"].as_array()).flatten();
    let own = events.filter(|event| event["content"].get("chat.holdfast.id").is_some());
    let place = |event: &Value| event["event_id"].as_str()?.rsplit('-').next()?.parse().ok();
    own.filter_map(|event| Some((place(event)?, event["content"]["body"].as_str()?.to_owned()))).collect()
}

/// Draws what nobody drew before; what it looks like changes nothing.
#[derive(Debug)]
struct Counted;

static DRAWN: AtomicU64 = AtomicU64::new(0);

impl Chance for Counted {
    fn token(&mut self) -> String {
        format!("{:012}", DRAWN.fetch_add(1, Ordering::Relaxed))
    }
}
