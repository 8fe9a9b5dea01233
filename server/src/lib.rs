//! The local chat server: imitates the backends that the widget speaks to, with faults on demand.
//!
//! It is a second, independent reading of each protocol and shares no type with the widget.
//! `hub` holds the conversations, each façade folder speaks one dialect and stands in `facade`, `control` is for tests
//! and people, `agent` plays the other side of a demonstration. `gateway` is no imitation but a service of its own, which
//! the demonstration puts in front of the imitated SuperOffice.

pub mod agent;
pub mod call;
pub mod connection;
pub mod control;
pub mod cors;
pub mod facade;
pub mod faults;
pub mod gateway;
pub mod genesys;
pub mod hub;
pub mod intake;
pub mod live_agent;
pub mod live_person;
pub mod reaper;
pub mod settings;
pub mod site;
pub mod stamp;
pub mod superoffice;
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
    let front = gateway::routes(demonstration(hub.base())?, CREDENTIAL).map_err(io::Error::other)?;
    let rest = control::routes(Arc::clone(&hub))
        .route_service("/so/{*rest}", front)
        .fallback(site::file)
        .with_state(site::Root::new(options.root));
    let task = tokio::spawn(connection::serve(listener, Arc::clone(&hub), rest));
    Ok(Running { address, hub, task })
}

/// The gateway in front of the imitated SuperOffice: quicker than a real one may be, and for one address.
fn demonstration(base: &str) -> io::Result<gateway::config::Config> {
    let text = format!(
        "listen = \"127.0.0.1:0\"\n\
         [superoffice]\nurl = \"{base}/superoffice/Cust00001\"\ncredential_env = \"given\"\n\
         topics = [1, 2, 3, 4, 5, 6, 7, 8, 9]\ntyping = true\n\
         pace = {{ busy_ms = 200, idle_ms = 500, queue_ms = 300, topic_ms = 300, open_ms = 300, fetched_ms = 5000 }}\n\
         [limits]\nrequests_per_second = 1000.0\nrequest_burst = 1000.0\nstarts_per_minute = 1000.0\n\
         sessions_per_address = 1000\nmisses_per_minute = 1000.0\n"
    );
    gateway::config::Config::parse(&text).map_err(io::Error::other)
}

/// What the imitated SuperOffice takes, unless it is told otherwise.
const CREDENTIAL: &str = "8A:local-demo";
