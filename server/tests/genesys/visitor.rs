//! A visitor of either variant who follows the rules unless told otherwise.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::common::{Answer, Server};

/// A visitor with a chat.
#[derive(Debug, Clone)]
pub struct Visitor {
    pub variant: Variant,
    pub chat: String,
    pub user: String,
    pub key: String,
    pub alias: String,
}

/// Which interface the visitor speaks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    Web,
    Mobile,
}

pub const WEB: &str = "/eservices/api/v2/chats/";
pub const MOBILE: &str = "/genesys/2/chat/customer-support";
pub const JSON: (&str, &str) = ("Content-Type", "application/json");
pub const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

impl Visitor {
    /// Asks for a chat and waits.
    pub async fn queue(server: &Server, variant: Variant) -> Self {
        let answer = start(server, variant, &[("nickname", "Rana K."), ("subject", "Parcel")]).await;
        Self::of(variant, &answer)
    }

    /// Talks with an agent; the first two events are known.
    pub async fn talk(server: &Server, variant: Variant) -> Self {
        let visitor = Self::queue(server, variant).await;
        server.agent(json!({"accept": {}})).await;
        visitor.poll(server, 1).await;
        visitor
    }

    /// The visitor whom the answer to a chat request tells of.
    pub fn of(variant: Variant, answer: &Answer) -> Self {
        let body = answer.json();
        let text = |name: &str| body[name].as_str().unwrap_or_else(|| panic!("no {name} in {body}")).to_owned();
        Self { variant, chat: text("chatId"), user: text("userId"), key: text("secureKey"), alias: text("alias") }
    }

    /// Asks for news.
    pub async fn poll(&self, server: &Server, position: i64) -> Answer {
        self.ask(server, "poll", &[("transcriptPosition", &position.to_string())]).await
    }

    /// Says something.
    pub async fn say(&self, server: &Server, text: &str) -> Answer {
        self.try_to_say(server, text).await.expect("an answer")
    }

    /// Says something, and may not be answered.
    pub async fn try_to_say(&self, server: &Server, text: &str) -> Option<Answer> {
        match self.variant {
            Variant::Web => self.send(server, "SendMessage", &[("text", text)]).await,
            Variant::Mobile => self.send(server, "send", &[("message", text)]).await,
        }
    }

    /// Leaves.
    pub async fn leave(&self, server: &Server) -> Answer {
        self.ask(server, if self.variant == Variant::Web { "Complete" } else { "disconnect" }, &[]).await
    }

    /// Any operation.
    pub async fn ask(&self, server: &Server, operation: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(server, operation, fields).await.expect("an answer")
    }

    /// Any operation, which may not be answered.
    pub async fn send(&self, server: &Server, operation: &str, fields: &[(&str, &str)]) -> Option<Answer> {
        let mut all = vec![("userId", self.user.as_str()), ("secureKey", &self.key), ("alias", &self.alias)];
        all.extend(fields);
        match self.variant {
            Variant::Web => {
                all.push(("tenantId", "101"));
                if operation != "poll" {
                    all.push(("operationName", operation));
                }
                let tail = if operation == "poll" { "/messages" } else { "" };
                server.ask("POST", &format!("{WEB}{}{tail}", self.chat), &[JSON], &object(&all).to_string()).await
            }
            Variant::Mobile => {
                let operation = if operation == "poll" { "refresh" } else { operation };
                server.ask("POST", &format!("{MOBILE}/{}/{operation}", self.chat), &[FORM], &form(&all)).await
            }
        }
    }
}

/// A chat request.
pub async fn start(server: &Server, variant: Variant, fields: &[(&str, &str)]) -> Answer {
    let answer = match variant {
        Variant::Web => {
            let mut fields = fields.to_vec();
            fields.push(("tenantId", "101"));
            server.ask("POST", WEB, &[JSON], &object(&fields).to_string()).await
        }
        Variant::Mobile => server.ask("POST", MOBILE, &[FORM], &form(fields)).await,
    };
    answer.expect("an answer")
}

/// Changes switches of this dialect.
pub async fn switch(server: &Server, switches: Value) {
    server.settings(json!({"genesys": switches})).await;
}

/// Fields as a form.
pub fn form(fields: &[(&str, &str)]) -> String {
    let pairs: Vec<String> =
        fields.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect();
    pairs.join("&")
}

/// Fields as an object.
pub fn object(fields: &[(&str, &str)]) -> Value {
    fields.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect()
}

/// One field of every event in an answer.
pub fn each(answer: &Answer, field: &str) -> Vec<Value> {
    let body = answer.json();
    let events = body["messages"].as_array().expect("events");
    events.iter().map(|event| event[field].clone()).collect()
}

/// The outcome of an answer: its `statusCode` and `chatEnded`.
pub fn outcome(answer: &Answer) -> (Value, Value) {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let body = answer.json();
    (body["statusCode"].clone(), body["chatEnded"].clone())
}

pub fn fine() -> (Value, Value) {
    (json!(0), json!(false))
}

pub fn gone() -> (Value, Value) {
    (json!(2), json!(true))
}

fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut all, byte| {
        if byte.is_ascii_alphanumeric() {
            all.push(char::from(byte));
        } else {
            write!(all, "%{byte:02X}").expect("a text that grows");
        }
        all
    })
}
