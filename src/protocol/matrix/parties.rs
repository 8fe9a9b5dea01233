//! Who is in the room beside the visitor (§4, §7), and what their coming and going means.

use std::sync::Arc;

use super::guess::MOST_PARTIES;
use crate::model::keep::{keep_fields, keep_inner, keep_words};
use crate::protocol::Update;

/// Everybody in the room but the visitor.
#[derive(Clone, Debug, Default)]
pub(super) struct Parties(Vec<Party>);

keep_inner!(Parties);

/// Somebody in the room.
#[derive(Clone, Debug)]
struct Party {
    user: String,
    name: Option<Arc<str>>,
    presence: Presence,
}

keep_fields!(Party { user, name, presence });

/// How far somebody is in the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Presence {
    /// Asked to come.
    Invited,
    /// There.
    Joined,
}

keep_words!(Presence { Invited => "invited", Joined => "joined" });

impl Parties {
    /// Somebody was asked to come.
    pub(super) fn invite(&mut self, user: &str, name: Option<Arc<str>>) {
        // Whoever is there cannot be asked, and whoever left and is asked again is not there.
        self.0.retain(|party| party.user != user);
        self.add(user, name, Presence::Invited);
    }

    /// Somebody came, or is called otherwise by now.
    pub(super) fn join(&mut self, user: &str, name: Option<Arc<str>>) -> Option<Update> {
        let known = self.0.iter_mut().find(|party| party.user == user);
        let was_there = known.as_ref().is_some_and(|party| party.presence == Presence::Joined);
        let is_first = !self.is_somebody_here();
        if let Some(party) = self.0.iter_mut().find(|party| party.user == user) {
            party.presence = Presence::Joined;
            party.name = name;
        } else {
            self.add(user, name, Presence::Joined);
        }
        let name = self.name(user);
        match (was_there, is_first) {
            (true, _) => None,
            (false, true) => Some(Update::Joined { name }),
            (false, false) => Some(Update::ConferenceJoined { name }),
        }
    }

    /// Somebody left, was removed, or did not want to come.
    pub(super) fn leave(&mut self, user: &str) -> Option<Update> {
        let name = self.name(user);
        let place = self.0.iter().position(|party| party.user == user)?;
        match self.0.remove(place).presence {
            Presence::Invited => None,
            Presence::Joined if self.is_somebody_here() => Some(Update::ConferenceLeft { name }),
            Presence::Joined => Some(Update::AgentLeft),
        }
    }

    /// Whether nobody is there, and nobody is asked to come.
    pub(super) const fn is_deserted(&self) -> bool {
        self.0.is_empty()
    }

    /// What somebody is called: as they want to be, or by the first part of their user id.
    pub(super) fn name(&self, user: &str) -> Option<Arc<str>> {
        let given = self.0.iter().find(|party| party.user == user).and_then(|party| party.name.clone());
        let local = || user.strip_prefix('@')?.split(':').next().filter(|name| !name.is_empty()).map(Arc::from);
        given.or_else(local)
    }

    fn is_somebody_here(&self) -> bool {
        self.0.iter().any(|party| party.presence == Presence::Joined)
    }

    fn add(&mut self, user: &str, name: Option<Arc<str>>, presence: Presence) {
        if self.0.len() < MOST_PARTIES {
            self.0.push(Party { user: user.to_owned(), name, presence });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_who_comes_is_the_agent_and_whoever_comes_then_comes_beside() {
        let mut parties = Parties::default();
        parties.invite("@a:s", None);
        assert!(!parties.is_deserted());

        assert_eq!(parties.join("@a:s", named("Noor")), Some(Update::Joined { name: named("Noor") }));
        assert_eq!(parties.join("@b:s", None), Some(Update::ConferenceJoined { name: named("b") }));
        assert_eq!(parties.join("@b:s", named("Ilse")), None);
        assert_eq!(parties.leave("@b:s"), Some(Update::ConferenceLeft { name: named("Ilse") }));
        assert_eq!(parties.leave("@a:s"), Some(Update::AgentLeft));
        assert!(parties.is_deserted());
        assert_eq!(parties.leave("@a:s"), None);
    }

    #[test]
    fn whoever_is_asked_and_does_not_come_leaves_nobody_behind() {
        let mut parties = Parties::default();
        parties.invite("@a:s", None);

        assert_eq!(parties.leave("@a:s"), None);
        assert!(parties.is_deserted());
    }

    #[test]
    fn a_room_with_endless_guests_has_an_end() {
        let mut parties = Parties::default();
        for number in 0..1_000 {
            parties.invite(&format!("@{number}:s"), None);
        }
        assert_eq!(parties.0.len(), MOST_PARTIES);
    }

    fn named(name: &str) -> Option<Arc<str>> {
        Some(name.into())
    }
}
