//! What admins are told of troubles, by a simulated clock: once after it lasted, once after it was well for as long, not at
//! all of what comes and goes.

use bantin::health::{Code, Finding};
use bantin::store::{Admin, Store, Told, Trouble};

use crate::fixture::{NOW, both, claim, sections};

const AFTER: i64 = 300_000;

fn trouble(key: &str, at_once: bool, not_to: Option<&str>) -> Trouble {
    let told = Told::about("alert-resting", &[("chat", key), ("reason", "kicked")]);
    Trouble { key: key.to_owned(), told, at_once, not_to: not_to.map(str::to_owned) }
}

fn admins() -> Vec<Admin> {
    vec![("telegram", "@quan_tri".to_owned()), ("email", "admin@example.vn".to_owned())]
}

async fn note(store: &Store, owner: &str, now: &[Trouble], minutes: i64) -> u64 {
    store.note_troubles(owner, now, &admins(), AFTER, NOW + minutes * 60_000).await.unwrap()
}

#[test]
fn told_once_when_it_lasts_and_once_when_it_is_over() {
    both("troubles: once when it lasts, once when it is over", |store| async move {
        let relay = [trouble("relay:a", false, None)];
        assert_eq!(note(&store, "", &relay, 0).await, 0);
        assert_eq!(note(&store, "", &relay, 4).await, 0, "not yet");
        assert_eq!(note(&store, "", &relay, 5).await, 2, "both admins");
        assert_eq!(note(&store, "", &relay, 60).await, 0, "once");
        assert_eq!(store.troubles().await.unwrap()[0].told_at, Some(NOW + 5 * 60_000));
        assert_eq!(note(&store, "", &[], 61).await, 0, "well, but for how long?");
        assert_eq!(note(&store, "", &relay, 63).await, 0, "not for long: it is the same trouble");
        assert_eq!(note(&store, "", &[], 64).await, 0);
        assert_eq!(note(&store, "", &[], 69).await, 2, "well again");
        assert_eq!(note(&store, "", &[], 90).await, 0);
        assert!(store.troubles().await.unwrap().is_empty());
        // What comes and goes is told neither time.
        assert_eq!(note(&store, "", &relay, 100).await, 0);
        assert_eq!(note(&store, "", &[], 101).await, 0);
        assert_eq!(note(&store, "", &[], 110).await, 0);
        assert!(store.troubles().await.unwrap().is_empty());
        // Another time is another trouble.
        assert_eq!(note(&store, "", &relay, 200).await, 0);
        assert_eq!(note(&store, "", &relay, 205).await, 2);
        let sent = claim(&store, "email", 10, NOW + 300 * 60_000).await;
        assert_eq!(sent.len(), 3, "broken, well, broken");
    });
}

#[test]
fn what_cannot_wait_is_told_at_once_but_not_to_itself() {
    both("troubles: at once, but not to itself", |store| async move {
        let rest = [trouble("@quan_tri", true, Some("@quan_tri"))];
        assert_eq!(note(&store, "", &rest, 0).await, 1, "by mail alone");
        assert_eq!(note(&store, "", &rest, 1).await, 0);
        // Machines have troubles of their own, and do not settle each other's.
        let disk = [trouble("disk@one", false, None)];
        assert_eq!(note(&store, "one", &disk, 1).await, 0);
        assert_eq!(note(&store, "two", &[], 10).await, 0);
        assert_eq!(note(&store, "", &rest, 10).await, 0);
        assert_eq!(note(&store, "one", &disk, 10).await, 2);
        assert_eq!(store.prune_troubles("one", NOW + 3_600_000).await.unwrap(), 0);
        assert_eq!(store.prune_troubles("two", NOW + 3_600_000).await.unwrap(), 1);
        // Nobody to tell: it is noted all the same, and `status` shows it.
        let alone = [trouble("feeds", true, None)];
        assert_eq!(store.note_troubles("", &alone, &[], AFTER, NOW).await.unwrap(), 0);
        assert!(store.troubles().await.unwrap().iter().any(|one| one.key == "feeds" && one.told_at.is_some()));
    });
}

#[test]
fn a_state_that_stays_writes_nothing() {
    both("troubles: a state that stays writes nothing", |store| async move {
        let relay = [trouble("relay:a", false, None)];
        note(&store, "", &relay, 0).await;
        note(&store, "", &relay, 5).await;
        let before = store.troubles().await.unwrap();
        let statements = bantin::store::statements_of_this_thread();
        for minute in 6..60 {
            assert_eq!(note(&store, "", &relay, minute).await, 0);
        }
        assert_eq!(store.troubles().await.unwrap(), before);
        let asked = bantin::store::statements_of_this_thread() - statements;
        assert_eq!(asked, 54 + 1, "one question a look");
    });
}

/// What is not well with a source, told at a moment.
fn finding(at: i64) -> Finding {
    let (words, proposal) = ("it answered 500".to_owned(), String::new());
    let (told_at, closed_at, hold_id) = (Some(at), None, None);
    Finding {
        id: 0,
        code: Code::Unreachable,
        words,
        proposal,
        since: at,
        seen: 2,
        told_at,
        clean: 0,
        closed_at,
        hold_id,
    }
}

#[test]
fn a_source_that_was_told_of_is_told_as_well_again() {
    both("troubles: a source that was told of is told as well again", |store| async move {
        let (a, _) = sections(&store).await;
        let minute = 60_000;
        store.record_health(a, None, &[finding(NOW)], &[], NOW).await.unwrap();
        assert_eq!(store.queue_alerts(&admins(), NOW + 3 * minute).await.unwrap(), 2);
        let open = store.findings(a).await.unwrap().remove(0);
        let closed = Finding { closed_at: Some(NOW + 9 * minute), ..open };
        store.record_health(a, None, &[closed], &[], NOW + 9 * minute).await.unwrap();
        assert_eq!(store.queue_alerts(&admins(), NOW + 9 * minute).await.unwrap(), 2, "well, at once");
        assert_eq!(store.queue_alerts(&admins(), NOW + 999 * minute).await.unwrap(), 0);
        // What was well before anybody was told is told neither time.
        let at = NOW + 2_000 * minute;
        store.record_health(a, None, &[finding(at)], &[], at).await.unwrap();
        let open = store.findings(a).await.unwrap().remove(0);
        store
            .record_health(a, None, &[Finding { closed_at: Some(at + minute), ..open }], &[], at + minute)
            .await
            .unwrap();
        assert_eq!(store.queue_alerts(&admins(), at + 999 * minute).await.unwrap(), 0);
    });
}
