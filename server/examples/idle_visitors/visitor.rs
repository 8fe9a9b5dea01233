//! A visitor who waits: one connection, two reads in turn, and a good memory.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout};

/// What visitors saw.
#[derive(Debug, Default)]
pub struct Report {
    /// Polls that were tried.
    pub polls: u64,
    /// Answers by status.
    pub statuses: BTreeMap<u16, u64>,
    /// Connections that broke.
    pub broken: u64,
    /// Lines by session.
    pub seen: BTreeMap<u64, Vec<u64>>,
    /// Lines that came twice or out of order.
    pub disorder: usize,
    times: Vec<u64>,
}

impl Report {
    /// Adds what another saw.
    pub fn add(&mut self, other: Self) {
        self.polls += other.polls;
        self.broken += other.broken;
        self.disorder += other.disorder;
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
        self.seen.extend(other.seen);
        self.times.extend(other.times);
    }

    /// Milliseconds within which so large a part of good answers came.
    pub fn quick(&mut self, part: f64) -> u64 {
        self.times.sort_unstable();
        let count = u32::try_from(self.times.len()).unwrap_or(u32::MAX);
        let place = (f64::from(count) * part).ceil().max(1.0) - 1.0;
        // A place within a list is a whole number and not negative.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as said")]
        let place = place as usize;
        self.times.get(place).copied().unwrap_or_default()
    }
}

/// Comes at a moment, and stays until another.
pub async fn stay(gateway: SocketAddr, from: Instant, until: Instant, pause: Duration) -> Report {
    let mut report = Report::default();
    sleep_until(from).await;
    let mut line = None;
    let (mut id, mut key, mut last) = (0, String::new(), 0);
    let mut next = Instant::now();
    while next < until {
        if id == 0 {
            let begun = ask(gateway, &mut line, "POST", "/so/api/v1/ChatTopic/1/Sessions", "", &mut report).await;
            if let Some(begun) = begun {
                id = begun.get("ChatSessionId").and_then(Value::as_u64).unwrap_or_default();
                begun.get("SessionKey").and_then(Value::as_str).unwrap_or_default().clone_into(&mut key);
                report.seen.insert(id, Vec::new());
            }
        } else {
            report.polls += 1;
            let path = format!("/so/api/v1/ChatSession/{id}");
            let _shown = ask(gateway, &mut line, "GET", &path, &key, &mut report).await;
            let news =
                ask(gateway, &mut line, "GET", &format!("{path}/Messages?after={last}"), &key, &mut report).await;
            for number in
                news.iter().flat_map(Value::as_array).flatten().filter_map(|it| it.get("ChatMessageId")?.as_u64())
            {
                report.disorder += usize::from(number <= last);
                last = last.max(number);
                report.seen.entry(id).or_default().push(number);
            }
        }
        next += pause;
        sleep_until(next).await;
    }
    report
}

/// One question on a connection of its own.
pub async fn once(gateway: SocketAddr, path: &str) -> Option<String> {
    let mut line = None;
    let (_, body) = exchange(gateway, &mut line, "GET", path, "").await?;
    Some(body)
}

type Line = Option<BufReader<TcpStream>>;

async fn ask(
    gateway: SocketAddr,
    line: &mut Line,
    method: &str,
    path: &str,
    key: &str,
    report: &mut Report,
) -> Option<Value> {
    let begun = Instant::now();
    let answer = timeout(PATIENCE, exchange(gateway, line, method, path, key)).await.ok().flatten();
    let Some((status, body)) = answer else {
        *line = None;
        report.broken += 1;
        return None;
    };
    *report.statuses.entry(status).or_default() += 1;
    if status != 200 {
        return None;
    }
    report.times.push(u64::try_from(begun.elapsed().as_millis()).unwrap_or_default());
    serde_json::from_str(&body).ok()
}

async fn exchange(gateway: SocketAddr, line: &mut Line, method: &str, path: &str, key: &str) -> Option<(u16, String)> {
    let mut socket = match line.take() {
        Some(socket) => socket,
        None => BufReader::new(TcpStream::connect(gateway).await.ok()?),
    };
    let request =
        format!("{method} {path} HTTP/1.1\r\nHost: gateway\r\nX-Chat-Session-Key: {key}\r\nContent-Length: 0\r\n\r\n");
    socket.write_all(request.as_bytes()).await.ok()?;
    let (mut status, mut length) = (0, 0);
    loop {
        let mut head = String::new();
        if socket.read_line(&mut head).await.ok()? == 0 {
            return None;
        }
        let head = head.trim_end().to_ascii_lowercase();
        if head.is_empty() {
            break;
        }
        if let Some(rest) = head.strip_prefix("http/1.1 ") {
            status = rest.get(..3)?.parse().ok()?;
        }
        if let Some(rest) = head.strip_prefix("content-length: ") {
            length = rest.parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    socket.read_exact(&mut body).await.ok()?;
    *line = Some(socket);
    Some((status, String::from_utf8(body).ok()?))
}

const PATIENCE: Duration = Duration::from_secs(20);
