//! What events mean (§1.7, §3.8, §3.9).

use super::event::{Event, Role, Sender};
use super::{Genesys, guess};
use crate::model::json::Value;
use crate::model::{Author, SharedFile, Speech, is_link};
use crate::protocol::reading::{integer, items, label};
use crate::protocol::{Activity, Update};

impl Genesys {
    /// Takes over the events of a poll (§1.8): in the order of their indexes, each index once, and those without an index
    /// where they stand, always (§6.14). Then the next position is what the answer says, or what follows the last event,
    /// and never less than it was (§6.5, §6.6).
    pub(super) fn read_news(&mut self, body: &Value) -> Vec<Update> {
        let mut events: Vec<(u64, Event<'_>)> = Vec::new();
        for event in items(body, "messages").iter().map(Event) {
            let before = events.last().map_or(0, |(place, _)| *place);
            events.push((event.index().unwrap_or(before), event));
        }
        events.sort_by_key(|(place, _)| *place);
        let mut updates = Vec::new();
        for (_, event) in events {
            if let Some(index) = event.index() {
                if index < self.position {
                    continue;
                }
                self.position = index.saturating_add(1);
            }
            self.read(event, &mut updates);
        }
        let next = integer(body, "nextPosition").and_then(|next| u64::try_from(next).ok());
        self.position = self.position.max(next.unwrap_or_default());
        updates
    }

    fn read(&mut self, event: Event<'_>, updates: &mut Vec<Update>) {
        let sender = self.parties.known(event.sender());
        if is_control(event, &sender) {
            return updates.push(ignored(event));
        }
        match event.kind().to_ascii_lowercase().as_str() {
            "participantjoined" | "participantrejoined" => {
                if sender.role != Role::System {
                    self.quit = None;
                }
                updates.extend(self.parties.arrive(&sender));
            }
            "participantleft" => {
                self.quit = event.quit_reason().or(self.quit);
                // Nobody who is not there types (§3.8).
                let left = self.parties.leave(&sender);
                if left.as_ref().is_some_and(|left| *left != Update::AgentLeft) {
                    updates.push(Update::AgentTyping(Activity::Silent));
                }
                updates.extend(left);
            }
            // The sibling API says `Text` (§2.10).
            "message" | "text" => self.read_message(event, sender, updates),
            "typingstarted" if sender.role != Role::Visitor => updates.push(Update::AgentTyping(Activity::Typing)),
            "typingstopped" if sender.role != Role::Visitor => updates.push(Update::AgentTyping(Activity::Silent)),
            "pushurl" if sender.role != Role::Visitor => self.read_url(event, sender, updates),
            "notice" if sender.role != Role::Visitor => updates.extend(notice(event)),
            "customnotice" if sender.role != Role::Visitor => updates.push(custom(event)),
            "nicknameupdated" => self.parties.rename(&sender),
            "fileuploaded" => self.read_file(event, sender, updates),
            "filedeleted" => updates.push(match event.data(FILE_ID) {
                Some(key) => Update::Unshared { file: key.into() },
                None => ignored(event),
            }),
            "idlealert" => updates.extend(idle_alert(event)),
            "idleclose" => {
                self.quit = Some(guess::IDLE);
                updates.extend(notice(event));
            }
            // What the visitor does is known here.
            "typingstarted" | "typingstopped" | "pushurl" | "notice" | "customnotice" => {}
            _ => updates.push(ignored(event)),
        }
    }

    /// The visitor's own words come back like anybody's (§3.6). Whoever is no party speaks for the backend.
    fn read_message(&mut self, event: Event<'_>, sender: Sender, updates: &mut Vec<Update>) {
        let Some(text) = event.shared_text() else { return };
        updates.extend(self.parties.arrive(&sender));
        updates.push(match sender.role {
            Role::Visitor => Update::Echoed { text },
            Role::Agent | Role::Bot => Update::Said(Speech::plain(sender.name, text)),
            Role::System => Update::Notice { text },
        });
    }

    /// A page that the visitor is sent to: shown, where it is one of the web (§1.7).
    fn read_url(&mut self, event: Event<'_>, sender: Sender, updates: &mut Vec<Update>) {
        let Some(url) = event.text().map(str::trim).filter(|url| is_link(url)) else {
            return updates.push(ignored(event));
        };
        updates.extend(self.parties.arrive(&sender));
        updates.push(Update::Said(Speech::plain(sender.name, url.into())));
    }

    /// A file that can be fetched by its id (§3.12); without one there is only its name to be told.
    fn read_file(&mut self, event: Event<'_>, sender: Sender, updates: &mut Vec<Update>) {
        let Some(name) = event.data("file-name") else { return updates.push(ignored(event)) };
        let Some(key) = event.data(FILE_ID) else { return updates.push(Update::Notice { text: name.into() }) };
        updates.extend(self.parties.arrive(&sender));
        let author = match sender.role {
            Role::Visitor => Author::Visitor,
            Role::Agent | Role::Bot | Role::System => Author::Agent { name: sender.name },
        };
        let size = event.data("file-size").and_then(|size| size.trim().parse().ok());
        updates.push(Update::Shared { author, file: SharedFile { key: key.into(), name: name.into(), size } });
    }
}

/// Whether this is the talk of surveys and shared browsing, which is not for people (§6.19), or the limits of files, which
/// come as a notice (§3.12).
fn is_control(event: Event<'_>, sender: &Sender) -> bool {
    if sender.role == Role::Visitor {
        return false;
    }
    let text = event.text().unwrap_or_default().trim();
    let is_token = text.starts_with("{start:") && text.ends_with('}');
    let is_survey = || Value::parse(text).is_some_and(|value| value.get("Survey_URL").is_some());
    sender.name.as_deref() == Some("_GCTI_GSS") || is_token || text == super::files::LIMITS || is_survey()
}

fn notice(event: Event<'_>) -> Option<Update> {
    event.shared_text().map(|text| Update::Notice { text })
}

/// By what it is for, or else by what it is.
fn custom(event: Event<'_>) -> Update {
    let kind = event.purpose().unwrap_or_else(|| "CustomNotice".to_owned());
    Update::Custom { kind, data: event.text().unwrap_or_default().to_owned() }
}

/// Counts down where the close is what comes next (§3.9); before another alert there are only its words.
fn idle_alert(event: Event<'_>) -> Vec<Update> {
    let is_last = event.data("next-idle-timer-type").is_some_and(|kind| kind.eq_ignore_ascii_case("CLOSE"));
    let end = event.seconds("next-idle-timer-secs").filter(|_| is_last);
    let words = if end.is_none() { notice(event) } else { None };
    words.into_iter().chain([Update::IdleAlert { end }]).collect()
}

fn ignored(event: Event<'_>) -> Update {
    Update::Ignored { kind: label(event.kind()) }
}

/// What a file is called in `userData` (§3.12).
const FILE_ID: &str = "file-id";
