//! How a visitor gets to be somebody to the homeserver (§3): registered, as the site says, or as a guest.
//!
//! One exchange after the other, each of which may be repeated: names and secrets are chosen and stored before the first
//! of them leaves (§3.1). The same goes on when a token dies in mid-conversation (§3.4), up to where somebody is signed in.

use std::fmt::{Debug, Formatter};
use std::time::Duration;

use super::Matrix;
use super::config::Identity;
use super::failure::{Failure, read};
use super::guess::PATIENCE;
use super::saved::is_room;
use crate::model::json::{Value, object};
use crate::model::keep::{keep_fields, keep_words};
use crate::model::{EndReason, Visitor};
use crate::protocol::http::{Content, Method, PAGE_CREDENTIALS, PAGE_CREDENTIALS_AGAIN, percent_encoded};
use crate::protocol::reading::{items, text, token};
use crate::protocol::{CallKind, Numbering, Progress, ProtocolError, Request, Response, Update};

/// How far a visitor is: the exchange that is to be made, or made again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd)]
pub(super) enum Stage {
    /// Nothing was asked.
    #[default]
    Fresh,
    /// An account is asked for (§3.1).
    Registering,
    /// The same, with what admits the visitor.
    Admitting,
    /// The same, for the last time.
    Concluding,
    /// The account is there, and the visitor signs in.
    LoggingIn,
    /// The page is asked who the visitor is (§3.2).
    AskingPage,
    /// What the page said is shown to the homeserver.
    Presenting,
    /// A guest is asked for (§3.3).
    Visiting,
    /// The visitor's name is told.
    Naming,
    /// A room that is there is entered (§4).
    Joining,
    /// A room is asked for.
    Creating,
    /// It is there already, and asked for by its alias.
    Finding,
    /// Who is in it is asked for.
    Counting,
    /// Whoever is missing is invited.
    Inviting,
    /// All that was done.
    Ready,
}

keep_words!(Stage {
    Fresh => "fresh",
    Registering => "registering",
    Admitting => "admitting",
    Concluding => "concluding",
    LoggingIn => "logging-in",
    AskingPage => "asking-page",
    Presenting => "presenting",
    Visiting => "visiting",
    Naming => "naming",
    Joining => "joining",
    Creating => "creating",
    Finding => "finding",
    Counting => "counting",
    Inviting => "inviting",
    Ready => "ready",
});

/// What the way in needs.
#[derive(Clone, Default)]
pub(super) struct Entry {
    pub(super) stage: Stage,
    /// Of the registration (§3.1).
    session: Option<String>,
    /// What the page said.
    jwt: Option<String>,
    /// How often in a row what the page said was refused, or the room was not where it is said to be.
    pub(super) refusals: u64,
    /// Who is still to be invited.
    pub(super) missing: Vec<String>,
    /// What the visitor is called.
    pub(super) visitor: Option<String>,
    /// What else the page tells about them.
    pub(super) topic: String,
}

keep_fields!(Entry { stage, session, jwt, refusals, missing, visitor, topic });

impl Debug for Entry {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Entry").field("stage", &self.stage).finish_non_exhaustive()
    }
}

/// An account of the visitor's own. Its password is a secret.
#[derive(Clone)]
pub(super) struct Account {
    name: String,
    password: String,
    device: String,
}

keep_fields!(Account { name, password, device });

impl Debug for Account {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Account").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Who is signed in. Whoever has the token is the visitor.
#[derive(Clone)]
pub(super) struct Who {
    pub(super) user: String,
    pub(super) token: String,
    pub(super) owner: Owner,
}

keep_fields!(Who { user, token, owner });

impl Debug for Who {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Who").field("user", &self.user).finish_non_exhaustive()
    }
}

/// Whose a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// This page got it, and signs out at the end.
    Page,
    /// The site has it for purposes of its own.
    Site,
}

keep_words!(Owner { Page => "page", Site => "site" });

