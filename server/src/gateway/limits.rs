//! How much one address may ask. Counts are this process's own: limits over several processes are the proxy's in front.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::gateway::config;
use crate::gateway::refusal::Refusal;

/// What every address has asked lately.
#[derive(Debug)]
pub struct Limits {
    rules: config::Limits,
    addresses: Mutex<BTreeMap<IpAddr, Account>>,
}

#[derive(Debug)]
struct Account {
    requests: Bucket,
    starts: Bucket,
    misses: Bucket,
    sessions: BTreeMap<u64, Instant>,
    heard: Instant,
}

/// Fills again while nobody takes from it.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    left: f64,
    since: Instant,
}

impl Bucket {
    fn full(size: f64, now: Instant) -> Self {
        Self { left: size, since: now }
    }

    fn fill(&mut self, size: f64, per_second: f64, now: Instant) {
        let gained = now.saturating_duration_since(self.since).as_secs_f64() * per_second;
        self.left = (self.left + gained).min(size);
        self.since = now;
    }

    /// Takes one; else the seconds until there is one.
    fn take(&mut self, size: f64, per_second: f64, now: Instant) -> Result<(), u64> {
        self.fill(size, per_second, now);
        if self.left < 1.0 {
            let wait = Duration::try_from_secs_f64((1.0 - self.left) / per_second).unwrap_or(LONG).min(LONG);
            return Err(wait.as_secs() + 1);
        }
        self.left -= 1.0;
        Ok(())
    }
}

impl Limits {
    /// Nobody has asked anything yet.
    pub fn new(rules: config::Limits) -> Self {
        Self { rules, addresses: Mutex::new(BTreeMap::new()) }
    }

    /// Somebody asks something.
    ///
    /// # Errors
    /// When it is too much, or too many tries were wrong.
    pub fn on_request(&self, address: IpAddr) -> Result<(), Refusal> {
        self.with(address, |account, rules, now| {
            account.misses.fill(rules.misses_per_minute, rules.misses_per_minute / 60.0, now);
            if account.misses.left < 1.0 {
                return Err(Refusal::TooMany(60));
            }
            let taken = account.requests.take(rules.request_burst, rules.requests_per_second, now);
            taken.map_err(Refusal::TooMany)
        })
    }

    /// Somebody begins a session.
    ///
    /// # Errors
    /// When there are too many already, or they come too fast.
    pub fn on_start(&self, address: IpAddr) -> Result<(), Refusal> {
        self.with(address, |account, rules, now| {
            account.sessions.retain(|_, heard| now.saturating_duration_since(*heard) < OPEN);
            if account.sessions.len() >= rules.sessions_per_address {
                return Err(Refusal::TooMany(OPEN.as_secs()));
            }
            let taken = account.starts.take(rules.starts_per_minute, rules.starts_per_minute / 60.0, now);
            taken.map_err(Refusal::TooMany)
        })
    }

    /// Somebody is in a session.
    pub fn on_visit(&self, address: IpAddr, session: u64) {
        self.with(address, |account, _, now| account.sessions.insert(session, now));
    }

    /// Somebody left a session for good.
    pub fn on_leave(&self, address: IpAddr, session: u64) {
        self.with(address, |account, _, _| account.sessions.remove(&session));
    }

    /// Somebody named a session that is not theirs, or is none.
    pub fn on_miss(&self, address: IpAddr) {
        self.with(address, |account, rules, now| {
            let _none_left = account.misses.take(rules.misses_per_minute, rules.misses_per_minute / 60.0, now);
        });
    }

    /// Forgets whoever is quiet.
    pub fn sweep(&self) {
        self.lock().retain(|_, account| account.heard.elapsed() < QUIET);
    }

    fn with<T>(&self, address: IpAddr, look: impl FnOnce(&mut Account, &config::Limits, Instant) -> T) -> T {
        let now = Instant::now();
        let rules = &self.rules;
        let mut addresses = self.lock();
        let account = addresses.entry(address).or_insert_with(|| Account {
            requests: Bucket::full(rules.request_burst, now),
            starts: Bucket::full(rules.starts_per_minute, now),
            misses: Bucket::full(rules.misses_per_minute, now),
            sessions: BTreeMap::new(),
            heard: now,
        });
        account.heard = now;
        look(account, rules, now)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<IpAddr, Account>> {
        self.addresses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A session counts as open so long after its browser was heard of.
const OPEN: Duration = Duration::from_secs(60);
const QUIET: Duration = Duration::from_secs(180);
const LONG: Duration = Duration::from_secs(3_600);

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const SOMEBODY: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    const ANOTHER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));

    fn limits() -> Limits {
        Limits::new(config::Limits {
            request_burst: 3.0,
            requests_per_second: 1.0,
            starts_per_minute: 2.0,
            sessions_per_address: 1,
            misses_per_minute: 2.0,
            ..config::Limits::default()
        })
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_may_ask_so_often_and_again_later() {
        let limits = limits();
        for _ in 0..3 {
            assert_eq!(limits.on_request(SOMEBODY), Ok(()));
        }
        assert_eq!(limits.on_request(SOMEBODY), Err(Refusal::TooMany(2)));
        assert_eq!(limits.on_request(ANOTHER), Ok(()));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(limits.on_request(SOMEBODY), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_may_have_so_many_sessions() {
        let limits = limits();
        assert_eq!(limits.on_start(SOMEBODY), Ok(()));
        limits.on_visit(SOMEBODY, 7);
        assert_eq!(limits.on_start(SOMEBODY), Err(Refusal::TooMany(60)));
        limits.on_leave(SOMEBODY, 7);
        assert_eq!(limits.on_start(SOMEBODY), Ok(()));
        assert_eq!(limits.on_start(SOMEBODY), Err(Refusal::TooMany(31)));
    }

    #[tokio::test(start_paused = true)]
    async fn who_guesses_has_to_wait() {
        let limits = limits();
        limits.on_miss(SOMEBODY);
        assert_eq!(limits.on_request(SOMEBODY), Ok(()));
        limits.on_miss(SOMEBODY);
        assert_eq!(limits.on_request(SOMEBODY), Err(Refusal::TooMany(60)));
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(limits.on_request(SOMEBODY), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_quiet_is_forgotten() {
        let limits = limits();
        limits.on_visit(SOMEBODY, 7);
        tokio::time::advance(QUIET).await;
        limits.sweep();
        assert!(limits.lock().is_empty());
    }
}
