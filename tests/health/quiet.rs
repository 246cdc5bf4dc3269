//! Thirty days as they are: weekends, holidays, pinned and reordered items, withdrawn ones, new boxes, single hiccups.
//! Not one alarm, and what was published is let out once.

use bantin::config::{Expect, HtmlRules};
use chrono::{Datelike, Timelike};

use crate::proof::Proof;
use crate::seeds;
use crate::site::{Fault, Pages};
use crate::world::{World, selectors};

/// What a section is like.
#[derive(Debug, Clone, Copy)]
struct Character {
    name: &'static str,
    /// New articles in a hundred looks on a weekday, and at a weekend.
    weekday: u64,
    weekend: u64,
    old: usize,
    prepare: fn(&mut Pages),
    by_rules: bool,
}

const CHARACTERS: &[Character] = &[
    Character { name: "busy", weekday: 170, weekend: 60, old: 60, prepare: |_| {}, by_rules: false },
    Character { name: "sparse", weekday: 4, weekend: 1, old: 25, prepare: |_| {}, by_rules: true },
    Character { name: "small", weekday: 10, weekend: 0, old: 4, prepare: |_| {}, by_rules: true },
    Character { name: "weekend-quiet", weekday: 60, weekend: 0, old: 40, prepare: |_| {}, by_rules: true },
    Character { name: "pinned", weekday: 50, weekend: 10, old: 30, prepare: |pages| pages.pinned = 3, by_rules: false },
    Character {
        name: "reordered",
        weekday: 40,
        weekend: 10,
        old: 30,
        prepare: |pages| pages.shuffled = true,
        by_rules: true,
    },
    Character {
        name: "half of it pictures, some dates",
        weekday: 70,
        weekend: 20,
        old: 30,
        prepare: |pages| {
            pages.pictures = 50;
            pages.dates = 70;
        },
        by_rules: true,
    },
    Character {
        name: "short page",
        weekday: 120,
        weekend: 30,
        old: 30,
        prepare: |pages| pages.per_page = 6,
        by_rules: true,
    },
    Character { name: "feed", weekday: 60, weekend: 10, old: 30, prepare: |pages| pages.feed = true, by_rules: false },
];

#[tokio::test(flavor = "multi_thread")]
async fn thirty_quiet_days_raise_no_alarm() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for seed in 0..seeds() {
        // One seed an ordinary run takes every character once; more seeds take them all each time.
        let taken = CHARACTERS.iter().enumerate().filter(|(n, _)| seeds() > 3 || *n as u64 % seeds() == seed);
        for (_, character) in taken {
            count += 1;
            if let Err(alarm) = month(*character, seed).await {
                wrong.push(alarm);
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    Proof::new("thirty quiet days raise no alarm").ran(count, "months");
}

async fn month(character: Character, seed: u64) -> Result<(), String> {
    let rules = if character.by_rules { selectors() } else { HtmlRules::default() };
    let mut world = World::start(1000 + seed, rules, Expect::Learnt, character.old, character.prepare).await;
    let mut withdrawn = 0;
    for slot in 0..30 * 8 {
        world.pass(3);
        {
            let mut pages = world.pages();
            let (now, day) = (pages.now + chrono::TimeDelta::hours(7), slot / 8);
            let is_weekend = matches!(now.weekday(), chrono::Weekday::Sat | chrono::Weekday::Sun);
            // Nights are quiet, and so is a week of holidays.
            let is_quiet = now.hour() < 6 || (16..23).contains(&day);
            let share = if is_weekend { character.weekend } else { character.weekday };
            if !is_quiet {
                let sure = share / 100;
                let more = u64::from(pages.dice.percent(share % 100));
                (0..sure + more).for_each(|_| pages.publish());
            }
            // One look in fifty meets a hiccup; it is over by the next.
            let hiccups = [
                Fault::ServerError,
                Fault::Forbidden,
                Fault::Captcha,
                Fault::Emptied,
                Fault::HalfGone,
                Fault::SentHome,
            ];
            pages.fault = None;
            if slot > 16 && slot % 5 == 0 && pages.dice.percent(10) {
                let which = pages.dice.below(hiccups.len() as u64) as usize;
                pages.fault = Some(hiccups[which]);
            }
            // An article is taken back now and then.
            if slot % 30 == 29 && pages.articles.len() > 3 {
                let at = pages.articles.len() - 2;
                pages.articles[at].withdrawn = true;
                withdrawn += 1;
            }
            pages.sidebar = day >= 12;
        }
        world.look().await;
    }
    world.pages().fault = None;
    world.pass(3);
    world.look().await;
    let what = format!("{} (seed {seed})", character.name);
    let alarms = world.alarms().await;
    if !alarms.is_empty() {
        return Err(format!("{what}: {alarms:?}"));
    }
    let out = world.only_news_went_out(&what).await;
    let published = world.pages().articles.len() - world.old;
    if out + withdrawn < published {
        return Err(format!("{what}: {out} of {published} new articles were let out ({withdrawn} withdrawn)"));
    }
    Ok(())
}
