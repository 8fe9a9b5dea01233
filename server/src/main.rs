//! Command line of the local chat server.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use holdfast_server::settings::Settings;
use holdfast_server::{Options, start};
use tokio::signal;

#[tokio::main]
async fn main() -> ExitCode {
    let options = match parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(problem) => {
            eprintln!("{problem}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("holdfast-server: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> std::io::Result<()> {
    let running = start(options).await?;
    let mut out = std::io::stdout();
    writeln!(out, "holdfast-server listening on http://{}/", running.address)?;
    out.flush()?;
    stop_signal().await
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

fn parse(mut words: impl Iterator<Item = String>) -> Result<Options, String> {
    match words.next().as_deref() {
        Some("demo") => {}
        Some(other) => return Err(format!("unknown command: {other}")),
        None => return Err("a command is missing".to_owned()),
    }
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

const USAGE: &str = "usage: holdfast-server demo [--port 8787] [--root DIR] [--quick]

  --port   port on 127.0.0.1; 0 picks a free one
  --root   project folder with index.html, pkg/, style/ and tests/e2e/pages/
  --quick  short holds, and an agent that acts only when told under /control";
