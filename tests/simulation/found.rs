//! What the simulation found, each mistake in the least that showed it. The world looks on as ever; here it is told what to
//! do.

use super::backend::Dialect;
use super::run::run;
use super::schedule::Act::{Agent, Device, Server, Tab, Visitor};
use super::schedule::{Act, Deed, Fate, Life, Schedule, Speech, Weather, Whim};

#[test]
fn a_clock_that_is_set_back_does_not_make_a_live_chat_wait() {
    holds(&[
        (0, Visitor(0, Deed::Start)),
        (3_000, Agent(Speech::Accept)),
        (28_000, Server(Whim::Restart)),
        (42_000, Device(Fate::Back(3_600_000))),
        (43_000, Agent(Speech::Say(1))),
    ]);
}

#[test]
fn a_message_that_is_sent_while_the_chat_ends_does_not_vanish() {
    holds(&[
        (0, Visitor(0, Deed::Start)),
        (1_000, Agent(Speech::Accept)),
        (5_000, Device(Fate::Dead(100_000))),
        (40_000, Visitor(0, Deed::Send)),
        (44_000, Visitor(0, Deed::End)),
        (47_000, Visitor(0, Deed::Send)),
    ]);
}

#[test]
fn a_tab_that_is_back_from_the_back_forward_cache_does_not_count_its_wishes_from_one_again() {
    holds(&[
        (0, Visitor(0, Deed::Start)),
        (10_000, Tab(0, Life::Duplicate)),
        (30_000, Visitor(1, Deed::Send)),
        (50_000, Tab(1, Life::Away(500))),
        (60_000, Visitor(1, Deed::Burst(8))),
    ]);
}

#[test]
fn a_tab_that_knows_less_gives_way_to_the_one_that_is_loaded_again() {
    holds(&[
        (0, Visitor(0, Deed::Start)),
        (20_000, Server(Whim::Forget)),
        (46_000, Tab(0, Life::Fresh)),
        (49_000, Tab(0, Life::LoseInStep(1))),
        (70_000, Visitor(0, Deed::Send)),
        (79_000, Visitor(0, Deed::Burst(14))),
    ]);
}

#[test]
fn what_an_outrun_tab_shows_does_not_replace_what_the_tab_that_is_back_knows() {
    holds(&[
        (0, Visitor(0, Deed::Start)),
        (7_800, Agent(Speech::Accept)),
        (12_600, Server(Whim::Forget)),
        (16_000, Tab(0, Life::Fresh)),
        (22_800, Tab(1, Life::LoseInStep(4))),
        (35_500, Visitor(0, Deed::Burst(11))),
        (36_000, Tab(0, Life::Away(90_000))),
    ]);
}

#[test]
fn what_was_stored_and_not_counted_when_its_page_was_lost_is_not_lost_to_the_next_tab() {
    holds(&[
        (0, Visitor(0, Deed::Start)),
        (2_000, Agent(Speech::Accept)),
        (5_000, Tab(0, Life::Duplicate)),
        (20_000, Tab(0, Life::LoseInStep(1))),
        (21_000, Agent(Speech::Say(1))),
        (24_000, Tab(0, Life::Close)),
    ]);
}

#[test]
fn two_tabs_that_counted_equally_far_without_knowing_of_each_other_do_not_both_go_on() {
    for back in [250, 350, 450, 550, 650, 750] {
        holds(&[
            (0, Visitor(0, Deed::Start)),
            (2_000, Agent(Speech::Accept)),
            (5_000, Tab(0, Life::Duplicate)),
            (15_000, Visitor(0, Deed::Type)),
            (16_000, Tab(0, Life::Crash)),
            (40_000, Tab(1, Life::LoseInStep(1))),
            (40_100, Visitor(1, Deed::Send)),
            (40_100 + back, Tab(0, Life::Reload)),
        ]);
    }
}

#[test]
fn a_chat_that_begins_again_in_one_tab_begins_again_in_all() {
    holds(&[
        (0, Visitor(0, Deed::Start)),
        (2_000, Agent(Speech::Accept)),
        (5_000, Tab(0, Life::Duplicate)),
        (10_000, Visitor(1, Deed::End)),
        (20_000, Visitor(1, Deed::Start)),
        (22_000, Agent(Speech::Accept)),
        (25_000, Visitor(0, Deed::Send)),
        (26_000, Visitor(1, Deed::Send)),
        (30_000, Tab(0, Life::Crash)),
        (31_000, Visitor(1, Deed::Send)),
    ]);
}

#[test]
fn a_night_with_the_lid_shut_ends_with_a_sentence_and_keeps_every_word() {
    holds(&[
        (0, Visitor(0, Deed::Start)),
        (2_000, Agent(Speech::Accept)),
        (5_000, Visitor(0, Deed::Type)),
        (6_000, Device(Fate::Offline(2_000))),
        (6_500, Visitor(0, Deed::Send)),
        (7_000, Device(Fate::Sleep(36_000_000))),
    ]);
}

#[test]
fn what_a_bot_says_at_a_pause_is_not_overtaken_by_what_it_says_when_the_pause_is_over() {
    let slow = Weather { slow: 3_000, ..Weather::default() };
    let mut acts = vec![(0, Visitor(0, Deed::Start)), (1_000, Act::Weather(slow))];
    for round in 0..12 {
        let at = 10_000 + round * 15_300;
        acts.extend([(at, Agent(Speech::Say(2))), (at + 4_000 + round * 150, Agent(Speech::Say(1)))]);
    }
    holds_with(Dialect::SuperOffice, &acts);
}

#[test]
fn an_old_copy_of_a_chat_that_is_over_is_still_known_to_be_old() {
    let slow = Weather { slow: 300, ..Weather::default() };
    holds_with(
        Dialect::Gms,
        &[
            (0, Visitor(0, Deed::Start)),
            (6_700, Agent(Speech::Accept)),
            (7_600, Act::Weather(slow)),
            (15_500, Tab(0, Life::Duplicate)),
            (17_400, Visitor(0, Deed::Shut)),
            (19_500, Visitor(0, Deed::Burst(15))),
            (21_300, Visitor(1, Deed::End)),
            (23_000, Tab(1, Life::Away(20_000))),
            (29_000, Tab(2, Life::Reload)),
        ],
    );
}

/// Lives through this in fair weather, with its delays one way and another. The reports of the simulation tell such lists.
fn holds(acts: &[(u64, Act)]) {
    holds_with(Dialect::LiveAgent, acts);
}

fn holds_with(dialect: Dialect, acts: &[(u64, Act)]) {
    for seed in 0..24 {
        assert_eq!(run(&Schedule::planned(dialect, seed, acts)).err(), None, "seed {seed}");
    }
}
