//! Which relay a mail takes, and what a relay does not take at present: shares by weight, a relay in reserve, the relay's
//! own quotas, pauses after its refusals, and limits for the domains that mail goes to. Decides; sends nothing.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

use tokio::time::Instant;

use super::outcome::{Failure, LOGIN_PAUSE, Stop};
use crate::channel::{Block, Limit};
use crate::config::defaults::RELAY_TIMEOUT;
use crate::config::{Rate, Relay};

/// How long a relay that cannot be reached is left alone at first; it doubles up to [`LONGEST`].
const DOWN: Duration = Duration::from_secs(10);
/// Longest pause of a relay that cannot be reached or does not want us.
const LONGEST: Duration = Duration::from_mins(15);
/// How many refusals of us in a row close a relay.
const REFUSALS: u32 = 3;
/// For how long at first.
const REFUSED: Duration = Duration::from_mins(2);

/// The relays and how they fare.
#[derive(Debug)]
pub struct Relays {
    all: Vec<Relay>,
    states: Vec<State>,
    blocks: Vec<Block>,
    /// How far the clock is put forward, in tests.
    ahead: Duration,
}

#[derive(Debug, Default, Clone)]
struct State {
    /// Left alone until then, and why.
    down: Option<(Instant, String)>,
    /// A quota is used up until then: others are taken first.
    full: Option<Instant>,
    /// Pauses in a row, without a mail taken between.
    pauses: u32,
    /// Refusals of us in a row.
    refusals: u32,
    /// It was closed, and has taken nothing since: one mail at a time tries it.
    suspect: bool,
}

/// The key of the limit that all instances share for a relay; with a letter behind it, its quotas.
pub fn key(relay: &Relay) -> String {
    format!("relay:{}:{}", relay.host, relay.port)
}

/// A pause, in the measure of the relay's patience: a relay that is waited for a second is not left alone for minutes.
fn scaled(relay: &Relay, pause: Duration) -> Duration {
    pause.mul_f64(relay.timeout.as_secs_f64() / RELAY_TIMEOUT.as_secs_f64())
}

impl Relays {
    /// Every relay is well.
    pub fn new(all: Vec<Relay>) -> Self {
        let states = vec![State::default(); all.len()];
        Self { all, states, blocks: Vec::new(), ahead: Duration::ZERO }
    }

    fn now(&self) -> Instant {
        Instant::now() + self.ahead
    }

    /// A relay.
    pub fn get(&self, index: usize) -> Option<&Relay> {
        self.all.get(index)
    }

    fn is_up(&self, index: usize, now: Instant) -> bool {
        self.states.get(index).is_some_and(|state| {
            state.down.as_ref().is_none_or(|(until, _)| *until <= now) && state.full.is_none_or(|until| until <= now)
        })
    }

    /// The relay that mail to an address takes at present: by weight among those that are well, else a relay in reserve,
    /// else the one that may be tried again first. The same address takes the same relay as long as nothing changes.
    pub fn pick(&self, address: &str) -> usize {
        let now = self.now();
        let up = |reserve: bool| {
            let fits =
                move |(index, relay): &(usize, &Relay)| (relay.weight == 0) == reserve && self.is_up(*index, now);
            self.all.iter().enumerate().filter(fits)
        };
        let chosen = up(false)
            .max_by(|(a, one), (b, other)| share(address, *a, one.weight).total_cmp(&share(address, *b, other.weight)));
        let until = |index: &usize| {
            let state = self.states.get(*index)?;
            state.down.as_ref().map(|(until, _)| *until).max(state.full)
        };
        chosen
            .or_else(|| up(true).next())
            .map(|(index, _)| index)
            .or_else(|| (0..self.all.len()).min_by_key(until))
            .unwrap_or(0)
    }

    /// Whether any relay is well.
    pub fn any_up(&self) -> bool {
        let now = self.now();
        (0..self.all.len()).any(|index| self.is_up(index, now))
    }

