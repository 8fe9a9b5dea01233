//! Who sits at the desk: people who answer conversations of any dialect, and which conversation is whose.
//! Knows nothing of how they are reached. Its lock is never held while a conversation is looked at.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

/// Everybody at the desk.
#[derive(Debug, Default)]
pub struct Desk {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    last_seat: u64,
    seats: Vec<Seat>,
    holders: BTreeMap<String, u64>,
    notes: BTreeMap<String, String>,
    rings: BTreeMap<(String, u64), Instant>,
}

/// One person at the desk.
#[derive(Debug, Clone)]
pub struct Seat {
    /// Its number.
    pub id: u64,
    /// The person's number; the same person has always the same.
    pub person: u64,
    /// The name shown to visitors.
    pub name: String,
    /// Whether the person takes conversations.
    pub presence: Presence,
    /// The last sign of life.
    pub heard: Instant,
}

/// Whether somebody takes conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Presence {
    /// New ones too.
    Online,
    /// Only those that are there.
    Occupied,
    /// None.
    Away,
}

impl Desk {
    /// Seats a person, who takes no conversation yet, and gives the seat's number.
    pub fn sit(&self, person: u64, name: &str) -> u64 {
        let mut inner = self.lock();
        inner.last_seat += 1;
        let id = inner.last_seat;
        let seat = Seat { id, person, name: name.to_owned(), presence: Presence::Away, heard: Instant::now() };
        inner.seats.push(seat);
        id
    }

    /// Takes a seat away; gives the conversations that nobody holds any more.
    pub fn stand(&self, seat: u64) -> Vec<String> {
        let mut inner = self.lock();
        inner.seats.retain(|one| one.id != seat);
        inner.rings.retain(|(_, rung), _| *rung != seat);
        let held = inner.holders.iter().filter(|(_, holder)| **holder == seat);
        let left: Vec<String> = held.map(|(conversation, _)| conversation.clone()).collect();
        inner.holders.retain(|_, holder| *holder != seat);
        left
    }

    /// A seat.
    pub fn seat(&self, seat: u64) -> Option<Seat> {
        self.lock().seats.iter().find(|one| one.id == seat).cloned()
    }

    /// All seats.
    pub fn seats(&self) -> Vec<Seat> {
        self.lock().seats.clone()
    }

    /// Changes a seat.
    pub fn change(&self, seat: u64, change: impl FnOnce(&mut Seat)) -> bool {
        let mut inner = self.lock();
        let found = inner.seats.iter_mut().find(|one| one.id == seat);
        found.map(change).is_some()
    }

    /// Whether somebody takes new conversations.
    pub fn is_staffed(&self) -> bool {
        self.lock().seats.iter().any(|seat| seat.presence == Presence::Online)
    }

    /// Gives a conversation to a seat if nobody holds it. Whether that seat holds it now.
    pub fn claim(&self, conversation: &str, seat: u64) -> bool {
        let mut inner = self.lock();
        let holder = *inner.holders.entry(conversation.to_owned()).or_insert(seat);
        inner.rings.retain(|(ringing, _), _| ringing != conversation);
        holder == seat
    }

    /// Gives a conversation to a seat, whoever holds it.
    pub fn hand_over(&self, conversation: &str, seat: u64) {
        self.lock().holders.insert(conversation.to_owned(), seat);
    }

    /// Lets go of a conversation.
    pub fn release(&self, conversation: &str) {
        self.lock().holders.remove(conversation);
    }

    /// The seat that holds a conversation.
    pub fn holder(&self, conversation: &str) -> Option<u64> {
        self.lock().holders.get(conversation).copied()
    }

    /// Leaves a word about a conversation for whoever takes it next.
    pub fn leave_note(&self, conversation: &str, note: &str) {
        self.lock().notes.insert(conversation.to_owned(), note.to_owned());
    }

    /// The word that was left about a conversation.
    pub fn note(&self, conversation: &str) -> Option<String> {
        self.lock().notes.get(conversation).cloned()
    }

    /// Lets these conversations ring at a seat, and no others. Whether one has rung for longer than `patience`.
    pub fn ring(&self, seat: u64, conversations: &[String], patience: Option<Duration>) -> bool {
        let mut inner = self.lock();
        inner.rings.retain(|(ringing, rung), _| *rung != seat || conversations.contains(ringing));
        let mut unanswered = false;
        for conversation in conversations {
            let since = *inner.rings.entry((conversation.clone(), seat)).or_insert_with(Instant::now);
            unanswered |= patience.is_some_and(|patience| since.elapsed() >= patience);
        }
        unanswered
    }

    /// Sends everybody home.
    pub fn clear(&self) {
        let mut inner = self.lock();
        let last_seat = inner.last_seat;
        *inner = Inner { last_seat, ..Inner::default() };
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "a test may fail loudly")]
    use super::*;

    #[test]
    fn a_conversation_belongs_to_the_first_who_claims_it() {
        let desk = Desk::default();
        let (first, second) = (desk.sit(1, "A"), desk.sit(2, "B"));
        assert!(desk.claim("one", first));
        assert!(!desk.claim("one", second));
        assert!(desk.claim("one", first));
        assert_eq!(desk.stand(first), ["one"]);
        assert!(desk.claim("one", second));
    }

    #[test]
    fn the_desk_is_staffed_while_somebody_is_online() {
        let desk = Desk::default();
        let seat = desk.sit(1, "A");
        assert!(!desk.is_staffed());
        assert!(desk.change(seat, |seat| seat.presence = Presence::Online));
        assert!(desk.is_staffed());
        desk.clear();
        assert!(!desk.is_staffed());
        assert!(!desk.change(seat, |_| ()));
    }

    #[tokio::test(start_paused = true)]
    async fn what_rings_too_long_is_unanswered() {
        let desk = Desk::default();
        let (seat, patience) = (desk.sit(1, "A"), Some(Duration::from_secs(20)));
        assert!(!desk.ring(seat, &["one".to_owned()], patience));
        tokio::time::advance(Duration::from_secs(21)).await;
        assert!(desk.ring(seat, &["one".to_owned()], patience));
        assert!(!desk.ring(seat, &["two".to_owned()], patience));
        assert!(!desk.ring(seat, &["one".to_owned()], patience));
    }
}
