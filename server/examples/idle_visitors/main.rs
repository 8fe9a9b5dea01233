//! Idle visitors by the thousand through one gateway process: what it costs in memory, how often the upstream is asked, and
//! whether every line arrives. The upstream is a small one of this program's own, which can be slow, gone, failing or
//! talking nonsense for a while.
#![allow(clippy::expect_used, reason = "a measurement may fail loudly")]

mod upstream;
mod visitor;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use upstream::{Mood, Upstream};
use visitor::Report;

/// What is measured.
#[derive(Debug, Clone)]
struct Plan {
    visitors: usize,
    length: Duration,
    pause: Duration,
    lines_every: Duration,
    has_trouble: bool,
    gateway: PathBuf,
}

#[tokio::main]
async fn main() {
    let plan = match Plan::read(std::env::args().skip(1)) {
        Ok(plan) => plan,
        Err(problem) => {
            eprintln!("{problem}\n\n{USAGE}");
            std::process::exit(2);
        }
    };
    let upstream = Upstream::start().await;
    let mut gateway = Gateway::start(&plan, upstream.address);
    println!("{} visitors for {} s; a poll every {} s", plan.visitors, plan.length.as_secs(), plan.pause.as_secs());
    println!("memory before anybody came: {} kB", gateway.memory());
    let began = Instant::now();
    let mut visitors = JoinSet::new();
    let end = began + RAMP + plan.length;
    for number in 0..plan.visitors {
        let share = RAMP.mul_f64(fraction(number, plan.visitors));
        visitors.spawn(visitor::stay(gateway.address, began + share, end, plan.pause));
    }
    sleep_until(began + RAMP).await;
    let after_ramp = gateway.memory();
    println!("memory once everybody is there: {after_ramp} kB");
    let (asked_before, writing) =
        (upstream.asked(), tokio::spawn(Arc::clone(&upstream).write(plan.lines_every, end - QUIET)));
    let mut last = asked_before;
    let mut told = Instant::now();
    while Instant::now() < end {
        upstream.set_mood(if plan.has_trouble { mood(began + RAMP, plan.length) } else { Mood::Well }).await;
        sleep(Duration::from_secs(1)).await;
        if told.elapsed() >= TELL {
            let asked = upstream.asked();
            let rate = per_second(asked - last, told.elapsed());
            println!(
                "{:>4} s: {} kB, {rate:.0} upstream requests a second, upstream is {:?}",
                (Instant::now() - began - RAMP).as_secs(),
                gateway.memory(),
                upstream.mood()
            );
            (last, told) = (asked, Instant::now());
        }
    }
    let rate = per_second(upstream.asked() - asked_before, plan.length);
    let _written = writing.await;
    let mut whole = Report::default();
    while let Some(report) = visitors.join_next().await {
        whole.add(report.expect("a visitor who comes back"));
    }
    let (written, lost) = upstream.compare(&whole.seen);
    println!(
        "memory at the end: {} kB ({:+} kB since everybody is there)",
        gateway.memory(),
        gateway.memory() - after_ramp
    );
    println!("upstream requests a second on average: {rate:.1}");
    println!("by operation: {}", gateway.counts().await);
    println!(
        "polls: {}; answers by status: {:?}; connections that broke: {}",
        whole.polls, whole.statuses, whole.broken
    );
    println!("slowest good answers: 99 % within {} ms, all within {} ms", whole.quick(0.99), whole.quick(1.0));
    println!("lines written: {written}; lost: {lost}; twice or out of order: {}", whole.disorder);
    gateway.stop();
    if lost > 0 || whole.disorder > 0 {
        std::process::exit(1);
    }
}

impl Plan {
    fn read(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let beside = std::env::current_exe().ok().and_then(|own| Some(own.parent()?.parent()?.join("holdfast-server")));
        let mut plan = Self {
            visitors: 2_000,
            length: Duration::from_secs(600),
            pause: Duration::from_secs(4),
            lines_every: Duration::from_secs(300),
            has_trouble: false,
            gateway: beside.unwrap_or_default(),
        };
        while let Some(word) = words.next() {
            let mut number =
                || words.next().and_then(|text| text.parse::<u64>().ok()).ok_or(format!("{word} wants a number"));
            match word.as_str() {
                "--visitors" => plan.visitors = usize::try_from(number()?).map_err(|error| error.to_string())?,
                "--seconds" => plan.length = Duration::from_secs(number()?),
                "--poll" => plan.pause = Duration::from_secs(number()?),
                "--line-every" => plan.lines_every = Duration::from_secs(number()?.max(1)),
                "--trouble" => plan.has_trouble = true,
                "--gateway" => plan.gateway = words.next().ok_or("--gateway wants a program")?.into(),
                other => return Err(format!("unknown option: {other}")),
            }
        }
        Ok(plan)
    }
}

