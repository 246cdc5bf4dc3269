//! What Telegram and the relay answer, under both policies with the same seed, and the accounts compared: the counters of
//! `/metrics` and the stories of the deliveries say what the fakes' journals say.

use serde_json::{Value, json};

use crate::harness::Database;
use crate::report::{Dice, Report, Tally, amount};
use crate::world::World;

/// One way to answer wrongly.
struct Way {
    name: &'static str,
    /// What the fake is told to do.
    act: Value,
    /// The verb of SMTP at which it happens.
    verb: Option<&'static str>,
    /// Whether the message may have arrived.
    is_unsure: bool,
}

fn telegram() -> Vec<Way> {
    let way = |name, act, is_unsure| Way { name, act, verb: None, is_unsure };
    let mut ways = vec![
        way("429", json!({ "kind": "retry_after", "seconds": 1 }), false),
        way(
            "400 entities",
            json!({ "kind": "refuse", "code": 400, "description": "Bad Request: can't parse entities: x" }),
            false,
        ),
        way("taken, then cut", json!({ "kind": "accept_then_cut" }), true),
        way("cut", json!({ "kind": "cut" }), true),
    ];
    // The library waits ten seconds after each of these.
    if amount(0, 1) > 0 {
        ways.push(way("500", json!({ "kind": "status", "code": 500 }), true));
        ways.push(way("taken, then 502", json!({ "kind": "accept_then_status", "code": 502 }), true));
    }
    ways
}

fn smtp() -> Vec<Way> {
    let way = |name, verb, act, is_unsure| Way { name, act, verb: Some(verb), is_unsure };
    vec![
        way("451 at RCPT", "RCPT", json!({ "kind": "reply", "code": 451, "text": "4.3.0 later" }), false),
        way("421 at MAIL", "MAIL", json!({ "kind": "reply", "code": 421, "text": "4.3.2 closing" }), false),
        way("452 at the dot", "dot", json!({ "kind": "reply", "code": 452, "text": "4.3.1 no room" }), false),
        way("cut in DATA", "DATA", json!({ "kind": "cut" }), false),
        way("taken, then cut", "dot", json!({ "kind": "accept_then_cut" }), true),
        way("cut at the dot", "dot", json!({ "kind": "cut" }), true),
        way("250, then cut", "dot", json!({ "kind": "reply_then_cut" }), false),
    ]
}

/// All ways, one after another in one world; what was lost and repeated by ways that leave it open.
async fn suffer(policy: &'static str, ways: &[Way], is_telegram: bool, messages: usize) -> (World, Tally, usize) {
    let mut dice = Dice::new("answers");
    // A relay that was refused rests by its time-out; here that is short.
    let mut world = World::with(Database::sqlite(), policy, |_, text| {
        text.replace("connections = 2, window = 1", "connections = 2, window = 1, timeout = \"2s\"")
    })
    .await;
    let mut unsure = 0;
    for way in ways {
        let before = world.tally().await;
        let every = 3 + dice.below(3);
        let mut matching = json!({ "nth": 1 + dice.below(2), "every": every, "times": messages.div_ceil(5) });
        if let Some(verb) = way.verb {
            matching["verb"] = json!(verb);
        } else {
            matching["method"] = json!("sendMessage");
        }
        let order = json!({ "match": matching, "do": way.act });
        if is_telegram {
            world.telegram.order(order).await;
        } else {
            world.smtp.order(order).await;
        }
        world.publish(messages);
        world.drained().await;
        if is_telegram {
            world.telegram.behave().await;
        } else {
            world.smtp.behave().await;
        }
        let after = world.tally().await;
        let (lost, repeats) = (after.lost - before.lost, after.repeats - before.repeats);
        if !way.is_unsure {
            assert_eq!((lost, repeats), (0, 0), "{} leaves nothing open ({policy})", way.name);
        }
        if policy == "at_most_once" {
            assert_eq!(repeats, 0, "{}: at_most_once", way.name);
        } else {
            assert_eq!(lost, 0, "{}: at_least_once", way.name);
            assert!(repeats <= messages.div_ceil(5), "{}: {repeats} repeats", way.name);
        }
        unsure += repeats;
    }
    let tally = world.tally().await;
    (world, tally, unsure)
}

