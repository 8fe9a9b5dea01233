//! The adapters as a page of the examples would make them, each by the folder that its conversations stand in.

use holdfast_chat::protocol::Protocol;
use holdfast_chat::protocol::genesys::{self, Genesys};
use holdfast_chat::protocol::live_agent::{Config, LiveAgent, Redactor, Surroundings};
use holdfast_chat::protocol::liveperson::{self, LivePerson};
use holdfast_chat::protocol::matrix::{self, Chance, Matrix};
use holdfast_chat::protocol::superoffice::{self, SuperOffice};
use serde_json::Value;

/// Every folder that has conversations.
pub const FOLDERS: [&str; 5] = ["genesys", "live_agent", "liveperson", "matrix", "superoffice"];

/// The adapter of a folder with the attributes of its examples, changed by `attributes`; `null` takes one away.
pub fn of(folder: &str, attributes: &Value) -> Box<dyn Protocol> {
    match folder {
        "genesys" => Box::new(genesys(attributes)),
        "live_agent" => Box::new(live_agent(attributes)),
        "liveperson" => Box::new(liveperson(attributes)),
        "superoffice" => Box::new(superoffice(attributes)),
        "matrix" => Box::new(matrix(attributes)),
        other => panic!("no adapter has the folder {other}"),
    }
}

fn live_agent(attributes: &Value) -> LiveAgent {
    let attribute = |name: &str| given(attributes, &LIVE_AGENT, name);
    let surroundings = Surroundings {
        user_agent: "Example/1.0".to_owned(),
        language: "en-GB".to_owned(),
        screen_resolution: "1920x1080".to_owned(),
    };
    let config = Config::parse(&attribute, surroundings).expect("the attributes of a fixture are right");
    LiveAgent::new(config, Box::new(Literal))
}

fn genesys(attributes: &Value) -> Genesys {
    let attribute = |name: &str| given(attributes, &GENESYS, name);
    let surroundings = genesys::Surroundings { language: "en-GB".to_owned(), time_zone: Some(60) };
    let config = genesys::Config::parse(&attribute, surroundings).expect("the attributes of a fixture are right");
    Genesys::new(config)
}

fn liveperson(attributes: &Value) -> LivePerson {
    let attribute = |name: &str| given(attributes, &LIVEPERSON, name);
    LivePerson::new(liveperson::Config::parse(&attribute).expect("the attributes of a fixture are right"))
}

fn superoffice(attributes: &Value) -> SuperOffice {
    let attribute = |name: &str| given(attributes, &SUPEROFFICE, name);
    SuperOffice::new(superoffice::Config::parse(&attribute).expect("the attributes of a fixture are right"))
}

fn matrix(attributes: &Value) -> Matrix {
    let attribute = |name: &str| given(attributes, &MATRIX, name);
    let config = matrix::Config::parse(&attribute).expect("the attributes of a fixture are right");
    Matrix::new(config, Box::new(Counted(0)))
}

/// Draws the same, time after time.
#[derive(Debug)]
struct Counted(u64);

impl Chance for Counted {
    fn token(&mut self) -> String {
        self.0 += 1;
        format!("drawn{}", self.0)
    }
}

/// The value of an attribute, as the conversation or the examples have it.
fn given(attributes: &Value, usual: &[(&str, &str)], name: &str) -> Option<String> {
    match attributes.get(name) {
        Some(given) => given.as_str().map(str::to_owned),
        None => usual.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()),
    }
}

/// Takes a pattern literally, except one that no engine would understand.
#[derive(Debug)]
struct Literal;

impl Redactor for Literal {
    fn replaced(&self, pattern: &str, text: &str, replacement: &str) -> Option<String> {
        (pattern != "(").then(|| text.replace(pattern, replacement))
    }
}

const GENESYS: [(&str, &str); 1] = [("endpoint", "https://chat.example.com")];

const LIVEPERSON: [(&str, &str); 4] = [
    ("endpoint", "https://chat.example.test"),
    ("account-id", "55510001"),
    ("app-key", "demo-app-key"),
    ("skill", "Billing"),
];

const SUPEROFFICE: [(&str, &str); 2] = [("endpoint", "https://chat.example.com/so"), ("topic-id", "12")];
const MATRIX: [(&str, &str); 2] = [("endpoint", "https://matrix.example.com"), ("support", "@support:s.example")];

const LIVE_AGENT: [(&str, &str); 4] = [
    ("endpoint", "https://chat.example.com"),
    ("organization-id", "00D5x000001AbCd"),
    ("deployment-id", "5725x000000KlMnEAK"),
    ("button-id", "5735x000000AbCd"),
];
