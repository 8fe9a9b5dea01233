//! Which conversations stand side by side, in which order, and which of them has the agent's attention. More may be open
//! than have room: then those are shown that had the attention last, and the others come back with the room.

use std::cmp::Reverse;

use super::chat::ChatId;

/// The conversations that are open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Panes {
    /// In the order in which they stand.
    open: Vec<Pane>,
    /// The one that has the agent's attention; none while the agent looks at the list.
    chosen: Option<ChatId>,
    /// How many have room side by side.
    room: usize,
    turns: u64,
}

/// A conversation's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pane {
    pub(super) chat: ChatId,
    /// When it got the attention last: the later, the higher.
    pub(super) turn: u64,
}

impl Panes {
    /// None is open.
    pub(super) const fn new() -> Self {
        Self { open: Vec::new(), chosen: None, room: 1, turns: 0 }
    }

    /// Opens what stood open on an earlier page, behind what was opened before.
    pub(super) fn reopen(&mut self, pane: Pane) {
        if self.open.len() < MOST && self.place(pane.chat).is_none() {
            self.turns = self.turns.max(pane.turn);
            self.open.push(pane);
        }
    }

    /// So many have room now.
    pub(super) fn set_room(&mut self, room: usize) {
        self.room = room.clamp(1, MOST);
    }

    /// Gives a conversation the attention: where it stands, or else in the place of the one that had it.
    pub(super) fn choose(&mut self, chat: ChatId) {
        let last = || if self.has_room() { None } else { self.latest().first().map(|pane| pane.chat) };
        self.attend(chat, self.chosen.or_else(last));
    }

    /// Gives a conversation the attention beside the one that had it. Where there is no room for one more, it takes the
    /// place of the one that was left longest ago.
    pub(super) fn choose_beside(&mut self, chat: ChatId) {
        if self.has_room() {
            self.attend(chat, None);
        } else if self.room == 1 {
            self.choose(chat);
        } else {
            let shown = self.latest().into_iter().take(self.room);
            let left = shown.map(|pane| pane.chat).rfind(|shown| Some(*shown) != self.chosen);
            self.attend(chat, left);
        }
    }

    /// Gives none the attention.
    pub(super) const fn unchoose(&mut self) {
        self.chosen = None;
    }

    /// Closes those that are not to stay. No other one gets the attention of one that is closed: what is typed on must not
    /// go to somebody else.
    pub(super) fn retain(&mut self, stays: impl Fn(ChatId) -> bool) {
        self.open.retain(|pane| stays(pane.chat));
        self.chosen = self.chosen.filter(|chat| stays(*chat));
    }

    /// The one that has the agent's attention.
    pub(super) const fn chosen(&self) -> Option<ChatId> {
        self.chosen
    }

    /// How many have room side by side.
    pub(super) const fn room(&self) -> usize {
        self.room
    }

    /// All that are open, shown or not.
    pub(super) fn open(&self) -> &[Pane] {
        &self.open
    }

    /// Those that are shown, in order. Where one alone has room it takes turns with the list, and is shown while it has
    /// the attention.
    pub(super) fn shown(&self) -> Vec<ChatId> {
        if self.room == 1 {
            return self.chosen.into_iter().collect();
        }
        let mut shown = self.latest();
        shown.truncate(self.room);
        self.open.iter().filter(|pane| shown.contains(pane)).map(|pane| pane.chat).collect()
    }

    fn attend(&mut self, chat: ChatId, instead: Option<ChatId>) {
        self.turns += 1;
        let pane = Pane { chat, turn: self.turns };
        let place = self.place(chat).or_else(|| self.place(instead?));
        if let Some(taken) = place.and_then(|place| self.open.get_mut(place)) {
            *taken = pane;
        } else {
            let behind = self.chosen.and_then(|chosen| self.place(chosen)).map(|place| place + 1);
            self.open.insert(behind.unwrap_or(self.open.len()), pane);
        }
        self.chosen = Some(chat);
    }

    fn has_room(&self) -> bool {
        self.open.len() < self.room
    }

    fn place(&self, chat: ChatId) -> Option<usize> {
        self.open.iter().position(|pane| pane.chat == chat)
    }

    /// All that are open, those first that had the attention last.
    fn latest(&self) -> Vec<&Pane> {
        let mut panes: Vec<&Pane> = self.open.iter().collect();
        panes.sort_by_key(|pane| Reverse(pane.turn));
        panes
    }
}

