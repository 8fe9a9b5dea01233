//! The local chat server: imitates the backends that the widget speaks to, with faults on demand.
//!
//! It is a second, independent reading of each protocol and shares no type with the widget.
//! `hub` holds the conversations, each façade folder speaks one dialect and stands in `facade`, `control` is for tests
//! and people, `agent` plays the other side of a demonstration.

pub mod agent;
pub mod call;
pub mod connection;
pub mod control;
pub mod cors;
pub mod facade;
pub mod faults;
pub mod genesys;
pub mod hub;
pub mod intake;
pub mod live_agent;
pub mod live_person;
pub mod settings;
pub mod site;
pub mod url;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use hub::Hub;
use settings::Settings;

/// How to start.
#[derive(Debug, Clone)]
pub struct Options {
    /// The port on the loopback; 0 is any free one.
    pub port: u16,
    /// The project folder whose pages are served.
    pub root: PathBuf,
    /// The settings to start with.
    pub settings: Settings,
}

/// A server that runs until this is dropped.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// What it knows.
    pub hub: Arc<Hub>,
    task: JoinHandle<io::Result<()>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Starts a server.
///
/// # Errors
/// When the port is taken.
pub async fn start(options: Options) -> io::Result<Running> {
    let listener = TcpListener::bind(("127.0.0.1", options.port)).await?;
    let address = listener.local_addr()?;
    let hub = Hub::new(options.settings);
    hub.set_base(format!("http://{address}"));
    let rest = control::routes(Arc::clone(&hub)).fallback(site::file).with_state(site::Root::new(options.root));
    let task = tokio::spawn(connection::serve(listener, Arc::clone(&hub), rest));
    Ok(Running { address, hub, task })
}
