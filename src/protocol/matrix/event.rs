//! What an event of the room says (§5, §7), read leniently.

use std::sync::Arc;

use super::Matrix;
use super::guess::{CUSTOM, MARK};
use super::saved::Maker;
use crate::model::json::Value;
use crate::model::{Author, EndReason, EntryId, Origin, Prose, Speech};
use crate::protocol::html;
use crate::protocol::reading::{items, label, text};
use crate::protocol::{Activity, Update};

/// What somebody said.
#[derive(Debug, PartialEq)]
struct Words {
    text: Arc<str>,
    prose: Option<Prose>,
    /// The id of the event that they take the place of.
    replaced: Option<Arc<str>>,
}

impl Matrix {
    /// Takes over an event, unless it came before.
    pub(super) fn read_event(&mut self, event: &Value, updates: &mut Vec<Update>) {
        if text(event, "event_id").is_some_and(|id| !self.chat.seen.note(id)) {
            return;
        }
        let kind = text(event, "type").unwrap_or_default();
        let nothing = Value::Null;
        let content = event.get("content").unwrap_or(&nothing);
        let sender = text(event, "sender").unwrap_or_default();
        match kind {
            "m.room.message" => self.read_message(sender, event, content, updates),
            "m.room.member" => self.read_member(event, content, updates),
            // Nothing that follows can be read, and nothing may be said openly any more (§11).
            "m.room.encryption" | "m.room.encrypted" => updates.push(Update::Ended(EndReason::Encrypted)),
            "m.room.redaction" => updates.extend(self.taken_back(event, content)),
            CUSTOM if !self.is_visitor(sender) => {
                let kind = text(content, "kind").unwrap_or(CUSTOM).to_owned();
                updates.push(Update::Custom { kind, data: text(content, "data").unwrap_or_default().to_owned() });
            }
            CUSTOM => {}
            _ => updates.push(Update::Ignored { kind: label(kind) }),
        }
    }

    /// Who types (§7): everybody who does, and nobody else.
    pub(super) fn typing_in(&self, event: &Value) -> Option<Update> {
        let content = event.get("content").filter(|_| text(event, "type") == Some("m.typing"))?;
        let mut users = items(content, "user_ids").iter().filter_map(Value::as_str);
        let is_typing = users.any(|user| !self.is_visitor(user));
        Some(Update::AgentTyping(if is_typing { Activity::Typing } else { Activity::Silent }))
    }

    /// Whether somebody read what the visitor said last (§7). A receipt is for everything up to its event.
    pub(super) fn read_in(&self, event: &Value) -> Option<Update> {
        let content = event.get("content").filter(|_| text(event, "type") == Some("m.receipt"))?;
        let own = self.chat.own.as_deref()?;
        let is_others = |readers: &Value| match readers.get("m.read") {
            Some(Value::Object(readers)) => readers.iter().any(|(user, _)| !self.is_visitor(user)),
            _ => false,
        };
        let Value::Object(receipts) = content else { return None };
        let mut read = receipts.iter().filter(|(_, readers)| is_others(readers)).map(|(id, _)| id);
        read.any(|id| id == own || self.chat.seen.is_behind(id, own)).then_some(Update::Read)
    }

    /// The entry of the outbox that an event of the visitor's own was, if this page sent it (§6).
    pub(super) fn entry_of(&self, content: &Value) -> Option<EntryId> {
        let number = text(content, MARK)?.strip_prefix(&*self.chat.name)?.strip_prefix('-')?;
        number.parse().ok().map(EntryId)
    }

    fn is_visitor(&self, user: &str) -> bool {
        self.chat.who.as_ref().is_some_and(|who| who.user == user)
    }

    fn read_message(&mut self, sender: &str, event: &Value, content: &Value, updates: &mut Vec<Update>) {
        let name = self.chat.parties.name(sender);
        let author = if self.is_visitor(sender) { Author::Visitor } else { Author::Agent { name } };
        if let Some(told) = self.file_in(event, content, &author) {
            return updates.extend(told);
        }
        let Some(words) = Words::of(content, &self.chat.parties.name(sender).unwrap_or_default()) else {
            let was_taken_back =
                event.get("unsigned").is_some_and(|unsigned| unsigned.get("redacted_because").is_some());
            match text(event, "event_id").filter(|_| was_taken_back) {
                Some(id) => _ = self.chat.withdrawn.note(id),
                None => updates.push(Update::Ignored { kind: label("m.room.message") }),
            }
            return;
        };
        if words.replaced.as_ref().is_some_and(|id| self.chat.withdrawn.has(id)) {
            return;
        }
        if self.is_visitor(sender) {
            // What was answered already may be later than this.
            if self.chat.own.as_ref().is_none_or(|own| self.chat.seen.has(own)) {
                self.chat.own = text(event, "event_id").map(str::to_owned);
            }
            return updates.push(Update::Arrived { entry: self.entry_of(content), text: words.text });
        }
        let is_new = words.replaced.is_none();
        let id = words.replaced.or_else(|| text(event, "event_id").map(Arc::from));
        let origin = id.map(|id| Origin { id, by: sender.into() });
        let name = self.chat.parties.name(sender);
        let speech = Speech { name, text: words.text, prose: words.prose, origin };
        updates.push(if is_new { Update::Said(speech) } else { Update::Revised(speech) });
    }

