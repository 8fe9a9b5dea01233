//! What happens in a run, as data: made from a seed, left out in parts to find the least that breaks, and printed.

use super::backend::Dialect;
use super::dice::Dice;

/// One run.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// Everything follows from it.
    pub seed: u64,
    /// What happens, and when, in milliseconds since the beginning.
    pub acts: Vec<(u64, Act)>,
    /// The numbers of those that happen, where some are left out.
    pub kept: Vec<usize>,
    /// How the server likes things.
    pub habits: Habits,
}

/// What the protocol page leaves open, or a company may set.
#[derive(Clone, Debug)]
pub struct Habits {
    /// What it speaks.
    pub dialect: Dialect,
    /// What `ReconnectSession` says about numbering; `None` says nothing, which means that it begins anew.
    pub resets: Option<bool>,
    /// Whether a handover brings the record of the chat.
    pub tells_record: bool,
    /// How long a poll is held, in milliseconds.
    pub hold: u64,
    /// How long a visitor may be silent, in seconds, and when they are warned.
    pub idle: Option<(u64, u64)>,
    /// Whether agents may look into the composer.
    pub sneak_peek: bool,
}

/// Something that happens.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// The visitor, in one of the tabs.
    Visitor(u64, Deed),
    /// The agent.
    Agent(Speech),
    /// The server.
    Server(Whim),
    /// The line from here on.
    Weather(Weather),
    /// The device.
    Device(Fate),
    /// One of the tabs.
    Tab(u64, Life),
    /// The storage of one of the tabs.
    Storage(u64, Trouble),
}

/// What a visitor does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Sends something new.
    Send,
    /// Sends something that was said before.
    SendCommon,
    /// Sends a number of messages at once.
    Burst(u64),
    /// Types.
    Type,
    /// Tries the first message again that was not sent.
    Retry,
    /// Drops the first message that was not sent.
    Discard,
    /// Begins.
    Start,
    /// Ends.
    End,
    /// Opens the panel.
    Open,
    /// Shuts the panel.
    Shut,
}

/// What an agent does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speech {
    /// Takes the chat.
    Accept,
    /// Says so many things.
    Say(u64),
    /// Changes the one that many before the last, where the backend can.
    Amend(usize),
    /// Takes it back.
    Withdraw(usize),
    /// Types.
    Type,
    /// Hands over to a colleague.
    Transfer,
    /// Sends it back to a queue.
    Requeue,
    /// Goes.
    Leave,
    /// Ends.
    End,
    /// Refuses it.
    Fail,
}

/// What a server does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whim {
    /// Moves all chats to another server.
    Rotate,
    /// Moves them so many times in a row.
    Wave(u64),
    /// Takes the next post, and moves instead of answering.
    MoveAtPost,
    /// Fails once in the middle of the next move.
    FailInMove,
    /// Starts anew: every connection breaks.
    Restart,
    /// Forgets all chats.
    Forget,
}

/// How the line is: how many in a thousand exchanges go wrong, and how slow it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weather {
    /// Requests that never arrive.
    pub lost: u64,
    /// Requests that arrive, and whose answer does not.
    pub unanswered: u64,
    /// Exchanges that never end.
    pub hanging: u64,
    /// Requests that something on the way answers with an error.
    pub refused: u64,
    /// Answers that something on the way replaces by an error.
    pub replaced: u64,
    /// Answers with nonsense in them.
    pub garbled: u64,
    /// Posts that arrive twice.
    pub doubled: u64,
    /// Answers that end a chat for good.
    pub fatal: u64,
    /// The longest way, in milliseconds.
    pub slow: u64,
}

/// What happens to a device, for so many milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// No network, and the browser says so.
    Offline(u64),
    /// No network, and the browser does not notice.
    Dead(u64),
    /// The lid is shut.
    Sleep(u64),
    /// The clock is set forward.
    Forward(u64),
    /// The clock is set back.
    Back(u64),
}

/// What happens to a tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// It is loaded anew.
    Reload,
    /// It is lost within its next step, after so many effects, and loaded anew.
    LoseInStep(u64),
    /// Its process dies, and it is loaded anew.
    Crash,
    /// It is closed, if it is not the last.
    Close,
    /// It is duplicated.
    Duplicate,
    /// Another one is opened.
    Fresh,
    /// It does not run for so many milliseconds.
    Freeze(u64),
    /// It is hidden for so many milliseconds: its timers go off once a minute.
    Hide(u64),
    /// Another page is visited for so many milliseconds.
    Away(u64),
    /// It comes to the front.
    Show,
}

/// What happens to a storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It takes nothing more, for so many milliseconds.
    Full(u64),
    /// It throws, until the page is loaded anew.
    Broken,
    /// Somebody clears it.
    Cleared,
    /// One record is overwritten.
    Overwritten,
}

impl Schedule {
    /// The run of this seed.
    pub fn of(seed: u64) -> Self {
        let mut dice = Dice::of(seed, 1);
        let habits = Habits {
            dialect: Dialect::wanted().unwrap_or_else(|| Dice::of(seed, 7).weighed(&Dialect::SHARES)),
            resets: dice.weighed(&[(5, Some(true)), (3, None), (2, Some(false))]),
            tells_record: dice.chance(750),
            hold: dice.pick(&[30_000, 30_000, 5_000]),
            idle: dice.chance(150).then(|| dice.pick(&[(60, 90), (20, 30)])),
            sneak_peek: dice.chance(250),
        };
        // What this run is about: a run in which everything happens at once tells little about any of it.
        let flavour = dice.between(0, 9);
        let length = dice.between(20, 400) * 1_000;
        let count = dice.between(8, 70);
        let mut acts: Vec<(u64, Act)> = vec![(0, Act::Visitor(0, Deed::Start))];
        if dice.chance(900) {
            acts.push((dice.between(500, 8_000), Act::Agent(Speech::Accept)));
        }
        for _ in 0..count {
            acts.push((dice.between(0, length), act(&mut dice, flavour)));
        }
        acts.sort_by_key(|(at, _)| *at);
        let kept = (0..acts.len()).collect();
        Self { seed, acts, kept, habits }
    }

