//! Entrance.
pub mod model;
pub mod protocol;
pub mod session;
#[cfg(target_arch = "wasm32")]
pub mod ui;