    /// How long a relay is still left alone, and why.
    pub fn left_alone(&self, index: usize) -> Option<(Duration, String)> {
        let (until, reason) = self.states.get(index)?.down.clone()?;
        let wait = until.checked_duration_since(self.now()).filter(|wait| !wait.is_zero())?;
        Some((wait, reason))
    }

    /// The limits of a relay.
    pub fn limits(&self, index: usize) -> Vec<Limit> {
        let Some(relay) = self.all.get(index) else { return Vec::new() };
        let key = key(relay);
        let mut limits = vec![Limit { key: key.clone(), every_ms: 0, burst: 1, slack_ms: 0 }];
        limits.extend(quotas(&key, &relay.rate));
        if self.states.get(index).is_some_and(|state| state.suspect) {
            limits.push(Limit {
                key: format!("{key}:probe"),
                every_ms: scaled(relay, REFUSED).as_millis() as i64,
                burst: 1,
                slack_ms: 0,
            });
        }
        limits
    }

    /// It could not be reached, or refused the session.
    pub fn unreachable(&mut self, index: usize, failure: &Failure) -> Duration {
        let Some(host) = self.all.get(index).map(|relay| relay.host.clone()) else { return DOWN };
        if let Some(stop) = failure.stop() {
            self.stopped(index, stop, failure.reason(&host));
        } else {
            let refused = failure.is_refusal();
            let least = if refused { LOGIN_PAUSE } else { DOWN };
            self.pause(index, least, failure.reason(&host), false);
        }
        self.left_alone(index).map_or(DOWN, |(wait, _)| wait)
    }

    /// What came of one mail; whether the relay takes more.
    pub fn mail(&mut self, index: usize, result: Result<(), &Failure>) -> bool {
        let Some(host) = self.all.get(index).map(|relay| relay.host.clone()) else { return true };
        let Some(state) = self.states.get_mut(index) else { return true };
        let Err(failure) = result else {
            *state = State { down: state.down.take(), full: state.full, ..State::default() };
            return true;
        };
        let Some(stop) = failure.stop() else { return true };
        self.stopped(index, stop, failure.reason(&host))
    }

    fn stopped(&mut self, index: usize, stop: Stop, reason: String) -> bool {
        let Some(state) = self.states.get_mut(index) else { return true };
        match stop {
            Stop::Pause(pause) => {
                self.pause(index, pause, reason, true);
                false
            }
            Stop::Refusal => {
                state.refusals += 1;
                if state.refusals < REFUSALS && !state.suspect {
                    return true;
                }
                self.pause(index, REFUSED, reason, true);
                false
            }
        }
    }

    /// Leaves a relay alone, longer each time; `shared` for all instances, with one mail to try it by afterwards.
    fn pause(&mut self, index: usize, least: Duration, reason: String, shared: bool) {
        let now = self.now();
        let (Some(relay), Some(state)) = (self.all.get(index), self.states.get_mut(index)) else { return };
        if state.down.as_ref().is_some_and(|(until, _)| *until > now) {
            return; // what was on its way when it was closed says nothing new
        }
        let doubled = scaled(relay, least.saturating_mul(1 << state.pauses.min(10)).min(LONGEST.max(least)));
        state.pauses += 1;
        state.suspect |= shared;
        state.down = Some((now + doubled, reason.clone()));
        if shared {
            self.blocks.push(Block { key: key(relay), pause: doubled, reason });
        }
    }

    /// The relays that took nothing when they were last tried, and why.
    pub fn away(&self) -> Vec<(String, String)> {
        let tried = |state: &State| state.pauses > 0 || state.suspect;
        let both = self.all.iter().zip(&self.states).filter(|(_, state)| tried(state));
        both.filter_map(|(relay, state)| Some((key(relay), state.down.as_ref()?.1.clone()))).collect()
    }

    /// Another instance, or an earlier start, left a relay alone; whether another one is well.
    pub fn blocked(&mut self, blocked: &str, wait: Duration) -> bool {
        let until = self.now() + wait;
        let mut known = false;
        for (relay, state) in self.all.iter().zip(&mut self.states) {
            let own = key(relay);
            if blocked == own {
                known = true;
                if state.down.as_ref().is_none_or(|(down, _)| *down < until) {
                    state.down = Some((until, "it is left alone for the time being".to_owned()));
                }
            } else if blocked.strip_prefix(&own).is_some_and(|rest| rest.starts_with(':') && rest.len() == 2) {
                known = true;
                state.full = state.full.max(Some(until));
            }
        }
        known && self.any_up()
    }

