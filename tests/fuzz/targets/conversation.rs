//! Hostile answers to a whole conversation: a session with the real adapter on a page that reloads, sleeps and loses its
//! network. `page.rs` says what a line can be.

use super::page::Page;
use super::script::Script;

/// Plays bytes on a page.
pub fn run(bytes: &[u8]) {
    let script = Script::new(bytes);
    let Some(mut page) = Page::new(&script) else { return };
    script.lines().for_each(|line| page.play(line));
}