    /// What was taken back (§7): a file, or words.
    fn taken_back(&mut self, event: &Value, content: &Value) -> Option<Update> {
        let target = text(content, "redacts").or_else(|| text(event, "redacts"))?;
        self.chat.withdrawn.note(target);
        let withdrawn = || Update::Withdrawn { id: target.into() };
        Some(self.chat.files.of_event(target).map_or_else(withdrawn, |file| Update::Unshared { file }))
    }

    fn read_member(&mut self, event: &Value, content: &Value, updates: &mut Vec<Update>) {
        let Some(user) = text(event, "state_key").filter(|user| !self.is_visitor(user)) else { return };
        let name = text(content, "displayname").map(|name| Arc::from(name.trim()));
        match text(content, "membership").unwrap_or_default() {
            "join" => updates.extend(self.chat.parties.join(user, name)),
            "invite" => self.chat.parties.invite(user, name),
            "leave" | "ban" => {
                let left = self.chat.parties.leave(user);
                let was_there = left.is_some();
                updates.extend(left);
                if self.chat.maker == Maker::Visitor && self.chat.parties.is_deserted() {
                    let reason = if was_there { EndReason::Agent } else { EndReason::Unavailable };
                    updates.push(Update::Ended(reason));
                }
            }
            // To knock is not to be there.
            _ => {}
        }
    }
}

impl Words {
    /// The words of a message by whoever is called `name`; `None` where there are none.
    fn of(content: &Value, name: &str) -> Option<Self> {
        let relation = content.get("m.relates_to").unwrap_or(&Value::Null);
        let replaced = text(relation, "event_id").filter(|_| text(relation, "rel_type") == Some("m.replace"));
        let is_reply = relation.get("m.in_reply_to").is_some();
        let said = replaced.and_then(|_| content.get("m.new_content")).unwrap_or(content);
        let body = text(said, "body")?;
        let plain = if is_reply { without_quote(body) } else { body };
        let sign = match text(said, "msgtype") {
            Some("m.emote") => format!("* {name} "),
            _ => String::new(),
        };
        let is_html = text(said, "format") == Some("org.matrix.custom.html");
        let markup = text(said, "formatted_body").filter(|_| is_html && sign.is_empty());
        let prose = markup.map(|markup| html::prose(without_reply(markup))).filter(html::is_formatted);
        let prose = prose.filter(|prose| !prose.text().is_empty());
        let text = match &prose {
            Some(prose) => prose.text(),
            None => format!("{sign}{}", plain.trim()),
        };
        Some(Self { text: text.into(), prose, replaced: replaced.map(Arc::from) })
    }
}

/// A reply without the quoted lines above it (§7).
fn without_quote(body: &str) -> &str {
    let mut rest = body;
    while rest.starts_with('>') {
        rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
    }
    if rest.trim().is_empty() { body } else { rest }
}

fn without_reply(markup: &str) -> &str {
    let end = markup.trim_start().strip_prefix("<mx-reply>").and_then(|rest| rest.split_once("</mx-reply>"));
    end.map_or(markup, |(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_said_as_they_are_meant() {
        for (content, said) in [
            (r#"{"msgtype":"m.text","body":" Hello "}"#, "Hello"),
            (r#"{"msgtype":"m.notice","body":"We open at nine"}"#, "We open at nine"),
            (r#"{"msgtype":"m.emote","body":"waves"}"#, "* Noor waves"),
            (r#"{"msgtype":"m.file","body":"bill.pdf","url":"mxc://s/1"}"#, "bill.pdf"),
            (r#"{"msgtype":"org.example.poll","body":"Which one?"}"#, "Which one?"),
            (
                r#"{"body":"* new","m.new_content":{"body":"new"},"m.relates_to":{"rel_type":"m.replace","event_id":"$1"}}"#,
                "new",
            ),
            (r#"{"body":"> <@v:s> what?\n> really\n\nYes","m.relates_to":{"m.in_reply_to":{"event_id":"$1"}}}"#, "Yes"),
            (r#"{"body":"> alone","m.relates_to":{"m.in_reply_to":{"event_id":"$1"}}}"#, "> alone"),
            (r#"{"body":"> not a reply\nx"}"#, "> not a reply\nx"),
        ] {
            assert_eq!(
                words(content).map(|words| (words.text.to_string(), words.prose)),
                Some((said.to_owned(), None))
            );
        }
    }

    #[test]
    fn markup_is_read_into_words() {
        let words = words(
            r#"{"body":"**now**","format":"org.matrix.custom.html","formatted_body":"<mx-reply>old</mx-reply><b>now</b><script>x</script>"}"#,
        );
        assert_eq!(words.map(|words| (words.text.to_string(), words.prose.is_some())), Some(("now".to_owned(), true)));
    }

    #[test]
    fn what_has_no_words_says_nothing() {
        for content in ["{}", "[]", r#"{"body":7}"#, r#"{"body":" "}"#, r#"{"msgtype":"m.text"}"#] {
            assert_eq!(words(content), None, "{content}");
        }
    }

    fn words(content: &str) -> Option<Words> {
        Words::of(&Value::parse(content).expect("it is JSON"), "Noor")
    }
}
