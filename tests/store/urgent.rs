//! What is urgent goes at once where the rest waits, and comes once all the same.

use std::collections::HashMap;

use bantin::channel::Posted;
use bantin::config::Language;
use bantin::store::{Decision, Delivery, HoldKind, MadeUrgent, QUIET_HOURS, ReleaseAs, Settle, Store, Told};

use crate::fixture::{NOW, also, article, both, claim, commit, sections};

const DAY: i64 = 24 * 3_600_000;

/// Commits an article that is urgent.
async fn urgent(store: &Store, section: i64, n: i64, release: ReleaseAs) -> i64 {
    let mut new = article(section, n, release);
    new.urgent = true;
    commit(store, new).await
}

/// What was made of an expansion: the articles of posts, and of digests, by target.
async fn made(store: &Store) -> Vec<(String, String, Vec<i64>)> {
    let mut all = Vec::new();
    for row in store.deliveries(None, 1_000).await.unwrap() {
        let articles = if let Some(article) = row.article_id {
            vec![article]
        } else {
            let list: serde_json::Value = serde_json::from_str(&row.payload).unwrap();
            list["articles"].as_array().unwrap().iter().map(|pair| pair[0].as_i64().unwrap()).collect()
        };
        all.push((row.address, row.kind, articles));
    }
    all.sort();
    all
}

/// Expands everything urgent.
async fn expand(store: &Store, budgets: &HashMap<i64, u32>) -> u64 {
    let mut deliveries = 0;
    while store.has_urgent().await.unwrap() {
        deliveries += store.expand_urgent(budgets, NOW).await.unwrap().deliveries;
    }
    deliveries
}

#[test]
fn a_chat_with_fixed_times_gets_it_between_its_slots_and_once() {
    both("urgent: between the slots of a chat, once", |store| async move {
        let (a, b) = sections(&store).await;
        urgent(&store, a, 1, ReleaseAs::Out).await;
        let chats = [(a, "@posts".to_owned(), "at"), (b, "@posts".to_owned(), "at"), (a, "@digest".to_owned(), "at")];
        store.sync_subscriptions("telegram", &chats, NOW).await.unwrap();
        assert!(!store.has_urgent().await.unwrap(), "a new chat gets nothing old");
        let usual = commit(&store, article(a, 2, ReleaseAs::Out)).await;
        assert!(!store.has_urgent().await.unwrap());
        let hot = urgent(&store, a, 3, ReleaseAs::Out).await;
        let mut in_b = also(hot, "x", "h");
        in_b.urgent = true;
        store.commit_also(b, &[in_b], NOW).await.unwrap();
        assert_eq!(expand(&store, &HashMap::new()).await, 2);
        assert_eq!(expand(&store, &HashMap::new()).await, 0);
        let first = [("@digest".to_owned(), "post".to_owned(), vec![hot]), ("@posts".into(), "post".into(), vec![hot])];
        assert_eq!(made(&store).await, first);
        assert!(store.deliveries(None, 10).await.unwrap().iter().all(|row| row.urgent));
        // The slots bring the rest.
        for (subscription, address) in store.subscriptions_at(a).await.unwrap() {
            if address == "@posts" {
                store.expand_one(subscription, &HashMap::new(), NOW).await.unwrap();
            } else {
                store.expand_digest_of(subscription, 1, NOW).await.unwrap();
            }
        }
        for (subscription, _) in store.subscriptions_at(b).await.unwrap() {
            let again = store.expand_one(subscription, &HashMap::new(), NOW).await.unwrap();
            assert_eq!(again.deliveries, 0, "the same article in another section");
        }
        let all = made(&store).await;
        assert_eq!(all.len(), 4, "{all:?}");
        assert!(all.contains(&("@posts".into(), "post".into(), vec![usual])), "{all:?}");
        assert!(all.contains(&("@digest".into(), "digest".into(), vec![usual])), "{all:?}");
        // An admin calls one urgent that the slots have brought: nothing comes again.
        assert_eq!(store.make_urgent(usual, None, NOW).await.unwrap().out, 1);
        assert_eq!(expand(&store, &HashMap::new()).await, 0);
        let late = commit(&store, article(a, 4, ReleaseAs::Out)).await;
        assert_eq!(store.make_urgent(late, None, NOW).await.unwrap().out, 1);
        assert_eq!(expand(&store, &HashMap::new()).await, 2);
        assert_eq!(store.make_urgent(late, None, NOW).await.unwrap(), MadeUrgent::default(), "once");
    });
}

