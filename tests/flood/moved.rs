//! The whole portal moves: all addresses, guids and dates are other ones, then the teasers too, then the headlines of the
//! lists and the frame. Not one article is posted again, an admin is told of a section at most once, and what is truly
//! new goes out.

use crate::harness::proof::Proof;
use crate::portal::Changed;
use crate::world::{Setup, World};

const MOVED: Changed = Changed {
    addresses: true,
    dates: true,
    teasers: false,
    headlines: false,
    frame: false,
    class: false,
    texts: false,
    twice: false,
};

async fn a_move_pushes_nothing(changed: Changed, feeds: bool, proof: &str) {
    a_move_pushes_nothing_of(Setup { feeds, ..Setup::new() }, changed, proof).await;
}

async fn a_move_pushes_nothing_of(setup: Setup, changed: Changed, proof: &str) {
    let world = World::start(setup).await;
    let before = world.publish(2).await;
    world.portal.pages().changed = changed;
    world.looked(3).await;
    let all = world.articles().await;
    let news = world.publish(12).await;
    let mut expected = before.clone();
    expected.extend(news);
    assert_eq!(world.posts().await, expected, "the new ones once each, nothing old");
    let alerts = world.alerts().await;
    for section in 0..world.setup.sections {
        let name = format!("Mục {section}");
        let told = alerts.iter().filter(|text| text.contains(&name)).count();
        assert!(told <= 1, "{name} was told {told} times: {alerts:#?}");
    }
    if changed.headlines {
        // Where nothing in a list tells, a text may stay unrecognised: then it is held, never pushed.
        assert!(world.holds().await.len() <= world.setup.sections, "{:?}", world.holds().await);
    } else {
        assert_eq!(world.holds().await, Vec::<serde_json::Value>::new());
        assert_eq!(all, world.setup.sections * world.setup.articles + 2, "no article twice");
    }
    assert_eq!(world.articles().await, all + 12);
    let sections = world.setup.sections;
    Proof::new(proof).ran(
        sections * world.setup.articles,
        &format!("articles of {sections} sections moved, {} alerts", alerts.len()),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_guids_and_dates() {
    a_move_pushes_nothing(MOVED, true, "a moved portal pushes nothing old: addresses, guids and dates").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn teasers_and_frame_too() {
    let changed = Changed { teasers: true, frame: true, ..MOVED };
    a_move_pushes_nothing(changed, true, "a moved portal pushes nothing old: teasers and frame too").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn headlines_too() {
    let changed = Changed { teasers: true, headlines: true, frame: true, ..MOVED };
    a_move_pushes_nothing(changed, false, "a moved portal pushes nothing old: the lists' headlines too").await;
}

/// A list so short that as many news would be plausible.
#[tokio::test(flavor = "multi_thread")]
async fn headlines_of_a_short_list_too() {
    let changed = Changed { teasers: true, headlines: true, frame: true, ..MOVED };
    let setup = Setup { sections: 2, articles: 12, ..Setup::new() };
    a_move_pushes_nothing_of(setup, changed, "a moved portal pushes nothing old: short lists").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_twice_in_a_list_is_one() {
    let world = World::start(Setup { articles: 20, ..Setup::new() }).await;
    let mut expected = world.publish(2).await;
    world.portal.pages().changed.twice = true;
    world.looked(2).await;
    expected.extend(world.publish(2).await);
    assert_eq!(world.posts().await, expected);
    assert_eq!(world.articles().await, world.setup.sections * 20 + 4, "no article twice");
    assert_eq!(world.holds().await, Vec::<serde_json::Value>::new());
    Proof::new("an article twice in a list is one").ran(44, "articles");
}