impl Matrix {
    pub(super) fn begin_open(&mut self, visitor: &Visitor) -> Option<Request> {
        if self.chat.entry.stage == Stage::Fresh {
            self.introduce(visitor);
            self.chat.name = self.chance.token();
            self.chat.account = Some(Account {
                name: format!("v-{}", self.chance.token()),
                password: self.chance.token(),
                device: self.chance.token(),
            });
            self.chat.entry.stage = match self.config.identity {
                Identity::Register { .. } => Stage::Registering,
                Identity::Site => Stage::AskingPage,
                Identity::Guest => Stage::Visiting,
            };
        }
        self.entry_request()
    }

    /// Nothing has to be found again but who the visitor is.
    pub(super) fn begin_resume(&self) -> Option<Request> {
        if self.chat.entry.stage == Stage::Ready { None } else { self.entry_request() }
    }

    /// The token is not valid any more (§3.4): the visitor signs in again, as the same device.
    pub(super) fn sign_in_again(&mut self) -> Result<(), ProtocolError> {
        self.chat.entry.stage = match self.config.identity {
            Identity::Register { .. } => Stage::LoggingIn,
            Identity::Site => {
                self.chat.entry.refusals = self.chat.entry.refusals.max(1);
                Stage::AskingPage
            }
            // A guest has nothing to sign in with.
            Identity::Guest => return Err(ProtocolError::Over { reason: EndReason::Expired }),
        };
        Ok(())
    }

    /// The exchange that is to be made next.
    pub(super) fn entry_request(&self) -> Option<Request> {
        let entry = &self.chat.entry;
        match entry.stage {
            Stage::Fresh | Stage::Ready => None,
            Stage::Registering | Stage::Admitting | Stage::Concluding => {
                Some(self.post_unsigned("/v3/register", &self.registration()?))
            }
            Stage::LoggingIn => {
                let account = self.chat.account.as_ref()?;
                let user = object! { "type": "m.id.user", "user": &account.name };
                Some(
                    self.login(
                        object! { "type": "m.login.password", "identifier": user, "password": &account.password },
                    ),
                )
            }
            Stage::AskingPage => {
                let url = if entry.refusals == 0 { PAGE_CREDENTIALS } else { PAGE_CREDENTIALS_AGAIN };
                let (headers, content) = (Vec::new(), Content::Empty);
                Some(Request { method: Method::Get, url: url.to_owned(), headers, content, deadline: PAGE_DEADLINE })
            }
            Stage::Presenting => {
                Some(self.login(object! { "type": "org.matrix.login.jwt", "token": entry.jwt.as_ref()? }))
            }
            Stage::Visiting => Some(self.post_unsigned("/v3/register?kind=guest", &object! {})),
            Stage::Naming => self.displayed_name(entry.visitor.as_ref()?),
            Stage::Joining | Stage::Creating | Stage::Finding | Stage::Counting | Stage::Inviting => {
                self.room_request(entry.stage)
            }
        }
    }

    pub(super) fn receive_entry(&mut self, kind: CallKind, response: &Response) -> Result<Progress, ProtocolError> {
        let next = match self.chat.entry.stage {
            Stage::Fresh | Stage::Ready => return Ok(Progress::default()),
            Stage::Registering | Stage::Admitting | Stage::Concluding => self.receive_registered(response)?,
            Stage::LoggingIn => self.receive_login(response, kind)?,
            Stage::AskingPage => self.receive_credentials(response)?,
            Stage::Presenting => self.receive_presented(response, kind)?,
            Stage::Visiting => self.receive_guest(response)?,
            // A name is not worth waiting for.
            Stage::Naming => self.first_stage_of_room(),
            stage => self.receive_room(stage, response)?,
        };
        self.chat.entry.stage = next;
        // In mid-conversation that is all there was to do (§3.4).
        if kind == CallKind::Resume && next > Stage::Presenting {
            self.chat.entry.stage = Stage::Ready;
            return Ok(Progress::done(vec![Update::Resumed(Numbering::Kept)]));
        }
        Ok(match self.entry_request() {
            Some(request) => Progress::going_on(Vec::new(), request),
            None => Progress::done(vec![Update::Patience(PATIENCE)]),
        })
    }

