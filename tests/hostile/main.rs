//! Sites made to hurt: pages and feeds that cost parsers dearly, answers that never end, addresses that lead inside.
//! The real binary reads them all. It may not crash, connect to the canary, take more CPU time or memory than is
//! promised, or keep healthy sections waiting.
//!
//! Debug builds get smaller pages and more time. `BANTIN_HOSTILE=full` asks for the full sizes.

mod alone;
mod classes;
mod feeds;
#[allow(dead_code, unused_imports, unused_macros, reason = "the pipeline's tests use the rest of it")]
#[path = "../pipeline/harness/mod.rs"]
mod harness;
mod measure;
mod pages;
mod server;
mod together;
#[path = "../../src/fetch/tests/tricks.rs"]
mod tricks;
mod wires;

/// Whether everything is asked for, at its full size and against the promised budgets: of an optimised build.
fn full() -> bool {
    std::env::var("BANTIN_HOSTILE").is_ok_and(|text| text == "full")
}

/// By how much sizes are divided.
fn scale() -> usize {
    if cfg!(debug_assertions) && !full() { 16 } else { 1 }
}

/// What a debug build takes of time for what a release build does in one.
fn slowness() -> u32 {
    if cfg!(debug_assertions) && !full() { 10 } else { 1 }
}

/// One hostile thing, and what a server answers for it.
struct Case {
    name: &'static str,
    answer: server::Answer,
    /// Whether it is tried as an article too: feeds are none.
    article: bool,
    /// What its section says besides its address.
    keys: &'static str,
}

/// Everything hostile; `canary` is an address that nobody may connect to.
fn cases(canary: &str) -> Vec<Case> {
    let html = |(name, body): (&'static str, Vec<u8>)| Case {
        name,
        answer: server::Answer::whole("text/html; charset=utf-8", body),
        article: true,
        keys: "",
    };
    let feed = |(name, kind, body): (&'static str, &'static str, Vec<u8>)| Case {
        name,
        answer: server::Answer::whole(kind, body),
        article: false,
        keys: "",
    };
    let wire = |(name, answer)| Case { name, answer, article: true, keys: "" };
    let class = |(name, answer, article, texts): classes::Class| Case {
        name,
        answer,
        article,
        keys: if texts { "read = \"listing\"\n" } else { "" },
    };
    let n = scale();
    pages::all(n, canary)
        .into_iter()
        .map(html)
        .chain(feeds::all(n, canary).into_iter().map(feed))
        .chain(wires::all(n, canary).into_iter().map(wire))
        .chain(classes::all(n).into_iter().map(class))
        .collect()
}
