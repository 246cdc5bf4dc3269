//! Misbehaviour on order: `{"match": {…}, "do": {…}}`.
//!
//! In `match`, every key but the counting ones names a fact of the call (`method`, `chat`; `verb`, `rcpt`, …)
//! that must be equal, ASCII case aside; `contains` looks for a piece of the call's `text`. Counting:
//! `nth` alone is that one call; `every` alone each such call; both, the nth and each `every` calls after it;
//! `times` retires the rule after it fired so often. Rules are asked in order, the first that fires wins.

use std::sync::Mutex;

use serde::Deserialize;
use serde_json::{Map, Value};

/// One order to misbehave.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule<A> {
    #[serde(default, rename = "match")]
    matching: Map<String, Value>,
    #[serde(rename = "do")]
    action: A,
    #[serde(skip)]
    seen: u64,
    #[serde(skip)]
    fired: u64,
}

/// The standing orders of a fake.
pub struct Rules<A>(Mutex<Vec<Rule<A>>>);

impl<A> Default for Rules<A> {
    fn default() -> Self {
        Self(Mutex::new(Vec::new()))
    }
}

impl<A: Clone> Rules<A> {
    /// Adds a rule behind those that stand.
    pub fn add(&self, rule: Rule<A>) {
        self.0.lock().expect("the rules' lock").push(rule);
    }

    /// Back to good behaviour.
    pub fn clear(&self) {
        self.0.lock().expect("the rules' lock").clear();
    }

    /// What to do about a call with these facts.
    pub fn ask(&self, facts: &[(&str, &str)]) -> Option<A> {
        let mut rules = self.0.lock().expect("the rules' lock");
        rules.iter_mut().find_map(|rule| rule.ask(facts))
    }
}

impl<A: Clone> Rule<A> {
    fn ask(&mut self, facts: &[(&str, &str)]) -> Option<A> {
        if self.number("times").is_some_and(|times| self.fired >= times) || !self.fits(facts) {
            return None;
        }
        self.seen += 1;
        let due = match (self.number("nth"), self.number("every")) {
            (None, None) => true,
            (Some(nth), None) => self.seen == nth,
            (None, Some(every)) => self.seen.is_multiple_of(every),
            (Some(nth), Some(every)) => self.seen >= nth && (self.seen - nth).is_multiple_of(every),
        };
        due.then(|| {
            self.fired += 1;
            self.action.clone()
        })
    }

    fn number(&self, key: &str) -> Option<u64> {
        self.matching.get(key).and_then(Value::as_u64)
    }

    fn fits(&self, facts: &[(&str, &str)]) -> bool {
        self.matching.iter().all(|(key, wanted)| {
            let wanted = wanted.as_str().map_or_else(|| wanted.to_string(), str::to_owned);
            match key.as_str() {
                "nth" | "every" | "times" => true,
                "contains" => facts.iter().any(|(name, fact)| *name == "text" && fact.contains(&wanted)),
                key => facts.iter().any(|(name, fact)| *name == key && fact.eq_ignore_ascii_case(&wanted)),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fires(matching: &str, calls: usize) -> Vec<usize> {
        let rules = Rules::default();
        let rule = format!(r#"{{"match":{matching},"do":"x"}}"#);
        rules.add(serde_json::from_str::<Rule<String>>(&rule).expect("a rule"));
        let facts = [("method", "sendMessage"), ("chat", "@a"), ("text", "Lũ lên nhanh")];
        (1..=calls).filter(|_| rules.ask(&facts).is_some()).collect()
    }

    fn count(matching: &str) -> usize {
        fires(matching, 10).len()
    }

    #[test]
    fn counting_is_by_matching_calls() {
        let rules = Rules::default();
        rules.add(serde_json::from_str::<Rule<String>>(r#"{"match":{"nth":2},"do":"x"}"#).expect("a rule"));
        assert_eq!([rules.ask(&[]), rules.ask(&[]), rules.ask(&[])], [None, Some("x".to_owned()), None]);
        assert_eq!(fires(r#"{"nth":3}"#, 10), [3]);
        assert_eq!(fires(r#"{"every":4}"#, 10), [4, 8]);
        assert_eq!(fires(r#"{"nth":3,"every":4}"#, 12), [3, 7, 11]);
        assert_eq!(fires(r#"{"times":2}"#, 10), [1, 2]);
    }

    #[test]
    fn facts_must_all_fit() {
        assert_eq!(count(r#"{"method":"SENDMESSAGE","chat":"@a"}"#), 10);
        assert_eq!(count(r#"{"method":"sendMessage","chat":"@b"}"#), 0);
        assert_eq!(count(r#"{"contains":"lên"}"#), 10);
        assert_eq!(count(r#"{"contains":"xuống"}"#), 0);
    }

    #[test]
    fn a_misspelt_rule_is_refused() {
        assert!(serde_json::from_str::<Rule<String>>(r#"{"match":{},"does":"x"}"#).is_err());
    }
}