    /// The pauses that all instances have to know of.
    pub fn take_blocks(&mut self) -> Vec<Block> {
        std::mem::take(&mut self.blocks)
    }
}

/// A relay's share of an address: the greatest wins, and over many addresses the shares are as the weights.
fn share(address: &str, index: usize, weight: u32) -> f64 {
    let mut hasher = DefaultHasher::new();
    (address, index).hash(&mut hasher);
    // 52 bits are exact; never 0 or 1.
    #[expect(clippy::cast_precision_loss, reason = "52 bits fit")]
    let unit = ((hasher.finish() >> 12) as f64 + 0.5) / (1u64 << 52) as f64;
    -f64::from(weight) / unit.ln()
}

/// A rate as limits: no window of the length can hold more than allowed, and a part of it may go at once.
pub fn quotas(key: &str, rate: &Rate) -> Vec<Limit> {
    let quotas = [
        ("s", 1_000, rate.per_second, 1),
        ("m", 60_000, rate.per_minute, 6),
        ("h", 3_600_000, rate.per_hour, 4),
        ("d", 86_400_000, rate.per_day, 2),
    ];
    let limit = |(unit, ms, most, share): (&str, i64, Option<u32>, i64)| {
        let most = i64::from(most?.max(1));
        let burst = (most / share).max(1);
        let spaced = most - burst + 1;
        Some(Limit { key: format!("{key}:{unit}"), every_ms: (ms + spaced - 1) / spaced, burst, slack_ms: 0 })
    };
    quotas.into_iter().filter_map(limit).collect()
}

