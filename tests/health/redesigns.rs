//! Everything that can happen to a site, one by one: told by the second look at the latest, once, with the right code;
//! told once more within two looks when it is well; nothing old let out, nothing new lost.

use bantin::config::{Expect, HtmlRules, ReadMode};
use bantin::store::Decision;

use crate::database::Database;
use crate::proof::Proof;
use crate::seeds;
use crate::site::Fault;
use crate::world::{World, selectors};

/// A fault, the code that names it, and whether the section has selectors.
const CASES: &[(Fault, &str, bool)] = &[
    (Fault::ClassesRenamed, "H507", true),
    (Fault::MarkupChanged, "H507", true),
    (Fault::Emptied, "H508", true),
    (Fault::Emptied, "H508", false),
    (Fault::ScriptRoot, "H505", true),
    (Fault::ScriptRoot, "H505", false),
    (Fault::Captcha, "H504", true),
    (Fault::Captcha, "H504", false),
    (Fault::Forbidden, "H502", true),
    (Fault::ServerError, "H501", false),
    (Fault::NotFound, "H503", true),
    (Fault::NewAddresses, "H510", true),
    (Fault::NewAddresses, "H510", false),
    (Fault::NewAddressesAndDates, "H510", true),
    (Fault::DatesGone, "H513", true),
    (Fault::DatesGone, "H513", false),
    (Fault::PicturesGone, "H514", true),
    (Fault::PicturesGone, "H514", false),
    (Fault::HalfGone, "H511", true),
    (Fault::HalfGone, "H511", false),
    (Fault::NextPageFails, "H519", true),
    (Fault::NextPageSame, "H519", false),
    (Fault::PagerGone, "H512", true),
    (Fault::OtherSection, "H509", true),
    (Fault::OtherSection, "H509", false),
    (Fault::SentHome, "H509", true),
    (Fault::SentHome, "H509", false),
    (Fault::HomeInstead, "H509", true),
    (Fault::BrokenLetters, "H516", true),
    (Fault::QuestionMarks, "H516", false),
    (Fault::TitlesReadMore, "H515", true),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_redesign_is_told_within_two_looks() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for seed in 0..seeds().div_ceil(3) {
        for &(fault, code, by_rules) in CASES {
            count += 1;
            let rules = if by_rules { selectors() } else { HtmlRules::default() };
            let mut world = World::start(seed, rules, Expect::Learnt, 60, |_| {}).await;
            if let Err(fault) = course(&mut world, fault, code, seed).await {
                wrong.push(fault);
            }
        }
        count += 1;
        let mut world = World::start(seed, HtmlRules::default(), Expect::Learnt, 60, |pages| pages.feed = true).await;
        if let Err(fault) = course(&mut world, Fault::PageForFeed, "H506", seed).await {
            wrong.push(fault);
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    Proof::new("redesigns are told within two looks, once, and once more when well").ran(count, "redesigns");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_too() {
    let proof = Proof::new("redesigns are told and another version reads in silence, postgres");
    let faults = [(Fault::ClassesRenamed, "H507", true), (Fault::OtherSection, "H509", false)];
    for (fault, code, by_rules) in faults {
        let Some(own) = Database::postgres().await else {
            return proof.skipped("BANTIN_TEST_POSTGRES names no server");
        };
        let rules = if by_rules { selectors() } else { HtmlRules::default() };
        let mut world = World::on(own, ReadMode::Listing, 1, rules, Expect::Learnt, 60, |_| {}).await;
        course(&mut world, fault, code, 1).await.unwrap();
    }
    let own = Database::postgres().await.expect("the same server");
    let world = World::on(own, ReadMode::Article, 21, selectors(), Expect::Off, 40, |_| {}).await;
    let articles = crate::versions::another_version(world).await;
    proof.ran(faults.len() + 1, &format!("lives, {articles} articles"));
}

/// Some days as usual, the fault for a day, and some days as usual again.
async fn course(world: &mut World, fault: Fault, code: &str, seed: u64) -> Result<(), String> {
    let what = format!(
        "{fault:?} (seed {seed}, {})",
        if world.section.html.item.is_some() { "selectors" } else { "recognised" }
    );
    days(world, 6 + seed as i64 % 3).await;
    let early = world.alarms().await;
    if !early.is_empty() {
        return Err(format!("{what}: alarms before anything happened: {early:?}"));
    }
    world.pages().fault = Some(fault);
    for _ in 0..2 {
        step(world).await;
    }
    let told = world.told().await;
    let names: Vec<String> = told.iter().map(|f| format!("{} {} / {}", f.code.text(), f.words, f.proposal)).collect();
    let over: Vec<&str> = world.over().await.iter().map(|f| f.code.text()).collect();
    // New addresses are known by the second look: it may be over by then.
    if !told.iter().any(|f| f.code.text() == code) && !over.contains(&code) {
        return Err(format!("{what}: not told {code} after two looks, but {names:?} (over: {over:?})"));
    }
    if told.len() + over.len() != 1 {
        return Err(format!("{what}: told more than once: {names:?} (over: {over:?})"));
    }
    let by_rules = world.section.html.item.is_some();
    if by_rules && matches!(code, "H507") && !told.iter().any(|f| f.proposal.contains("recognises")) {
        return Err(format!("{what}: nothing is proposed: {names:?}"));
    }
    for _ in 0..6 {
        step(world).await;
    }
    let later = world.alarms().await;
    if later.len() != 1 {
        return Err(format!("{what}: told again while it lasted: {later:?}"));
    }
    world.pages().fault = None;
    // After a new scheme the old addresses are the new ones.
    let comes_back_otherwise = code == "H510";
    for _ in 0..3 {
        step(world).await;
    }
    let open: Vec<String> = world.told().await.iter().map(|f| format!("{} {}", f.code.text(), f.words)).collect();
    if !open.is_empty() {
        return Err(format!("{what}: not told as well again: {open:?}"));
    }
    days(world, 3).await;
    let after = world.alarms().await;
    if after.len() != 1 && !comes_back_otherwise {
        return Err(format!("{what}: alarms after it was well: {after:?}"));
    }
    let out = world.only_news_went_out(&what).await;
    let published = world.pages().articles.len() - world.old;
    if out != published {
        return Err(format!("{what}: {out} of {published} new articles were let out"));
    }
    Ok(())
}

/// Three hours, an article, a look.
async fn step(world: &mut World) {
    world.pass(3);
    world.pages().publish();
    world.look().await;
}

async fn days(world: &mut World, days: i64) {
    for slot in 0..days * 8 {
        world.pass(3);
        if slot % 2 == 0 {
            world.pages().publish();
        }
        world.look().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_falls_silent_is_told_and_not_by_night() {
    let every = Expect::Every(std::time::Duration::from_hours(48));
    let mut world = World::start(7, selectors(), every, 30, |_| {}).await;
    days(&mut world, 3).await;
    for _ in 0..15 {
        world.pass(3);
        world.look().await;
    }
    assert_eq!(world.alarms().await, Vec::<String>::new(), "45 hours are not 48");
    for _ in 0..20 {
        world.pass(3);
        world.look().await;
    }
    let alarms = world.alarms().await;
    assert!(alarms.len() == 1 && alarms[0].starts_with("H518"), "{alarms:?}");
    step(&mut world).await;
    assert_eq!(world.told().await, [], "an article ends it");
    assert_eq!(world.alarms().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_list_waits_for_the_admin() {
    for approve in [true, false] {
        let mut world = World::start(9, selectors(), Expect::Learnt, 40, |_| {}).await;
        days(&mut world, 3).await;
        let before = world.app.store.article_rows(world.id, 1000).await.unwrap().len();
        world.pages().fault = Some(Fault::OtherSection);
        for _ in 0..4 {
            step(&mut world).await;
        }
        let stored = world.app.store.article_rows(world.id, 1000).await.unwrap().len();
        assert_eq!(stored, before, "nothing of the other list comes into the feeds");
        let holds = world.app.store.holds().await.unwrap();
        assert_eq!(holds.len(), 1, "{holds:?}");
        world.app.store.expire_holds(i64::MAX, 0).await.unwrap();
        assert_eq!(world.app.store.holds().await.unwrap().len(), 1, "it waits as long as it lasts");
        world
            .app
            .store
            .settle_hold(holds[0].id, if approve { Decision::Approve } else { Decision::Seen }, 0)
            .await
            .unwrap();
        step(&mut world).await;
        assert_eq!(world.told().await, [], "decided");
        let rows = world.app.store.article_rows(world.id, 1000).await.unwrap();
        assert!(rows.len() > before, "it is taken in: {} of {before}", rows.len());
        let others: Vec<&str> =
            rows.iter().filter(|row| row.url.contains("kinh-te")).map(|row| row.release.as_str()).collect();
        let pushed = others.iter().filter(|state| **state == "out").count();
        assert!(if approve { pushed < others.len() } else { pushed == 0 }, "{others:?}");
    }
    Proof::new("another list is kept out until an admin decides").ran(2, "decisions");
}

#[tokio::test(flavor = "multi_thread")]
async fn articles_that_lose_their_text_are_told() {
    let mut world = World::reading(ReadMode::Article, 11, selectors(), Expect::Learnt, 20, |_| {}).await;
    days(&mut world, 2).await;
    assert_eq!(world.alarms().await, Vec::<String>::new());
    world.pages().fault = Some(Fault::BodiesGone);
    for _ in 0..8 {
        step(&mut world).await;
    }
    let alarms = world.alarms().await;
    assert!(alarms.len() == 1 && alarms[0].starts_with("H517") && alarms[0].contains("text"), "{alarms:?}");
    world.pages().fault = None;
    for _ in 0..3 {
        step(&mut world).await;
    }
    assert_eq!(world.told().await, [], "well again");
    assert_eq!(world.alarms().await.len(), 1);
}
