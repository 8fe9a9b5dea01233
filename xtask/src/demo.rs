//! The demo: builds everything and becomes the local server, with a page on which one can chat.
//!
//! Does not know what the server can do; hands its options through.

use std::process::{Command, ExitCode};

use crate::dist::{self, Quality};
use crate::house::House;
use crate::shell::{self, Outcome};
use crate::test;

/// Builds what is missing and serves the demo until it is stopped.
pub fn run(house: &House, port: Option<&str>) -> Outcome<ExitCode> {
    dist::run(house, Quality::Release)?;
    let mut server = shell::command(test::build_server(house)?);
    server.arg("demo").current_dir(&house.root).env("HOLDFAST_ROOT", &house.root);
    if let Some(port) = port {
        server.args(["--port", port]);
    }
    let port = port.unwrap_or(PORT);
    shell::announce(format!(
        "Open http://127.0.0.1:{port}/ and chat; answer in another window, on http://127.0.0.1:{port}/desk/. \
         Ctrl+C stops the server."
    ));
    become_program(&mut server)
}

/// Puts the server in this program's place, so that whoever stops this program stops the server.
#[cfg(unix)]
fn become_program(command: &mut Command) -> Outcome<ExitCode> {
    use std::os::unix::process::CommandExt;

    let error = command.exec();
    Err(shell::Failure::new(format!("the server could not be started: {error}")))
}

#[cfg(not(unix))]
fn become_program(command: &mut Command) -> Outcome<ExitCode> {
    shell::run(command).map(|()| ExitCode::SUCCESS)
}

/// The server's own choice.
const PORT: &str = "8787";