/// The limits of the domain of an address.
pub fn domain_limits(domains: &[(String, Rate)], address: &str) -> Vec<Limit> {
    let Some((_, domain)) = address.rsplit_once('@') else { return Vec::new() };
    let domain = domain.trim().trim_end_matches('.').to_ascii_lowercase();
    let of = |name: &str| domains.iter().find(|(known, _)| known == name);
    of(&domain).or_else(|| of("*")).map(|(_, rate)| quotas(&format!("domain:{domain}"), rate)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::email::outcome::Phase;
    use crate::channel::email::reply::Reply;
    use crate::channel::samples;

    fn relays(weights: &[u32]) -> Relays {
        let all = weights.iter().zip(25..).map(|(&weight, port)| Relay { weight, ..samples::relay(port) });
        Relays::new(all.collect())
    }

    fn reply(phase: Phase, code: u16, text: &str) -> Failure {
        Failure::reply(phase, Reply { code, lines: vec![text.to_owned()] })
    }

    #[test]
    fn no_window_holds_more_than_the_quota() {
        for most in [1, 2, 3, 30, 2000] {
            let rate = Rate { per_minute: Some(most), per_day: Some(most), ..Rate::default() };
            let limits = quotas("relay:r:25", &rate);
            assert_eq!(limits.iter().map(|l| l.key.as_str()).collect::<Vec<_>>(), ["relay:r:25:m", "relay:r:25:d"]);
            for (limit, window) in limits.iter().zip([60_000, 86_400_000]) {
                // A full burst at the window's beginning, then one every `every_ms` before its end.
                assert!(limit.burst + (window - 1) / limit.every_ms <= i64::from(most), "{limit:?}");
                assert!(limit.burst >= 1);
            }
        }
    }

    #[test]
    fn mail_is_shared_by_weight_and_moves_only_when_a_relay_fails() {
        let mut relays = relays(&[1, 3, 0]);
        let address = |n: usize| format!("reader{n}@example.org");
        let before: Vec<usize> = (0..10_000).map(|n| relays.pick(&address(n))).collect();
        let counts: Vec<usize> = (0..3).map(|index| before.iter().filter(|&&picked| picked == index).count()).collect();
        assert!((2_300..2_700).contains(&counts[0]) && counts[2] == 0, "{counts:?}");
        relays.unreachable(0, &Failure::link(Phase::Connect, "refused"));
        for (n, &was) in before.iter().enumerate() {
            assert_eq!(relays.pick(&address(n)), 1, "the other takes all, and its own stay ({was})");
        }
        relays.unreachable(1, &Failure::link(Phase::Connect, "refused"));
        assert_eq!(relays.pick("a@b.vn"), 2, "the reserve");
        assert!(relays.any_up());
        relays.ahead += DOWN;
        assert_eq!((0..10_000).map(|n| relays.pick(&address(n))).collect::<Vec<_>>(), before, "all is as it was");
    }

    #[test]
    fn three_refusals_of_us_close_a_relay_and_one_mail_opens_it() {
        let mut relays = relays(&[1]);
        let refusal = reply(Phase::Rcpt, 554, "5.7.1 blocked");
        assert!(relays.mail(0, Err(&refusal)) && relays.mail(0, Err(&refusal)));
        assert!(relays.mail(0, Ok(())), "a mail that is taken ends the row");
        assert!(relays.mail(0, Err(&refusal)) && relays.mail(0, Err(&refusal)));
        assert!(!relays.mail(0, Err(&refusal)), "closed");
        let blocks = relays.take_blocks();
        assert_eq!(blocks.len(), 1);
        assert_eq!((blocks[0].key.as_str(), blocks[0].pause), ("relay:127.0.0.1:25", REFUSED));
        assert!(relays.limits(0).iter().any(|limit| limit.key.ends_with(":probe")), "one at a time tries it");
        relays.ahead += REFUSED;
        assert!(!relays.mail(0, Err(&refusal)), "the first refusal after that closes it again");
        assert_eq!(relays.take_blocks()[0].pause, REFUSED * 2, "for longer");
        relays.ahead += REFUSED * 2;
        relays.mail(0, Ok(()));
        assert!(!relays.limits(0).iter().any(|limit| limit.key.ends_with(":probe")));
    }

    #[test]
    fn refusals_of_a_recipient_close_nothing() {
        let mut relays = relays(&[1]);
        for _ in 0..100 {
            for (code, text) in [(550, "5.1.1 user unknown"), (452, "4.2.2 over quota"), (554, "5.6.0 bad header")] {
                assert!(relays.mail(0, Err(&reply(Phase::Rcpt, code, text))), "{text}");
            }
        }
        assert!(relays.take_blocks().is_empty() && relays.any_up());
    }

    #[test]
    fn a_daily_limit_pauses_the_relay_for_an_hour_at_once() {
        let mut relays = relays(&[1, 1]);
        assert!(!relays.mail(0, Err(&reply(Phase::Mail, 451, "4.7.1 daily limit reached"))));
        assert_eq!(relays.take_blocks()[0].pause, Duration::from_hours(1));
        assert_eq!(relays.pick("a@b.vn"), 1);
        // An earlier start, or another instance, met it.
        assert!(!relays.blocked("relay:127.0.0.1:26", Duration::from_hours(1)), "now both rest");
        assert!(!relays.any_up());
    }

    #[test]
    fn a_domain_has_its_own_limit_or_that_of_all_others() {
        let rate = |most| Rate { per_minute: Some(most), ..Rate::default() };
        let domains = [("gmail.com".to_owned(), rate(60)), ("*".to_owned(), rate(6))];
        let keys = |address: &str| domain_limits(&domains, address).into_iter().map(|limit| (limit.key, limit.burst));
        assert_eq!(keys("a@GMAIL.com").collect::<Vec<_>>(), [("domain:gmail.com:m".to_owned(), 10)]);
        assert_eq!(keys("a@b.vn").collect::<Vec<_>>(), [("domain:b.vn:m".to_owned(), 1)]);
        assert!(domain_limits(&[], "a@b.vn").is_empty());
        assert!(domain_limits(&domains, "a@b.vn").iter().all(Limit::is_narrow));
    }
}
