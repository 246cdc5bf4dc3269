//! Whatever is done to the shipped file: no panic, every mistake has its place, no secret shows.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::{SHIPPED, read, uncommented};
use crate::config::Severity;

const CANARY: &str = "CANARY7d1f";

proptest! {
    // A fixed seed: what proves the rule here must not depend on the day; run it with more cases when it changes.
    #![proptest_config(ProptestConfig { cases: 400, rng_seed: RngSeed::Fixed(20_261_123), ..ProptestConfig::default() })]

    #[test]
    fn mutations_never_panic_and_always_have_a_place(
        edits in prop::collection::vec((0_usize..20_000, 0_usize..12, "[\"'=\\[\\]{}#.,\n a-z0-9ễ-]{0,6}"), 1..6),
        all in any::<bool>(),
    ) {
        let mut text = if all { uncommented() } else { SHIPPED.to_owned() };
        for secret in ["123456789:the-token-of-your-bot", "a-long-random-text", "the-password", "bantin@mail.example.vn:587"] {
            text = text.replace(secret, &format!("{CANARY}@mail.example.vn"));
        }
        for (at, length, new) in edits {
            let start = text.floor_char_boundary(at % text.len().max(1));
            let end = text.floor_char_boundary((start + length).min(text.len())).max(start);
            text.replace_range(start..end, &new);
        }
        if let Err(errors) = read(&text) {
            let report = errors.report();
            prop_assert!(report.problems().iter().any(|problem| problem.severity == Severity::Error));
            let lines = text.split('\n').count();
            for problem in report.problems() {
                let position = report.position(problem);
                prop_assert!(position.is_some_and(|(line, column)| line >= 1 && line <= lines && column >= 1), "{problem:?}");
                prop_assert!(!problem.message.is_empty());
            }
            let shown = errors.to_string();
            prop_assert!(shown.contains("config.toml:"));
            prop_assert!(!shown.contains(CANARY), "{shown}");
        }
    }

    #[test]
    fn any_text_is_answered(text in "\\PC{0,60}|([a-z]{1,4}|[\\[\\]{}=\"'\n.,#0-9 ]){0,40}") {
        let _ = read(&text).map_err(|errors| errors.to_string());
    }
}