#[test]
fn the_budget_of_a_chat_holds_for_it_too() {
    both("urgent: within the budget of a chat, and once beyond it", |store| async move {
        let (a, _) = sections(&store).await;
        store.sync_subscriptions("telegram", &[(a, "@x".into(), "at")], NOW).await.unwrap();
        let mut ids = Vec::new();
        for n in 1..=4 {
            ids.push(urgent(&store, a, n, ReleaseAs::Out).await);
        }
        let budgets = HashMap::from([(a, 2)]);
        assert_eq!(expand(&store, &budgets).await, 3, "two posts, and one digest of the rest");
        let wanted = [
            ("@x".to_owned(), "digest".to_owned(), vec![ids[3], ids[2]]),
            ("@x".into(), "post".into(), vec![ids[0]]),
            ("@x".into(), "post".into(), vec![ids[1]]),
        ];
        assert_eq!(made(&store).await, wanted);
        let (subscription, _) = store.subscriptions_at(a).await.unwrap().remove(0);
        assert_eq!(store.expand_one(subscription, &HashMap::new(), NOW).await.unwrap().deliveries, 0);
        assert_eq!(expand(&store, &budgets).await, 0);
        assert_eq!(made(&store).await, wanted, "what is in the digest does not come by the slot again");
    });
}

#[test]
fn it_passes_what_waits_for_the_end_of_quiet_hours_but_nothing_on_its_way() {
    both("urgent: passes what waits, and nothing on its way", |store| async move {
        let (a, _) = sections(&store).await;
        store.sync_subscriptions("telegram", &[(a, "@x".into(), "now")], NOW).await.unwrap();
        let waits = commit(&store, article(a, 1, ReleaseAs::Out)).await;
        store.expand_now(NOW).await.unwrap();
        let row = claim(&store, "telegram", 10, NOW).await.remove(0);
        let hot = urgent(&store, a, 2, ReleaseAs::Out).await;
        let next = urgent(&store, a, 3, ReleaseAs::Out).await;
        store.expand_now(NOW).await.unwrap();
        assert!(claim(&store, "telegram", 10, NOW).await.is_empty(), "another one is on its way");
        let retry = Settle::Retry { due: NOW + DAY, counts: false, reason: QUIET_HOURS.into() };
        store.settle("me", &[(row, retry)], NOW).await.unwrap();
        let first = claim(&store, "telegram", 10, NOW).await;
        assert_eq!(first.iter().map(|row| (row.article_id, row.urgent)).collect::<Vec<_>>(), [(Some(hot), true)]);
        assert!(claim(&store, "telegram", 10, NOW).await.is_empty(), "one at a time, in order");
        store.settle("me", &[(first[0].clone(), sent())], NOW).await.unwrap();
        let second = claim(&store, "telegram", 10, NOW).await;
        assert_eq!(second.iter().map(|row| row.article_id).collect::<Vec<_>>(), [Some(next)]);
        store.settle("me", &[(second[0].clone(), sent())], NOW).await.unwrap();
        assert!(claim(&store, "telegram", 10, NOW).await.is_empty(), "the other waits on");
        // Until an admin calls that one urgent too.
        let hurried = store.make_urgent(waits, None, NOW).await.unwrap();
        assert_eq!((hurried.out, hurried.hurried), (1, 1));
        let third = claim(&store, "telegram", 10, NOW).await;
        assert_eq!(third.iter().map(|row| row.article_id).collect::<Vec<_>>(), [Some(waits)]);
    });
}

