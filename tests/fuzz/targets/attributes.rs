//! What a page says: the attributes of the element, as lines `@NAME VALUE`, and the property `visitor`, as JSON.
//!
//! Where they are taken, a conversation begins with them, and goes on after a reload as if nothing had happened.

use super::page::Page;
use super::script::Script;

/// Reads bytes as a page's words about itself.
pub fn run(bytes: &[u8]) {
    let script = Script::new(bytes);
    let Some(mut page) = Page::new(&script) else { return };
    script.lines().filter(|line| line.word == "visitor").for_each(|line| page.play(line));
    let chat = Script::new(CHAT);
    chat.lines().for_each(|line| page.play(line));
}

/// Each request is asked once before and once after a reload, since both have to word it.
const CHAT: &[u8] = br#"start
reload
wake
< 200 {"messages":[]}
reload
wake
< 200 {"id":"i","key":"7d2f!1767225600123!cGx/+=","affinityToken":"5ac31fa0","clientPollTimeout":40}
reload
wake
< 200 OK
reload
wake
< 200 {"messages":[{"type":"ChatEstablished","message":{"name":"Noor B."}}],"sequence":2,"offset":14}
send Hello
end
reload
wake"#;
