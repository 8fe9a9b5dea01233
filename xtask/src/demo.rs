//! The demo: builds everything and becomes the local server, with a page on which one can chat.
//!
//! Does not know what the server can do; hands its options through.

use std::net::TcpListener;
use std::process::{Command, ExitCode};

use crate::dist::{self, Quality};
use crate::house::House;
use crate::setup::homeserver;
use crate::shell::{self, Failure, Outcome};
use crate::test;

/// Who answers the demo's visitors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backends {
    /// The local server, in every dialect that it imitates.
    Imitated,
    /// A Matrix homeserver beside it, which is nobody's imitation.
    WithMatrix,
}

/// Builds what is missing and serves the demo until it is stopped. What to do stands last, where it is read.
pub fn run(house: &House, port: Option<&str>, backends: Backends) -> Outcome<ExitCode> {
    dist::run(house, Quality::Release)?;
    let mut server = shell::command(test::build_server(house)?);
    server.arg("demo").current_dir(&house.root).env("HOLDFAST_ROOT", &house.root);
    if let Some(port) = port {
        server.args(["--port", port]);
    }
    let port = port.unwrap_or(PORT);
    match backends {
        Backends::Imitated => shell::announce(format!(
            "Open http://127.0.0.1:{port}/ and chat; answer in another window, on http://127.0.0.1:{port}/desk/. \
             Ctrl+C stops the server."
        )),
        Backends::WithMatrix => {
            start_homeserver(house)?;
            shell::announce(format!(
                "Open http://127.0.0.1:{port}/?backend=matrix and chat; answer in any Matrix app, such as Element \
                 (https://element.io/download), as\n    homeserver  http://127.0.0.1:{HOMESERVER_PORT}\n    \
                 user        {SUPPORT}\n    password    {SUPPORT}\n  \
                 Each visitor invites you to a room. Accept, answer, and leave or remove the visitor to close the chat. \
                 Ctrl+C stops both servers."
            ));
        }
    }
    become_program(&mut server)
}

/// Starts a homeserver that ends with this program, with an account to answer from.
fn start_homeserver(house: &House) -> Outcome {
    let python = homeserver::python(house)?;
    let program = house.root.join("xtask/homeserver/homeserver.py");
    let folder = house.target.join("matrix-demo");
    shell::announce(format!("Starting the Matrix homeserver in {} (the first time some 10 seconds)", folder.display()));
    // Otherwise the account would go to whoever is there.
    if TcpListener::bind(format!("127.0.0.1:{HOMESERVER_PORT}")).is_err() {
        return Err(Failure::new(format!("port {HOMESERVER_PORT} is taken: end what uses it, perhaps another demo")));
    }
    let mut server = shell::command(&python);
    server.arg(&program).arg("serve").arg(folder).args([HOMESERVER_PORT, SETTINGS]);
    server.spawn().map_err(|error| Failure::new(format!("it could not be started: {error}")))?;
    shell::run(
        shell::command(&python).arg(&program).args(["account", HOMESERVER_PORT]).args([SUPPORT, SUPPORT, "Noor B."]),
    )
}

/// Puts the server in this program's place, so that whoever stops this program stops the server.
#[cfg(unix)]
fn become_program(command: &mut Command) -> Outcome<ExitCode> {
    use std::os::unix::process::CommandExt;

    let error = command.exec();
    Err(Failure::new(format!("the server could not be started: {error}")))
}

#[cfg(not(unix))]
fn become_program(command: &mut Command) -> Outcome<ExitCode> {
    shell::run(command).map(|()| ExitCode::SUCCESS)
}

/// The server's own choice.
const PORT: &str = "8787";
/// The demo page knows it too.
const HOMESERVER_PORT: &str = "8790";
/// The account that visitors invite, and its password.
const SUPPORT: &str = "support";
/// Agents accept by hand, so that the visitor sees when somebody is there.
const SETTINGS: &str = r#"{"auto_accept_invites": {"enabled": false}}"#;