/// The gateway's process.
struct Gateway {
    child: Child,
    address: SocketAddr,
}

impl Gateway {
    fn start(plan: &Plan, upstream: SocketAddr) -> Self {
        let most = plan.visitors + 100;
        let text = format!(
            "listen = \"127.0.0.1:0\"\n[superoffice]\nurl = \"http://{upstream}/Cust1\"\ncredential_env = \"IDLE_VISITORS\"\n\
             topics = [1]\n[limits]\nconnections = {most}\nconnections_per_address = {most}\nrequests_per_second = 1e6\n\
             request_burst = 1e6\nstarts_per_minute = 1e6\nsessions_per_address = {most}\nmisses_per_minute = 1e6\n\
             [log]\nlevel = \"error\"\n"
        );
        let file = std::env::temp_dir().join(format!("idle-visitors-{}.toml", std::process::id()));
        std::fs::write(&file, text).expect("a file that can be written");
        let mut child = Command::new(&plan.gateway)
            .args(["gateway", "--config"])
            .arg(&file)
            .env("IDLE_VISITORS", "8A:measured")
            .stdout(Stdio::piped())
            .spawn()
            .expect("the gateway's program: build it, or name it with --gateway");
        let mut line = String::new();
        let output = child.stdout.take().expect("an output");
        BufReader::new(output).read_line(&mut line).expect("a line");
        let _gone = std::fs::remove_file(file);
        let address = line.trim().trim_end_matches('/').rsplit('/').next().and_then(|text| text.parse().ok());
        Self { child, address: address.expect("an address") }
    }

    /// Resident memory in kB.
    fn memory(&self) -> i64 {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
    }

    /// How often the gateway asked for what.
    async fn counts(&self) -> String {
        let text = visitor::once(self.address, "/metrics").await.unwrap_or_default();
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for line in text.lines() {
            let Some(rest) = line.strip_prefix("gateway_upstream_requests_seconds_count{operation=\"") else {
                continue;
            };
            let words: Vec<&str> = rest.split(['"', ' ', '}']).collect();
            if let [operation, _, outcome, .., count] = words.as_slice() {
                *counts.entry(format!("{operation} {outcome}")).or_default() += count.parse().unwrap_or(0);
            }
        }
        counts.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
    }

    fn stop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// An eighth of the time each: well, slow, well, gone, well, failing, well, nonsense; then well to the end.
fn mood(began: Instant, length: Duration) -> Mood {
    let passed = began.elapsed().as_secs_f64() / length.as_secs_f64() * 9.0;
    MOODS.into_iter().rev().find(|(from, _)| passed >= *from).map_or(Mood::Well, |(_, mood)| mood)
}

fn fraction(part: usize, whole: usize) -> f64 {
    per(u64::try_from(part).unwrap_or_default(), u64::try_from(whole).unwrap_or_default())
}

fn per_second(count: u64, time: Duration) -> f64 {
    per(count, 1) / time.as_secs_f64()
}

fn per(count: u64, whole: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / f64::from(u32::try_from(whole.max(1)).unwrap_or(u32::MAX))
}

const MOODS: [(f64, Mood); 8] = [
    (1.0, Mood::Slow),
    (2.0, Mood::Well),
    (3.0, Mood::Gone),
    (4.0, Mood::Well),
    (5.0, Mood::Failing),
    (6.0, Mood::Well),
    (7.0, Mood::Nonsense),
    (8.0, Mood::Well),
];
/// How long it takes until everybody has come.
const RAMP: Duration = Duration::from_secs(15);
/// Nothing is written any more so long before the end, so that everything can be read.
const QUIET: Duration = Duration::from_secs(25);
const TELL: Duration = Duration::from_secs(10);

const USAGE: &str = "usage: idle_visitors [--visitors 2000] [--seconds 600] [--poll 4] [--line-every 300] [--trouble] [--gateway PROGRAM]

  --line-every  seconds between two lines that an agent writes to each visitor, on average
  --trouble     the upstream is slow, gone, failing and talking nonsense in turn
  --gateway     the holdfast-server to measure; by default the one that was built beside this";