    /// How the visitor is called by whoever sees them.
    pub(super) fn displayed_name(&self, name: &str) -> Option<Request> {
        let path = format!("/v3/profile/{}/displayname", percent_encoded(&self.chat.who.as_ref()?.user));
        Some(self.put(&path, &object! { "displayname": name }))
    }

    /// §3.1. Without something that admits the visitor one request does it all.
    fn registration(&self) -> Option<Value> {
        let account = self.chat.account.as_ref()?;
        let session = self.chat.entry.session.as_deref();
        let Identity::Register { token } = &self.config.identity else { return None };
        let auth = match self.chat.entry.stage {
            Stage::Admitting => Some(object! { "type": ADMISSION, "token": token.as_deref()?, "session": session? }),
            Stage::Concluding => Some(object! { "type": DUMMY, "session": session? }),
            _ if token.is_some() => None,
            _ => Some(object! { "type": DUMMY }),
        };
        let body = object! {
            "username": &account.name,
            "password": &account.password,
            "device_id": &account.device,
            "initial_device_display_name": DEVICE,
        };
        Some(match (body, auth) {
            (Value::Object(mut fields), Some(auth)) => {
                fields.push(("auth".to_owned(), auth));
                Value::Object(fields)
            }
            (body, _) => body,
        })
    }

    fn receive_registered(&mut self, response: &Response) -> Result<Stage, ProtocolError> {
        match read(response) {
            Ok(body) => self.be(&body, Owner::Page),
            // The answer to an earlier try was lost, and the account is there (§3.1).
            Err(failure) if failure.code == "M_USER_IN_USE" => Ok(Stage::LoggingIn),
            Err(failure) if failure.body.get("flows").is_some() => self.next_of_registration(&failure),
            Err(failure) => Err(failure.error("the registration")),
        }
    }

    /// A registration goes on with the first step that is not done. Steps other than two nobody here can take.
    fn next_of_registration(&mut self, failure: &Failure) -> Result<Stage, ProtocolError> {
        let refused =
            ProtocolError::Refused { noun: "a registration without further questions", status: failure.status };
        let has_token = matches!(self.config.identity, Identity::Register { token: Some(_) });
        let done: Vec<&str> = items(&failure.body, "completed").iter().filter_map(Value::as_str).collect();
        let was_taken = match self.chat.entry.stage {
            Stage::Admitting => done.contains(&ADMISSION),
            Stage::Concluding => false,
            _ => true,
        };
        let can_take = |stage: &str| stage == DUMMY || (stage == ADMISSION && has_token);
        let flows = items(&failure.body, "flows").iter().map(|flow| {
            items(flow, "stages").iter().map(|stage| stage.as_str().unwrap_or_default()).collect::<Vec<&str>>()
        });
        let next = flows
            .filter(|stages| stages.iter().all(|stage| can_take(stage)))
            .find_map(|stages| stages.into_iter().find(|stage| !done.contains(stage)));
        let session = text(&failure.body, "session");
        let (Some(next), Some(session), true) = (next, session, was_taken) else { return Err(refused) };
        self.chat.entry.session = Some(session.to_owned());
        Ok(if next == ADMISSION { Stage::Admitting } else { Stage::Concluding })
    }

    fn login(&self, body: Value) -> Request {
        let mut fields = if let Value::Object(fields) = body { fields } else { Vec::new() };
        let device = self.chat.account.as_ref().map(|account| ("device_id".to_owned(), Value::from(&account.device)));
        fields.extend(device);
        fields.push(("initial_device_display_name".to_owned(), DEVICE.into()));
        self.post_unsigned("/v3/login", &Value::Object(fields))
    }

    fn receive_login(&mut self, response: &Response, kind: CallKind) -> Result<Stage, ProtocolError> {
        match read(response) {
            Ok(body) => self.be(&body, Owner::Page),
            // The account is gone (§3.4).
            Err(failure) if failure.is_refusal() && kind == CallKind::Resume => Err(GONE),
            Err(failure) => Err(failure.error("the login")),
        }
    }

