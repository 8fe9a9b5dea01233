//! Command line: the local chat server, and the gateway.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use holdfast_server::gateway::{self, config::Config};
use holdfast_server::settings::Settings;
use holdfast_server::{Options, start};
use tokio::signal;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What is wanted.
enum Command {
    Demo(Box<Options>),
    Gateway(PathBuf, Manner),
}

/// Whether a gateway is run, or its configuration only looked at.
#[derive(PartialEq, Eq)]
enum Manner {
    Run,
    Check,
}

#[tokio::main]
async fn main() -> ExitCode {
    let command = match parse(std::env::args().skip(1)) {
        Ok(command) => command,
        Err(problem) => {
            eprintln!("{problem}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let result = match command {
        Command::Demo(options) => demonstrate(*options).await.map_err(|error| error.to_string()),
        Command::Gateway(file, manner) => attend(&file, &manner).await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("holdfast-server: {problem}");
            ExitCode::FAILURE
        }
    }
}

async fn demonstrate(options: Options) -> std::io::Result<()> {
    let running = start(options).await?;
    let mut out = std::io::stdout();
    writeln!(out, "holdfast-server listening on http://{}/", running.address)?;
    out.flush()?;
    stop_signal().await
}

async fn attend(file: &Path, manner: &Manner) -> Result<(), String> {
    let config = Config::load(file)?;
    if *manner == Manner::Check {
        return gateway::check(config);
    }
    gateway::begin_log(&config);
    let running = gateway::start(config).await?;
    let mut out = std::io::stdout();
    let admin = running.admin.map(|admin| format!(", health and metrics on http://{admin}/")).unwrap_or_default();
    let told = writeln!(out, "holdfast-server gateway listening on http://{}/{admin}", running.address);
    told.and_then(|()| out.flush()).map_err(|error| error.to_string())?;
    stop_signal().await.map_err(|error| error.to_string())?;
    running.stop().await;
    Ok(())
}

#[cfg(unix)]
async fn stop_signal() -> std::io::Result<()> {
    let mut terminate = signal::unix::signal(signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn stop_signal() -> std::io::Result<()> {
    signal::ctrl_c().await
}

fn parse(mut words: impl Iterator<Item = String>) -> Result<Command, String> {
    match words.next().as_deref() {
        Some("demo") => parse_demo(words).map(|options| Command::Demo(Box::new(options))),
        Some("gateway") => parse_gateway(words),
        Some(other) => Err(format!("unknown command: {other}")),
        None => Err("a command is missing".to_owned()),
    }
}

fn parse_demo(mut words: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options { port: 8787, root: PathBuf::from("."), settings: Settings::demo() };
    while let Some(word) = words.next() {
        match word.as_str() {
            "--quick" => options.settings = Settings::quick(),
            "--port" => {
                let port = words.next().and_then(|text| text.parse().ok());
                options.port = port.ok_or("--port wants a number from 0 to 65535")?;
            }
            "--root" => options.root = words.next().ok_or("--root wants a folder")?.into(),
            other => return Err(format!("unknown option: {other}")),
        }
    }
    Ok(options)
}

fn parse_gateway(mut words: impl Iterator<Item = String>) -> Result<Command, String> {
    let (mut file, mut manner) = (None, Manner::Run);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--config" => file = Some(words.next().ok_or("--config wants a file")?.into()),
            "--check" => manner = Manner::Check,
            other => return Err(format!("unknown option: {other}")),
        }
    }
    Ok(Command::Gateway(file.ok_or("--config is missing")?, manner))
}

const USAGE: &str = "usage: holdfast-server demo [--port 8787] [--root DIR] [--quick]
       holdfast-server gateway --config FILE [--check]

  --port    port on 127.0.0.1; 0 picks a free one
  --root    project folder with index.html, pkg/, style/ and tests/e2e/pages/
  --quick   short holds, and an agent that acts only when told under /control
  --config  the gateway's TOML file; server/README.md and docs/gateway.md describe it
  --check   only say whether that file and the secrets that it names can be used";