#[test]
fn a_delay_ends_a_hold_stays_and_feeds_only_stays() {
    both("urgent: delay, hold, feeds only", |store| async move {
        let (a, _) = sections(&store).await;
        store.sync_subscriptions("telegram", &[(a, "@x".into(), "at")], NOW).await.unwrap();
        let waits = commit(&store, article(a, 1, ReleaseAs::Waiting(NOW + DAY))).await;
        let quiet = commit(&store, article(a, 2, ReleaseAs::Quiet)).await;
        let hold =
            store.hold(a, HoldKind::New, &Told::new("hold-run", &[("new", 30), ("most", 15)]), NOW).await.unwrap();
        let kept = commit(&store, article(a, 3, ReleaseAs::Held(hold))).await;
        let known = urgent(&store, a, 4, ReleaseAs::Held(hold)).await;
        let let_out = store.make_urgent(waits, Some(a), NOW).await.unwrap();
        assert_eq!(let_out, MadeUrgent { let_out: 1, ..MadeUrgent::default() });
        assert_eq!(store.make_urgent(quiet, None, NOW).await.unwrap(), MadeUrgent::default());
        let stays = store.make_urgent(kept, None, NOW).await.unwrap();
        assert_eq!(stays, MadeUrgent { held: 1, ..MadeUrgent::default() });
        assert_eq!(expand(&store, &HashMap::new()).await, 1, "what is held is held");
        store.settle_hold(hold, Decision::Approve, NOW).await.unwrap();
        assert_eq!(expand(&store, &HashMap::new()).await, 2, "and is urgent once it is approved");
        let articles = made(&store).await.into_iter().flat_map(|(_, _, articles)| articles).collect::<Vec<_>>();
        assert_eq!(articles, [waits, kept, known]);
    });
}

#[test]
fn urgent_mails_go_before_the_others_and_readers_of_digests_wait() {
    both("urgent: mails go first, digests wait", |store| async move {
        let (a, _) = sections(&store).await;
        for n in 0..3 {
            let address = format!("reader{n}@example.vn");
            store.add_subscriber(&address, &[a], "now", Language::Vi, "test", NOW).await.unwrap();
        }
        store.add_subscriber("daily@example.vn", &[a], "daily", Language::Vi, "test", NOW).await.unwrap();
        commit(&store, article(a, 1, ReleaseAs::Out)).await;
        store.expand_now(NOW).await.unwrap();
        let hot = urgent(&store, a, 2, ReleaseAs::Out).await;
        store.expand_now(NOW).await.unwrap();
        assert!(!store.has_urgent().await.unwrap(), "a reader chose the day");
        let first: Vec<Delivery> = claim(&store, "email", 3, NOW).await;
        assert!(first.iter().all(|row| row.article_id == Some(hot)), "{first:?}");
        assert_eq!(claim(&store, "email", 10, NOW).await.len(), 3);
        assert_eq!(store.expand_digests("daily", 0, 1, NOW).await.unwrap().deliveries, 1);
    });
}

#[test]
fn instances_that_expand_at_once_put_nothing_into_two_messages() {
    both("urgent: several instances expand at once", |store| async move {
        let (a, _) = sections(&store).await;
        let chats: Vec<_> = (0..6).map(|n| (a, format!("@now{n}"), "now")).collect();
        let slots: Vec<_> = (0..6).map(|n| (a, format!("@at{n}"), "at")).collect();
        store.sync_subscriptions("telegram", &[chats, slots].concat(), NOW).await.unwrap();
        let budgets = HashMap::from([(a, 1)]);
        for round in 0..10 {
            for n in 1..=3 {
                urgent(&store, a, round * 10 + n, ReleaseAs::Out).await;
            }
            let one = || async {
                store.expand_urgent(&budgets, NOW).await.unwrap();
                store.expand_now_within(&budgets, NOW).await.unwrap();
            };
            futures_util::join!(one(), one(), one(), one());
        }
        let mut had: HashMap<(String, i64), usize> = HashMap::new();
        for (chat, _, articles) in made(&store).await {
            for article in articles {
                *had.entry((chat.clone(), article)).or_default() += 1;
            }
        }
        assert_eq!(had.len(), 12 * 30, "each article in each chat");
        let twice: Vec<_> = had.iter().filter(|(_, times)| **times > 1).collect();
        assert!(twice.is_empty(), "{} came twice: {:?}", twice.len(), &twice[..twice.len().min(3)]);
    });
}

fn sent() -> Settle {
    Settle::Sent { posted: Posted::default(), revision: 1 }
}
