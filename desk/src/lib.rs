//! The agent's desk: every local chat, whatever dialect its visitor speaks, answered from one page.
//!
//! It is built like the widget. `core` decides and knows no browser: what happens is an input, what is wanted an effect,
//! time an argument. `api` has the words of the agents' interface and keeps no time. `shell` performs effects and
//! `screen` draws; both exist on wasm32 only. What the widget has already (styles, elements, hours, links, formatted
//! words, the fetching) is taken from it.

pub mod api;
pub mod core;

#[cfg(target_arch = "wasm32")]
pub mod screen;
#[cfg(target_arch = "wasm32")]
pub mod shell;
