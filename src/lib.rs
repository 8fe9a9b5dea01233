//! Holdfast: the website chat widget that never loses a message.
//!
//! The core (`model` ← `protocol` ← `session`) compiles on every target and knows no browser: time, randomness and the
//! network are arguments. The shell (`browser`, `ui`, `embed`) exists on wasm32 only. `ARCHITECTURE.md` says what holds
//! the house up.

pub mod model;
pub mod protocol;
pub mod session;
pub mod tab;

#[cfg(target_arch = "wasm32")]
pub mod browser;
#[cfg(feature = "embed")]
#[cfg(target_arch = "wasm32")]
pub mod embed;
#[cfg(target_arch = "wasm32")]
pub mod ui;

#[cfg(all(test, target_arch = "wasm32"))]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