/// More than can be followed at once is no help.
const MOST: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    const A: ChatId = ChatId(1);
    const B: ChatId = ChatId(2);
    const C: ChatId = ChatId(3);
    const D: ChatId = ChatId(4);

    #[test]
    fn what_is_chosen_takes_the_place_of_what_was() {
        let mut panes = with_room(3);
        panes.choose(A);
        panes.choose_beside(B);

        panes.choose(C);

        assert_eq!((panes.shown(), panes.chosen()), (vec![A, C], Some(C)));
    }

    #[test]
    fn what_is_open_already_gets_the_attention_where_it_stands() {
        let mut panes = with_room(2);
        panes.choose(A);
        panes.choose_beside(B);

        panes.choose(A);
        assert_eq!((panes.shown(), panes.chosen()), (vec![A, B], Some(A)));
        panes.choose_beside(B);
        assert_eq!((panes.shown(), panes.chosen()), (vec![A, B], Some(B)));
    }

    #[test]
    fn one_beside_comes_right_behind_the_one_that_is_chosen() {
        let mut panes = with_room(3);
        panes.choose(A);
        panes.choose_beside(B);
        panes.choose(A);

        panes.choose_beside(C);

        assert_eq!((panes.shown(), panes.chosen()), (vec![A, C, B], Some(C)));
    }

    #[test]
    fn one_too_many_takes_the_place_of_the_one_that_was_left_longest_ago() {
        let mut panes = with_room(3);
        panes.choose(A);
        panes.choose_beside(B);
        panes.choose_beside(C);
        panes.choose(A);

        panes.choose_beside(D);

        assert_eq!((panes.shown(), panes.chosen()), (vec![A, D, C], Some(D)));
    }

    #[test]
    fn less_room_shows_those_that_had_the_attention_last_and_more_room_brings_the_others_back() {
        let mut panes = with_room(3);
        panes.choose(A);
        panes.choose_beside(B);
        panes.choose_beside(C);
        panes.choose(A);

        panes.set_room(2);
        assert_eq!(panes.shown(), [A, C]);
        panes.set_room(1);
        assert_eq!(panes.shown(), [A]);
        panes.set_room(3);
        assert_eq!(panes.shown(), [A, B, C]);
    }

    #[test]
    fn one_that_had_no_room_comes_when_it_is_chosen() {
        let mut panes = with_room(3);
        panes.choose(A);
        panes.choose_beside(B);
        panes.choose_beside(C);
        panes.set_room(2);

        panes.choose(A);

        assert_eq!(panes.shown(), [A, C]);
    }

    #[test]
    fn with_room_for_one_beside_is_instead() {
        let mut panes = with_room(1);
        for chat in [A, B, C] {
            panes.choose_beside(chat);
            assert_eq!(panes.shown(), [chat]);
            panes.unchoose();
            assert_eq!(panes.shown(), []);
        }
        panes.choose(D);

        panes.set_room(3);

        assert_eq!(panes.shown(), [D]);
    }

    #[test]
    fn after_a_close_none_is_chosen_and_the_next_one_fills_the_gap() {
        let mut panes = with_room(2);
        panes.choose(A);
        panes.choose_beside(B);

        panes.retain(|chat| chat != B);
        assert_eq!((panes.shown(), panes.chosen()), (vec![A], None));
        panes.choose(C);
        assert_eq!((panes.shown(), panes.chosen()), (vec![A, C], Some(C)));
    }

    #[test]
    fn closing_another_one_leaves_the_attention_where_it_is() {
        let mut panes = with_room(2);
        panes.choose(A);
        panes.choose_beside(B);

        panes.retain(|chat| chat != A);

        assert_eq!((panes.shown(), panes.chosen()), (vec![B], Some(B)));
    }

    #[test]
    fn what_stood_open_stands_open_again_as_often_as_it_is_told_and_no_more_than_have_a_place() {
        let mut panes = with_room(2);
        for (chat, turn) in [(A, 7), (A, 7), (B, 9), (C, 8), (D, 1)] {
            panes.reopen(Pane { chat, turn });
        }
        assert_eq!((panes.shown(), panes.chosen()), (vec![B, C], None));

        panes.choose(A);

        assert_eq!(panes.shown(), [A, B]);
    }

    fn with_room(room: usize) -> Panes {
        let mut panes = Panes::new();
        panes.set_room(room);
        panes
    }
}
