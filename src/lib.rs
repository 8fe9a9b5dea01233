//! Entrance.
pub mod model;
pub mod session;
#[cfg(target_arch = "wasm32")]
pub mod ui;
