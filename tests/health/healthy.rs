//! A thousand healthy looks: no run is held although much comes at a time. A Monday with thirty articles after a
//! holiday, pages of ten that turn over as a whole, a pinned article, a section that slept for a month, a paper of 160
//! articles a day, a section as young as three days.

use bantin::config::{Expect, HtmlRules};
use bantin::store::{Decision, HoldKind};

use crate::proof::Proof;
use crate::seeds;
use crate::site::Pages;
use crate::world::{World, selectors};

/// What a section is like: how many articles come at the look of that hour of the simulation.
#[derive(Clone, Copy)]
struct Life {
    name: &'static str,
    /// Hours between two looks, and how many looks.
    every: i64,
    looks: i64,
    old: usize,
    prepare: fn(&mut Pages),
    by_rules: bool,
    news: fn(&mut Pages, hour: i64) -> u64,
}

/// The hour of the day and the day of the simulation, which begins on a Monday at eight in the morning.
fn clock(hour: i64) -> (i64, i64) {
    ((hour + 8) % 24, (hour + 8) / 24)
}

/// Office hours of a weekday outside the holidays: the fourth week from Tuesday on.
fn is_open(hour: i64) -> bool {
    let (clock, day) = clock(hour);
    (8..18).contains(&clock) && day % 7 < 5 && !(22..28).contains(&day)
}

const LIVES: &[Life] = &[
    Life {
        name: "a Monday with thirty after a holiday",
        every: 3,
        looks: 45 * 8,
        old: 60,
        prepare: |pages| pages.per_page = 40,
        by_rules: true,
        news: |pages, hour| match clock(hour) {
            (8, 28) => 30,
            _ if is_open(hour) => pages.dice.below(4),
            _ => 0,
        },
    },
    Life {
        name: "the same, recognised, without dates",
        every: 3,
        looks: 45 * 8,
        old: 60,
        prepare: |pages| {
            pages.dates = 0;
            pages.per_page = 40;
        },
        by_rules: false,
        news: |pages, hour| match clock(hour) {
            (8, 28) => 30,
            _ if is_open(hour) => pages.dice.below(4),
            _ => 0,
        },
    },
    Life {
        name: "pages of ten that turn over as a whole",
        every: 6,
        looks: 40 * 4,
        old: 40,
        prepare: |pages| pages.per_page = 10,
        by_rules: true,
        news: |pages, hour| if is_open(hour) { 8 + pages.dice.below(7) } else { 0 },
    },
    Life {
        name: "a feed of ten that turns over as a whole",
        every: 6,
        looks: 40 * 4,
        old: 40,
        prepare: |pages| {
            pages.per_page = 10;
            pages.feed = true;
        },
        by_rules: false,
        news: |pages, hour| if is_open(hour) { 8 + pages.dice.below(7) } else { 0 },
    },
    Life {
        name: "a pinned article",
        every: 3,
        looks: 30 * 8,
        old: 30,
        prepare: |pages| pages.pinned = 1,
        by_rules: true,
        news: |pages, hour| if is_open(hour) { pages.dice.below(6) } else { 0 },
    },
    Life {
        name: "a section that slept for a month",
        every: 6,
        looks: 70 * 4,
        old: 30,
        prepare: |_| {},
        by_rules: true,
        news: |pages, hour| match clock(hour) {
            (_, 20..52) => 0,
            (14, 52) => 12,
            _ if is_open(hour) => pages.dice.below(3),
            _ => 0,
        },
    },
    Life {
        name: "a paper of 160 articles a day",
        every: 1,
        looks: 12 * 24,
        old: 60,
        prepare: |_| {},
        by_rules: true,
        news: |pages, hour| {
            let day = (6..23).contains(&clock(hour).0);
            if day { 6 + pages.dice.below(7) } else { pages.dice.below(3) }
        },
    },
    Life {
        name: "three days old, then a busy Monday",
        every: 3,
        looks: 10 * 8,
        old: 20,
        prepare: |_| {},
        by_rules: true,
        news: |pages, hour| match clock(hour) {
            (8, 7) => 14,
            _ if is_open(hour) => pages.dice.below(4),
            _ => 0,
        },
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn healthy_looks_are_not_held() {
    let (mut looks, mut held) = (0, Vec::new());
    for seed in 0..seeds().div_ceil(3) {
        for life in LIVES {
            looks += live(*life, 7000 + seed, &mut held).await;
        }
    }
    println!("{} of {looks} looks held: {held:#?}", held.len());
    assert!(held.len() * 1000 <= looks, "{} of {looks} looks were held: {held:#?}", held.len());
    Proof::new("healthy looks are not held").ran(looks, &format!("looks, {} held", held.len()));
}

/// Lives through it; how many looks there were.
async fn live(life: Life, seed: u64, held: &mut Vec<String>) -> usize {
    let rules = if life.by_rules { selectors() } else { HtmlRules::default() };
    let mut world = World::start(seed, rules, Expect::Off, life.old, life.prepare).await;
    let mut published = 0;
    for look in 1..=life.looks {
        world.pass(life.every);
        {
            let mut pages = world.pages();
            let count = (life.news)(&mut pages, look * life.every);
            published += count as usize;
            for at in 0..count {
                let at = pages.now - chrono::TimeDelta::minutes((count - at) as i64);
                pages.publish_at(at);
            }
        }
        world.look().await;
        for hold in world.app.store.holds().await.expect("holds") {
            held.push(format!(
                "{} (seed {seed}), look {look}: {} {} ({})",
                life.name,
                hold.kind.word(),
                hold.reason,
                hold.count
            ));
            let decision = if hold.kind == HoldKind::List { Decision::Seen } else { Decision::Approve };
            world.app.store.settle_hold(hold.id, decision, 0).await.expect("a decision");
        }
    }
    let out = world.only_news_went_out(life.name).await;
    assert!(out <= published, "{}: {out} of {published}", life.name);
    // A page of ten shows no more than ten of fourteen.
    let least = if life.name.contains("of ten") { published * 6 / 10 } else { published };
    assert!(out >= least, "{} (seed {seed}): {out} of {published} were let out", life.name);
    life.looks as usize
}
