//! The words for what a backend offers, and for the questions that every backend asks.

use crate::model::{Label, known};

/// The words of one language.
#[derive(Debug)]
pub struct Offers {
    pub replies: &'static str,
    pub yes: &'static str,
    pub no: &'static str,
    pub person: &'static str,
    pub person_wanted: &'static str,
    pub return_to_chat: &'static str,
    pub assistant: &'static str,
    name: &'static str,
    email: &'static str,
    company: &'static str,
    phone: &'static str,
    consent: &'static str,
    message: &'static str,
    rating: &'static str,
    copy: &'static str,
    pub keep_copy: &'static str,
    pub agreed: &'static str,
}

impl Offers {
    /// What is asked, where it is one of the questions that every backend asks.
    pub fn question(&self, id: &str) -> Option<&'static str> {
        match id {
            known::NAME => Some(self.name),
            known::EMAIL => Some(self.email),
            known::COMPANY => Some(self.company),
            known::PHONE => Some(self.phone),
            known::CONSENT => Some(self.consent),
            known::MESSAGE => Some(self.message),
            known::RATING => Some(self.rating),
            known::COPY => Some(self.copy),
            _ => None,
        }
    }

    /// What stands on a ready answer.
    pub fn label<'a>(&self, label: &'a Label) -> &'a str {
        match label {
            Label::Text(text) => text,
            Label::Yes => self.yes,
            Label::No => self.no,
        }
    }
}

pub const ENGLISH: Offers = Offers {
    replies: "Suggested answers",
    yes: "Yes",
    no: "No",
    person: "Talk to a person",
    person_wanted: "Asking for a person…",
    return_to_chat: "Return to chat",
    assistant: "An automated assistant answers",
    name: "Name",
    email: "E-mail",
    company: "Company",
    phone: "Phone",
    consent: "Your details",
    message: "Message",
    rating: "From 1 (poor) to 5 (very good)",
    copy: "Send a copy of this chat to (e-mail)",
    keep_copy: "Keep a copy",
    agreed: "I agree that what I enter here is kept and used to answer me.",
};

pub const GERMAN: Offers = Offers {
    replies: "Antwortvorschläge",
    yes: "Ja",
    no: "Nein",
    person: "Mit einem Menschen sprechen",
    person_wanted: "Ein Mensch wird gerufen …",
    return_to_chat: "Zurück zum Chat",
    assistant: "Ein automatischer Assistent antwortet",
    name: "Name",
    email: "E-Mail",
    company: "Firma",
    phone: "Telefon",
    consent: "Ihre Angaben",
    message: "Nachricht",
    rating: "Von 1 (schlecht) bis 5 (sehr gut)",
    copy: "Eine Kopie dieses Chats senden an (E-Mail)",
    keep_copy: "Eine Kopie behalten",
    agreed: "Ich bin einverstanden, dass meine Angaben gespeichert und für die Antwort verwendet werden.",
};
