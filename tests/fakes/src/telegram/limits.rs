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
    /// How many times faster than on the real server time goes: seconds and minutes are that much shorter, so that
    /// what takes minutes there can be tried in seconds.
    pub speed: u32,
}

/// Too early: how long to wait, and whether that was said before and ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// Seconds.
    pub seconds: u64,
    /// The call came while a penalty ran.
    pub ignored: bool,
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

    /// Counts `weight` messages to `chat` at `now`, or answers the seconds to wait. A single album is never more than
    /// a chat takes in a second.
    pub fn take(&mut self, chat: i64, group: bool, weight: usize, now: Instant) -> Result<(), Wait> {
        let second = Duration::from_secs(1) / self.limits.speed;
        let minute = Duration::from_mins(1) / self.limits.speed;
        let mut keys = vec![
            ((None, second), self.limits.global_second, weight),
            ((Some(chat), second), self.limits.per_chat_second, 1),
        ];
        if group {
            keys.push(((Some(chat), minute), self.limits.per_group_minute, weight));
        }
        for (key, most, weight) in &keys {
            self.buckets.entry(*key).or_default().check(*most, *weight, key.1, now)?;
        }
        for (key, _, weight) in keys {
            self.buckets.entry(key).or_default().hits.extend(std::iter::repeat_n(now, weight));
        }
        Ok(())
    }

    /// Puts `chat` under a penalty by order.
    pub fn punish(&mut self, chat: i64, seconds: u64, now: Instant) {
        let length = Duration::from_secs(seconds);
        let second = Duration::from_secs(1) / self.limits.speed;
        let bucket = self.buckets.entry((Some(chat), second)).or_default();
        bucket.penalty = Some((now + length, length));
    }
}

impl Bucket {
    fn check(&mut self, most: usize, weight: usize, window: Duration, now: Instant) -> Result<(), Wait> {
        if let Some((until, length)) = self.penalty {
            if now < until {
                let until = until + length;
                self.penalty = Some((until, length));
                return Err(Wait { seconds: seconds(until - now), ignored: true });
            }
            self.penalty = None;
        }
        while self.hits.front().is_some_and(|&hit| now - hit >= window) {
            self.hits.pop_front();
        }
        if self.hits.len() + weight <= most {
            return Ok(());
        }
        let until = self.hits.front().map_or(now + window, |&hit| hit + window).max(now + Duration::from_secs(1));
        self.penalty = Some((until, until - now));
        Err(Wait { seconds: seconds(until - now), ignored: false })
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

    fn wait(seconds: u64, ignored: bool) -> Result<(), Wait> {
        Err(Wait { seconds, ignored })
    }

    #[test]
    fn an_album_counts_as_its_pictures() {
        let mut buckets =
            Buckets::new(Limits { per_chat_second: 1, per_group_minute: 20, global_second: 30, speed: 10 });
        let start = Instant::now();
        assert_eq!(buckets.take(-1, true, 10, start), Ok(()));
        assert_eq!(buckets.take(-1, true, 10, at(start, 100)), Ok(()));
        assert_eq!(buckets.take(-1, true, 1, at(start, 200)), wait(6, false), "a minute is six seconds");
    }

    #[test]
    fn a_penalty_grows_when_it_is_ignored() {
        let mut buckets =
            Buckets::new(Limits { per_chat_second: 1, per_group_minute: 20, global_second: 30, speed: 1 });
        let start = Instant::now();
        assert_eq!(buckets.take(1, false, 1, start), Ok(()));
        assert_eq!(buckets.take(1, false, 1, at(start, 100)), wait(1, false));
        assert_eq!(buckets.take(1, false, 1, at(start, 200)), wait(2, true));
        assert_eq!(buckets.take(1, false, 1, at(start, 300)), wait(3, true));
        assert_eq!(buckets.take(2, false, 1, at(start, 300)), Ok(()), "another chat is not concerned");
        assert_eq!(buckets.take(1, false, 1, at(start, 3200)), Ok(()), "the penalty ends");
    }

    #[test]
    fn groups_have_a_minute_and_the_bot_has_a_second() {
        let mut buckets = Buckets::new(Limits { per_chat_second: 9, per_group_minute: 2, global_second: 3, speed: 1 });
        let start = Instant::now();
        assert_eq!(buckets.take(-1, true, 1, start), Ok(()));
        assert_eq!(buckets.take(-1, true, 1, start), Ok(()));
        assert_eq!(buckets.take(-1, true, 1, start), wait(60, false));
        assert_eq!(buckets.take(-2, true, 1, start), Ok(()));
        assert_eq!(buckets.take(-3, true, 1, start), wait(1, false), "the fourth of that second");
    }
}