    /// The page says who the visitor is: by a token that the homeserver takes, or with all that the site got already.
    fn receive_credentials(&mut self, response: &Response) -> Result<Stage, ProtocolError> {
        if response.status != 200 {
            let is_passing = response.status >= 500;
            let unavailable = ProtocolError::Unavailable { status: response.status, after: None };
            return Err(if is_passing { unavailable } else { NO_CREDENTIALS });
        }
        let body = Value::parse(&response.body).unwrap_or_default();
        if token(&body, "access_token").is_some() {
            let room = text(&body, "room_id").filter(|room| is_room(room));
            if let Some(room) = room.filter(|_| self.chat.room.is_none()) {
                self.chat.room = Some(room.to_owned());
            }
            return self.be(&body, Owner::Site);
        }
        let jwt = token(&body, "token").ok_or(NO_CREDENTIALS)?;
        self.chat.entry.jwt = Some(jwt.to_owned());
        Ok(Stage::Presenting)
    }

    /// What is refused is asked for once more (§8): it may have been too old.
    fn receive_presented(&mut self, response: &Response, kind: CallKind) -> Result<Stage, ProtocolError> {
        let failure = match read(response) {
            Ok(body) => return self.be(&body, Owner::Page),
            Err(failure) => failure,
        };
        if !failure.is_refusal() {
            return Err(failure.error("the login"));
        }
        self.chat.entry.refusals = self.chat.entry.refusals.saturating_add(1);
        match (self.chat.entry.refusals, kind) {
            (0..=1, _) => Ok(Stage::AskingPage),
            (_, CallKind::Resume) => Err(GONE),
            _ => Err(failure.error("the login")),
        }
    }

    fn receive_guest(&mut self, response: &Response) -> Result<Stage, ProtocolError> {
        match read(response) {
            Ok(body) => self.be(&body, Owner::Page),
            Err(failure) => Err(failure.error("a guest")),
        }
    }

    /// Takes over who the visitor is.
    fn be(&mut self, body: &Value, owner: Owner) -> Result<Stage, ProtocolError> {
        let (Some(user), Some(token)) = (text(body, "user_id"), token(body, "access_token")) else {
            return Err(ProtocolError::Unreadable { noun: "the login", detail: "no user or no token" });
        };
        // Another visitor's conversation is none of this one's business.
        if self.chat.who.as_ref().is_some_and(|who| who.user != user) && self.chat.since.is_some() {
            return Err(GONE);
        }
        self.chat.who = Some(Who { user: user.to_owned(), token: token.to_owned(), owner });
        self.chat.entry.session = None;
        self.chat.entry.jwt = None;
        self.chat.entry.refusals = 0;
        Ok(if self.chat.entry.visitor.is_some() { Stage::Naming } else { self.first_stage_of_room() })
    }

    /// What the page tells about its visitor, for whoever opens the room.
    fn introduce(&mut self, visitor: &Visitor) {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let details = visitor.details.iter().filter(|detail| detail.display_to_agent && given(&detail.value).is_some());
        let details = details.map(|detail| format!("{}: {}", detail.label.trim(), detail.value.trim()));
        let lines: Vec<String> = visitor.email.as_deref().and_then(given).into_iter().chain(details).collect();
        self.chat.entry.visitor = visitor.name.as_deref().and_then(given);
        self.chat.entry.topic = lines.join("\n");
    }
}

const DUMMY: &str = "m.login.dummy";
const ADMISSION: &str = "m.login.registration_token";
/// What a visitor's device is called in the homeserver's lists.
const DEVICE: &str = "web chat";
/// Nobody can sign in again.
const GONE: ProtocolError = ProtocolError::Over { reason: EndReason::Expired };
const NO_CREDENTIALS: ProtocolError = ProtocolError::Over { reason: EndReason::Failed };
/// The site may have to ask somebody itself.
const PAGE_DEADLINE: Duration = Duration::from_secs(30);
