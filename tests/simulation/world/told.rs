//! What happens, in a few words, for whoever looks for a mistake.

use holdfast_chat::session::Input;
use holdfast_chat::tab::TabInput;

use super::super::page::Deed as Did;

/// An input in a few words.
pub(super) fn brief(input: &TabInput) -> String {
    let text = match input {
        TabInput::Session(Input::Replied { id, outcome: Ok(answer) }) => {
            format!("{id:?} {} {}", answer.status, answer.body)
        }
        TabInput::Session(input) => format!("{input:?}"),
        TabInput::Granted { .. } | TabInput::Heard(_) => format!("{input:?}"),
    };
    text.chars().take(400).collect()
}

/// A deed in a few words.
pub(super) fn brief_deed(deed: &Did) -> String {
    let text = match deed {
        Did::Fetch(id, request) => {
            let number = request.headers.iter().find(|(name, _)| *name == "X-LIVEAGENT-SEQUENCE");
            let number = number.map(|(_, number)| format!(" #{number}")).unwrap_or_default();
            let path = request.url.split("/chat/rest/").nth(1).unwrap_or_default();
            format!("{id:?} {} {path}{number} {:?}", request.method.name(), request.content)
        }
        Did::Abort(id) => format!("abort {id:?}"),
        Did::Say(text) => format!("say {text}"),
        Did::Claim(conversation) => format!("claim {conversation}"),
        Did::Release => "release".to_owned(),
        Did::Count(conversation, serial) => format!("count {conversation} {serial:?}"),
    };
    text.chars().take(300).collect()
}
