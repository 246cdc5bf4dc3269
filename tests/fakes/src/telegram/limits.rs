//! The rates of the Bot API: so many messages a second in all and to one chat, so many a minute to a group.
//! Who exceeds one is told how long to wait, and calling before that makes it longer.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

/// Most messages in a window of each kind.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// A second, to one chat.
    pub per_chat_second: usize,
    /// A minute, to one group.
    pub per_group_minute: usize,
    /// A second, over all chats.
    pub global_second: usize,
}

/// The state of every limit.
pub struct Buckets {
    limits: Limits,
    buckets: HashMap<(Option<i64>, Duration), Bucket>,
}

#[derive(Default)]
struct Bucket {
    hits: VecDeque<Instant>,
    penalty: Option<(Instant, Duration)>,
}

impl Buckets {
    /// Limits that nobody has used yet.
    pub fn new(limits: Limits) -> Self {
        Self { limits, buckets: HashMap::new() }
    }

    /// Counts a message to `chat` at `now`, or answers the seconds to wait.
    pub fn take(&mut self, chat: i64, group: bool, now: Instant) -> Result<(), u64> {
        const SECOND: Duration = Duration::from_secs(1);
        const MINUTE: Duration = Duration::from_mins(1);
        let mut keys =
            vec![((None, SECOND), self.limits.global_second), ((Some(chat), SECOND), self.limits.per_chat_second)];
        if group {
            keys.push(((Some(chat), MINUTE), self.limits.per_group_minute));
        }
        for (key, most) in &keys {
            self.buckets.entry(*key).or_default().check(*most, key.1, now)?;
        }
        for (key, _) in keys {
            self.buckets.entry(key).or_default().hits.push_back(now);
        }
        Ok(())
    }

    /// Puts `chat` under a penalty by order.
    pub fn punish(&mut self, chat: i64, seconds: u64, now: Instant) {
        let length = Duration::from_secs(seconds);
        let bucket = self.buckets.entry((Some(chat), Duration::from_secs(1))).or_default();
        bucket.penalty = Some((now + length, length));
    }
}

impl Bucket {
    fn check(&mut self, most: usize, window: Duration, now: Instant) -> Result<(), u64> {
        if let Some((until, length)) = self.penalty {
            if now < until {
                let until = until + length;
                self.penalty = Some((until, length));
                return Err(seconds(until - now));
            }
            self.penalty = None;
        }
        while self.hits.front().is_some_and(|&hit| now - hit >= window) {
            self.hits.pop_front();
        }
        if self.hits.len() < most {
            return Ok(());
        }
        let until = self.hits.front().map_or(now + window, |&hit| hit + window).max(now + Duration::from_secs(1));
        self.penalty = Some((until, until - now));
        Err(seconds(until - now))
    }
}

/// Whole seconds, rounded up.
fn seconds(length: Duration) -> u64 {
    length.as_secs() + u64::from(length.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(start: Instant, ms: u64) -> Instant {
        start + Duration::from_millis(ms)
    }

    #[test]
    fn a_penalty_grows_when_it_is_ignored() {
        let mut buckets = Buckets::new(Limits { per_chat_second: 1, per_group_minute: 20, global_second: 30 });
        let start = Instant::now();
        assert_eq!(buckets.take(1, false, start), Ok(()));
        assert_eq!(buckets.take(1, false, at(start, 100)), Err(1));
        assert_eq!(buckets.take(1, false, at(start, 200)), Err(2));
        assert_eq!(buckets.take(1, false, at(start, 300)), Err(3));
        assert_eq!(buckets.take(2, false, at(start, 300)), Ok(()), "another chat is not concerned");
        assert_eq!(buckets.take(1, false, at(start, 3200)), Ok(()), "the penalty ends");
    }

    #[test]
    fn groups_have_a_minute_and_the_bot_has_a_second() {
        let mut buckets = Buckets::new(Limits { per_chat_second: 9, per_group_minute: 2, global_second: 3 });
        let start = Instant::now();
        assert_eq!(buckets.take(-1, true, start), Ok(()));
        assert_eq!(buckets.take(-1, true, start), Ok(()));
        assert_eq!(buckets.take(-1, true, start), Err(60));
        assert_eq!(buckets.take(-2, true, start), Ok(()));
        assert_eq!(buckets.take(-3, true, start), Err(1), "the fourth of that second");
    }
}