async fn matrix(name: &str, ways: &[Way], is_telegram: bool) {
    let messages = amount(4, 50);
    let channel = if is_telegram { "telegram" } else { "email" };
    for policy in ["at_least_once", "at_most_once"] {
        let report = Report::new(&format!("{name}, {policy}"));
        let (world, tally, _) = suffer(policy, ways, is_telegram, messages).await;
        let uncertain = world.in_state("uncertain").await;
        assert!(uncertain >= tally.lost, "what did not arrive is told: {tally:?}, {uncertain}");
        // The accounts: what was taken is in the journal once for each acceptance. We know of those that were answered;
        // the others are told as uncertain, at once or at the try before.
        let journal = if is_telegram { world.telegram.journal().await.len() } else { world.smtp.journal().await.len() };
        let sent = world.counted(channel, "sent").await;
        let targets = if is_telegram { 2 } else { 1 };
        let wanted = targets * world.published();
        if policy == "at_least_once" {
            assert_eq!((sent, journal), (wanted, wanted + tally.repeats), "counters and journal");
        } else {
            assert_eq!(sent + world.counted(channel, "uncertain").await, wanted, "every message is accounted for");
            assert_eq!(journal, wanted - tally.lost, "the journal has what is not missing");
        }
        report.done(
            ways.len(),
            tally,
            &format!("ways of {messages} articles each; {uncertain} told as uncertain; counters equal the journal"),
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_telegram() {
    matrix("Telegram's answers", &telegram(), true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_relay() {
    matrix("the relay's answers", &smtp(), false).await;
}

/// A delivery that asks: it waits where an admin sees it, and the admin decides.
#[tokio::test(flavor = "multi_thread")]
async fn what_asks_waits_for_an_admin() {
    let report = Report::new("ask: waits visibly, an admin decides");
    let mut world = World::with(Database::sqlite(), "ask", |_, text| {
        text.replace("[section.tin-tuc]", "[admin]\ntelegram = \"@admins\"\n\n[section.tin-tuc]")
    })
    .await;
    let cut = json!({ "match": { "chat": "@chat_a", "times": 2 }, "do": { "kind": "accept_then_cut" } });
    world.telegram.order(cut).await;
    world.publish(2);
    let told = world.telegram.wait(1, &[("chat", "@admins")]).await.remove(0);
    assert!(told["text"].as_str().is_some_and(|text| text.contains("bantin deliveries")), "{told}");
    crate::harness::until("both ask", async || (world.in_state("uncertain").await == 2).then_some(())).await;
    let status = world.bantin.command(&["status"]).await;
    assert!(status.out.contains("wait for your decision"), "{}", status.out);
    let list = world.bantin.command(&["deliveries", "list", "--state", "uncertain", "--json"]).await;
    let list: Vec<Value> = serde_json::from_str(&list.out).expect("a list");
    let ids: Vec<&str> = list.iter().filter_map(|row| row["id"].as_str()).collect();
    let [again, enough] = ids[..] else { panic!("{ids:?}") };
    let all = world.bantin.command(&["deliveries", "retry", "--all"]).await;
    assert!(all.out.starts_with("0 "), "what may have arrived goes by its own name only: {}", all.out);
    assert_eq!(world.bantin.command(&["deliveries", "retry", again]).await.code, 0);
    assert_eq!(world.bantin.command(&["deliveries", "drop", enough]).await.code, 0);
    crate::harness::until("the decision", async || (world.in_state("uncertain").await == 0).then_some(())).await;
    crate::harness::until("the second post", async || (world.tally().await.repeats == 1).then_some(())).await;
    crate::harness::until("its story", async || {
        let show = world.bantin.command(&["deliveries", "show", again]).await.out;
        ["uncertain", "again  by an admin", "sent", "[instance "].iter().all(|word| show.contains(word)).then_some(())
    })
    .await;
    let show = world.bantin.command(&["deliveries", "show", enough, "--json"]).await;
    let show: Value = serde_json::from_str(&show.out).expect("a story");
    assert_eq!(show["state"], "dropped");
    let words: Vec<&str> =
        show["story"].as_array().into_iter().flatten().filter_map(|a| a["outcome"].as_str()).collect();
    assert_eq!(words, ["uncertain", "dropped"]);
    report.done(2, world.tally().await, "told to the admin's chat, to status, and in the story");
}
