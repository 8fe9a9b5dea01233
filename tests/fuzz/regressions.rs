//! What fuzzing found, by name. The bytes are kept below `fuzz/regressions`, each in a file that is called as its test.

use std::path::Path;

use super::{files, read, root, targets};

macro_rules! regressions {
    ($($target:ident: $($name:ident),*;)*) => {
        $(mod $target {
            $(#[test]
            fn $name() {
                super::play(stringify!($target), stringify!($name));
            })*
        })*

        const NAMED: &[(&str, &str)] = &[$($((stringify!($target), stringify!($name))),*),*];
    };
}

regressions! {
    attributes:
        an_endpoint_with_a_query_is_named,
        an_endpoint_without_a_host_is_named,
        an_endpoint_without_a_scheme_is_named,
        overrides_without_a_target_are_named,
        no_name_of_a_field_has_a_meaning_of_its_own,
        records_too_deep_to_be_stored_are_named;
    live_agent_answers:
        a_file_goes_to_an_address_with_a_query_of_its_own,
        a_file_is_not_sent_to_an_address_that_is_none,
        a_file_is_not_sent_where_everybody_can_read_it,
        a_key_that_no_header_can_carry_is_not_taken,
        a_server_without_a_host_is_not_followed,
        an_affinity_that_no_header_can_carry_is_not_taken,
        rules_that_feed_on_each_other_have_an_end;
    snapshot:
        a_poll_is_never_stored_as_one_that_nobody_waits_for,
        a_stored_conversation_without_a_session_is_over,
        a_stored_address_has_no_query,
        an_ended_chat_that_is_looked_at_once_more_is_stored_whole,
        stored_words_without_a_session_are_not_sent_for_ever;
    superoffice_answers:
        an_hour_that_is_too_large_to_be_counted_is_no_instant;
}

#[test]
fn every_regression_has_a_name() {
    for folder in files(&root().join("regressions")) {
        for path in files(&folder) {
            let is_named = NAMED.iter().any(|(target, name)| path.ends_with(Path::new(target).join(name)));
            assert!(is_named, "no test is called as {}", path.display());
        }
    }
}

fn play(target: &str, name: &str) {
    let (_, run) = targets::ALL.into_iter().find(|(known, _)| *known == target).expect("the target is there");
    run(&read(&root().join("regressions").join(target).join(name)));
}
