//! What the outbox's statements cost by themselves, for `scripts/bench outbox`: no daemon, no network. Prints one line
//! `name value unit` a number.
//!
//!     cargo bench --bench outbox -- prepare URL            a database with one section, for readers to be written into
//!     cargo bench --bench outbox -- expand URL ROUNDS      so many articles, each expanded to all readers
//!     cargo bench --bench outbox -- drain URL BATCH        what is queued, claimed and settled in batches

#![expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]

use std::time::{Duration, Instant};

use bantin::article::Reading;
use bantin::channel::{Limit, Posted};
use bantin::fetch::Validators;
use bantin::store::{Claim, Delivery, NewArticle, ReleaseAs, Result, Settle, Store};

const NOW: i64 = 1_795_000_000_000;

#[tokio::main]
async fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["prepare", url] => prepare(url).await,
        ["expand", url, rounds] => expand(url, rounds.parse().unwrap_or(1)).await,
        ["drain", url, batch] => drain(url, batch.parse().unwrap_or(1000)).await,
        _ => {
            eprintln!("prepare URL | expand URL ROUNDS | drain URL BATCH");
            std::process::exit(2);
        }
    };
    if let Err(error) = done {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

async fn prepare(url: &str) -> Result<()> {
    let store = Store::open(url).await?;
    store.sync_sections(&[("bench".into(), vec![])], NOW).await?;
    store.close().await;
    Ok(())
}

async fn expand(url: &str, rounds: i64) -> Result<()> {
    let store = Store::open(url).await?;
    let section = store.section_ids().await?.get("bench").copied().unwrap_or_default();
    let (mut rows, mut spent, mut chunks) = (0, Duration::ZERO, 0);
    for n in 0..rounds {
        store.commit_new(&[article(section, NOW + n)], NOW).await?;
        let began = Instant::now();
        loop {
            let chunk = store.expand_now(NOW).await?;
            rows += chunk.deliveries;
            chunks += i64::from(chunk.deliveries > 0);
            if !chunk.more {
                break;
            }
        }
        spent += began.elapsed();
    }
    println!("rows {rows} {chunks} {:.0}", rows as f64 / spent.as_secs_f64());
    store.close().await;
    Ok(())
}

async fn drain(url: &str, batch: usize) -> Result<()> {
    let store = Store::open(url).await?;
    let claim = Claim { channel: "email", owner: "bench", max: batch, ordered: false };
    let limits = |_: &Delivery| vec![Limit { key: "relay:bench:25".to_owned(), every_ms: 0, burst: 1, slack_ms: 0 }];
    let (mut rows, began) = (0, Instant::now());
    let mut done = Vec::new();
    loop {
        // As the dispatcher does it: what came back is settled with the next claim.
        let (recorded, claimed) = store.settle_and_claim(&done, claim, limits, NOW).await?;
        rows += recorded;
        let posted =
            || Posted { chat: "relay:bench:25".to_owned(), message: "250 2.0.0 Ok".to_owned(), ..Posted::default() };
        done = claimed.deliveries.into_iter().map(|d| (d, Settle::Sent { posted: posted(), revision: 1 })).collect();
        if done.is_empty() {
            break;
        }
    }
    println!("rows {rows} {batch} {:.0}", rows as f64 / began.elapsed().as_secs_f64());
    store.close().await;
    Ok(())
}

fn article(section_id: i64, n: i64) -> NewArticle {
    NewArticle {
        keys: vec![format!("id:example.vn:{n}")],
        authority: "example.vn,2026".into(),
        url: None,
        source_url: format!("https://example.vn/tin/{n}.html").parse().expect("an address"),
        reading: Reading { title: format!("Bài {n}"), text: format!("Nội dung {n}"), ..Reading::default() },
        extraction: "1.x".into(),
        feed_date: bantin::clock::from_ms(NOW),
        validators: Validators::default(),
        page: None,
        next_read: None,
        section_id,
        listing_hash: "h".into(),
        guid: None,
        urgent: false,
        release: ReleaseAs::Out,
    }
}
