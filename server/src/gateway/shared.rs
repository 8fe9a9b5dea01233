//! Something that is read upstream once, however many ask for it at the same time, and then remembered for a while.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex as Gate;
use tokio::time::Instant;

use crate::gateway::webapi::Failure;

/// A value that is read upstream.
#[derive(Debug)]
pub struct Shared<T> {
    slot: Mutex<Slot<T>>,
    gate: Gate<()>,
}

#[derive(Debug)]
struct Slot<T> {
    value: Option<Arc<T>>,
    /// When it was read, and how that ended.
    read: Option<(Instant, Result<(), Failure>)>,
    /// Counts what made the value doubtful.
    doubts: u64,
    /// The doubts that the value has been read after.
    settled: u64,
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        let slot = Slot { value: None, read: None, doubts: 0, settled: 0 };
        Self { slot: Mutex::new(slot), gate: Gate::new(()) }
    }
}

impl<T> Shared<T> {
    /// The value as it was at most so long ago; read again if need be. Whoever reads is told what was there before.
    /// The flag says whether nobody had to be asked.
    ///
    /// # Errors
    /// As the read failed; a failure is remembered too, for a moment.
    pub async fn get<F>(&self, age: Duration, read: impl FnOnce(Option<Arc<T>>) -> F) -> (Result<Arc<T>, Failure>, bool)
    where
        F: Future<Output = Result<T, Failure>>,
    {
        if let Some(known) = self.known(age) {
            return (known, true);
        }
        let _turn = self.gate.lock().await;
        if let Some(known) = self.known(age) {
            return (known, true);
        }
        let (before, doubts) = {
            let slot = self.lock();
            (slot.value.clone(), slot.doubts)
        };
        let result = read(before).await.map(Arc::new);
        let mut slot = self.lock();
        slot.read = Some((Instant::now(), result.as_ref().map(|_| ()).map_err(|failure| *failure)));
        // What was written while this was read may not be in it.
        slot.settled = doubts;
        if let Ok(value) = &result {
            slot.value = Some(Arc::clone(value));
        }
        (result, false)
    }

    /// The value is not to be trusted any more.
    pub fn doubt(&self) {
        self.lock().doubts += 1;
    }

    /// What was read last, however old.
    pub fn last(&self) -> Option<Arc<T>> {
        self.lock().value.clone()
    }

    fn known(&self, age: Duration) -> Option<Result<Arc<T>, Failure>> {
        let slot = self.lock();
        let (when, outcome) = slot.read?;
        if slot.settled != slot.doubts {
            return None;
        }
        match outcome {
            Ok(()) if when.elapsed() < age => slot.value.clone().map(Ok),
            Err(failure) if when.elapsed() < age.min(FAILED) => Some(Err(failure)),
            _ => None,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Slot<T>> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long a failure stands for others.
const FAILED: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    const AGE: Duration = Duration::from_secs(1);

    async fn read(count: &AtomicU32) -> Result<u32, Failure> {
        tokio::time::sleep(Duration::from_millis(100)).await;
        Ok(count.fetch_add(1, Ordering::Relaxed))
    }

    #[tokio::test(start_paused = true)]
    async fn many_who_ask_at_once_cost_one_read() {
        let (shared, count) = (Shared::default(), AtomicU32::new(0));
        let ask = || shared.get(AGE, |_| read(&count));
        let answers = tokio::join!(ask(), ask(), ask());
        assert_eq!((answers.0.0, answers.1.0, answers.2.0), (Ok(Arc::new(0)), Ok(Arc::new(0)), Ok(Arc::new(0))));
        assert_eq!((answers.0.1, answers.1.1, count.load(Ordering::Relaxed)), (false, true, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_old_or_doubtful_is_read_again() {
        let (shared, count) = (Shared::default(), AtomicU32::new(0));
        let ask = || async { shared.get(AGE, |_| read(&count)).await.0 };
        assert_eq!((ask().await, ask().await), (Ok(Arc::new(0)), Ok(Arc::new(0))));
        tokio::time::advance(AGE).await;
        assert_eq!(ask().await, Ok(Arc::new(1)));
        shared.doubt();
        assert_eq!((ask().await, ask().await), (Ok(Arc::new(2)), Ok(Arc::new(2))));
    }

    #[tokio::test(start_paused = true)]
    async fn a_doubt_during_a_read_outlives_it() {
        let (shared, count) = (Shared::default(), AtomicU32::new(0));
        let doubting = async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            shared.doubt();
        };
        let (first, ()) = tokio::join!(shared.get(AGE, |_| read(&count)), doubting);
        let second = shared.get(AGE, |_| read(&count)).await;
        assert_eq!((first.0, second.0), (Ok(Arc::new(0)), Ok(Arc::new(1))));
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_stands_for_a_moment_only() {
        let shared: Shared<u32> = Shared::default();
        let fail = || async { Err(Failure::Unknown) };
        assert_eq!(shared.get(AGE, |_| fail()).await, (Err(Failure::Unknown), false));
        assert_eq!(shared.get(AGE, |_| fail()).await, (Err(Failure::Unknown), true));
        tokio::time::advance(FAILED).await;
        assert_eq!(shared.get(AGE, |_| async { Ok(7) }).await, (Ok(Arc::new(7)), false));
    }
}