    /// A run in which just this happens.
    pub fn planned(dialect: Dialect, seed: u64, acts: &[(u64, Act)]) -> Self {
        let habits =
            Habits { dialect, resets: Some(true), tells_record: true, hold: 30_000, idle: None, sneak_peek: false };
        Self { seed, acts: acts.to_vec(), kept: (0..acts.len()).collect(), habits }
    }

    /// The run of this name: a seed, and the numbers of the acts that are kept where not all are.
    pub fn named(name: &str) -> Option<Self> {
        let (seed, kept) = name.split_once(':').map_or((name, None), |(seed, kept)| (seed, Some(kept)));
        let schedule = Self::of(seed.parse().ok()?);
        let Some(kept) = kept else { return Some(schedule) };
        let kept: Option<Vec<usize>> =
            kept.split(',').filter(|place| !place.is_empty()).map(|place| place.parse().ok()).collect();
        Some(schedule.keeping(kept?))
    }

    /// The same with only these acts.
    pub fn keeping(&self, kept: Vec<usize>) -> Self {
        Self { kept, ..self.clone() }
    }

    /// What happens, in order.
    pub fn acts(&self) -> impl Iterator<Item = &(u64, Act)> {
        self.kept.iter().filter_map(|place| self.acts.get(*place))
    }
}

fn act(dice: &mut Dice, flavour: u64) -> Act {
    let tab = dice.between(0, 3);
    let heavy = |flavours: &[u64], base: u64| if flavours.contains(&flavour) { base * 6 } else { base };
    match dice.weighed(&[
        (40, 0),
        (30, 1),
        (heavy(&[1, 2], 6), 2),
        (heavy(&[2, 3, 4], 8), 3),
        (heavy(&[4, 5], 4), 4),
        (heavy(&[6, 7, 8], 8), 5),
        (heavy(&[9], 1), 6),
    ]) {
        0 => Act::Visitor(tab, deed(dice)),
        1 => Act::Agent(speech(dice)),
        2 => Act::Server(dice.weighed(&[
            (20, Whim::Rotate),
            (8, Whim::Wave(3)),
            (8, Whim::MoveAtPost),
            (4, Whim::FailInMove),
            (4, Whim::Restart),
            (1, Whim::Forget),
        ])),
        3 => Act::Weather(weather(dice)),
        4 => {
            let span = dice.pick(&[300, 2_000, 8_000, 30_000, 100_000]);
            let night = dice.pick(&[30_000, 3_600_000, 36_000_000]);
            Act::Device(dice.weighed(&[
                (5, Fate::Offline(span)),
                (5, Fate::Dead(span)),
                (2, Fate::Sleep(night)),
                (1, Fate::Forward(night)),
                (1, Fate::Back(night)),
            ]))
        }
        5 => {
            let span = dice.pick(&[500, 3_000, 20_000, 90_000]);
            Act::Tab(
                tab,
                dice.weighed(&[
                    (8, Life::Reload),
                    (8, Life::LoseInStep(dice.clone().between(0, 5))),
                    (4, Life::Crash),
                    (3, Life::Close),
                    (3, Life::Duplicate),
                    (2, Life::Fresh),
                    (3, Life::Freeze(span)),
                    (3, Life::Hide(span)),
                    (3, Life::Away(span)),
                    (2, Life::Show),
                ]),
            )
        }
        _ => Act::Storage(
            tab,
            dice.weighed(&[
                (4, Trouble::Full(20_000)),
                (2, Trouble::Broken),
                (2, Trouble::Cleared),
                (2, Trouble::Overwritten),
            ]),
        ),
    }
}

fn deed(dice: &mut Dice) -> Deed {
    dice.weighed(&[
        (40, Deed::Send),
        (8, Deed::SendCommon),
        (6, Deed::Burst(dice.clone().between(2, 20))),
        (15, Deed::Type),
        (8, Deed::Retry),
        (3, Deed::Discard),
        (6, Deed::Start),
        (2, Deed::End),
        (3, Deed::Open),
        (3, Deed::Shut),
    ])
}

fn speech(dice: &mut Dice) -> Speech {
    dice.weighed(&[
        (16, Speech::Accept),
        (30, Speech::Say(1)),
        (8, Speech::Say(dice.clone().between(2, 12))),
        (6, Speech::Amend(dice.clone().pick(&[0, 0, 1, 5, 40]))),
        (3, Speech::Withdraw(dice.clone().pick(&[0, 0, 1, 5, 40]))),
        (8, Speech::Type),
        (4, Speech::Transfer),
        (2, Speech::Requeue),
        (2, Speech::Leave),
        (2, Speech::End),
        (1, Speech::Fail),
    ])
}

fn weather(dice: &mut Dice) -> Weather {
    let fair = Weather { slow: 300, ..Weather::default() };
    let mut weather = fair;
    for _ in 0..dice.between(0, 4) {
        let much = dice.pick(&[30, 150, 400]);
        match dice.between(0, 8) {
            0 => weather.lost = much,
            1 => weather.unanswered = much,
            2 => weather.hanging = much / 3,
            3 => weather.refused = much,
            4 => weather.replaced = much,
            5 => weather.garbled = much / 2,
            6 => weather.doubled = much,
            7 => weather.slow = dice.pick(&[1_500, 6_000, 25_000]),
            _ => weather.fatal = 5,
        }
    }
    weather
}
