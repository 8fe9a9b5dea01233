//! Everything a fresh machine lacks: each part is found or installed, and asked for only by the verbs that need it.
//!
//! Running it again changes nothing and takes a second or two.

pub mod apt;
pub mod browser;
pub mod debian_rust;
pub mod engine;
pub mod homeserver;
pub mod node;
pub mod tools;
pub mod wasm_target;

use crate::house::House;
use crate::setup::engine::Engine;
use crate::shell::{self, Outcome};

/// Sets up all parts, those that others wait for first.
pub fn run(house: &House) -> Outcome {
    let toolchain = wasm_target::provide(house)?;
    if !toolchain.has_sources() {
        println!("The toolchain has no sources of the standard library: the widget will be larger than it could be.");
    }
    tools::wasm_bindgen(house)?;
    tools::wasm_pack(house)?;
    node::build_packages(house)?;
    node::test_packages(house)?;
    homeserver::python(house)?;
    for engine in Engine::ALL {
        engine.provide(house)?;
    }
    tools::tidy(house)?;
    shell::announce("Everything is set up");
    Ok(())
}
