//! Each hostile thing alone, as a listing and as an article, and the address tricks.

use std::fmt::Write as _;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::StreamExt as _;

use super::harness::proof::Proof;
use super::harness::{Bantin, config::free_port};
use super::server::{canary, serve};
use super::{cases, full, measure, scale, slowness, tricks};

/// The longest that a run is waited for: the time of all its requests, and some.
const LIMIT: Duration = Duration::from_secs(90);

/// The configuration above the sections.
pub fn head(port: u16, fetch: &str) -> String {
    format!(
        "base_url = \"http://127.0.0.1:{port}\"\nlanguage = \"vi\"\ntimezone = \"Asia/Ho_Chi_Minh\"\n\
         [server]\nlisten = \"127.0.0.1:{port}\"\n[fetch]\ninterval = \"0s\"\ntimeout = \"2s\"\n{fetch}\n"
    )
}

/// A section of a case: its address as a listing, or a listing of it as two articles.
pub fn section(slug: &str, url: &str, schedule: &str) -> String {
    format!("[section.{slug}]\nname = \"{slug}\"\nurl = \"{url}\"\nschedule = \"{schedule}\"\n")
}

async fn measured(bantin: &Bantin, arguments: &[&str]) -> measure::Run {
    let mut command = bantin.program();
    command.args(arguments);
    tokio::task::spawn_blocking(move || measure::run(command, LIMIT)).await.expect("no panic")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_costs_little_and_breaks_nothing() {
    let (canary, touched) = canary().await;
    let well = Bantin::empty(free_port());
    let url = serve(super::server::Answer::whole("text/html; charset=utf-8", b"<p>x".to_vec())).await;
    well.configure(&(head(1, "allow_private = true") + &section("well", &format!("{url}/well"), "1h")));
    let base = measured(&well, &["once"]).await;
    // A page may take a second; there are two articles beside the listing, and what any run costs.
    let budget = Duration::from_secs(1) * slowness();
    let wanted = std::env::var("BANTIN_HOSTILE_CASE").ok();
    let (mut slowest, mut peak, mut wrong, mut told) = ((Duration::ZERO, ""), 0, Vec::new(), String::new());
    let cases = cases(&canary);
    let count = cases.len();
    assert!(count >= 40);
    let mut runs = Vec::new();
    // The ordinary run takes a part of them; `scripts/prove hostile` takes all.
    let part = if cfg!(debug_assertions) && !full() && wanted.is_none() { 8 } else { 1 };
    let count = count.div_ceil(part);
    for case in cases.into_iter().step_by(part) {
        if wanted.as_ref().is_some_and(|wanted| !case.name.contains(wanted.as_str())) {
            continue;
        }
        let url = serve(case.answer).await;
        for (kind, path, pages) in [("listing", "/listing", 1), ("article", "/well", 2)] {
            if kind == "listing" || case.article {
                runs.push((case.name, kind, format!("{url}{path}"), pages, case.keys));
            }
        }
    }
    // A few at a time: most of the answers that never end are waited for.
    let mut runs = futures_util::stream::iter(runs)
        .map(|(name, kind, url, pages, keys)| async move {
            let bantin = Bantin::empty(free_port());
            bantin.configure(&(head(1, "allow_private = true") + &section("hostile", &url, "1h") + keys));
            (name, kind, pages, measured(&bantin, &["once"]).await)
        })
        .buffer_unordered(6);
    while let Some((name, kind, pages, run)) = runs.next().await {
        let each = run.cpu.saturating_sub(base.cpu) / pages;
        let _ = writeln!(told, "{:7.2} s {:6} MiB {name} as {kind}", each.as_secs_f64(), run.peak / 1024);
        if each > slowest.0 {
            slowest = (each, name);
        }
        peak = peak.max(run.peak);
        // A run without any good section ends with 1.
        let ended = matches!(run.code, Some(0 | 1 | 3));
        if !ended || run.said.contains("panicked") || run.said.contains("please report") || each > budget {
            wrong.push(format!("{name} as {kind}: {each:?}, code {:?}\n{:.2000}", run.code, run.said));
        }
    }
    if let Some(path) = std::env::var_os("BANTIN_HOSTILE_TABLE") {
        std::fs::write(path, &told).expect("the table");
    }
    assert!(wrong.is_empty(), "{}\n{told}", wrong.join("\n\n"));
    assert_eq!(touched.load(Ordering::SeqCst), 0, "the canary was touched");
    assert!(peak <= 256 * 1024, "{peak} KiB at a time\n{told}");
    let note = format!(
        "pages and feeds at 1/{} of their size: slowest {:.2} s of CPU ({}), most {} MiB",
        scale(),
        slowest.0.as_secs_f64(),
        slowest.1,
        peak / 1024
    );
    Proof::new("hostile: each page and feed alone").ran(count, &note);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_link_and_no_environment_leads_inside() {
    let (canary, touched) = canary().await;
    let port: u16 = canary.rsplit(':').next().and_then(|text| text.parse().ok()).expect("its port");
    let tricks = tricks::addresses(port);
    let mut bantin = Bantin::empty(free_port());
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    let mut page = String::from("<!DOCTYPE html><html><body><main>");
    let mut feed = String::from(
        "<rss version=\"2.0\"><channel><title>t</title><link>http://a.example/</link><description>d</description>",
    );
    for (number, trick) in tricks.iter().enumerate() {
        let trick = escaped(trick);
        let _ = write!(
            page,
            "<div class=\"item\"><h3><a href=\"{trick}\">Bài viết số {number} của bản tin hôm nay</a></h3></div>"
        );
        let _ = write!(feed, "<item><title>Bài viết số {number}</title><link>{trick}</link></item>");
    }
    std::fs::write(bantin.path("page.html"), page + "</main></body></html>").expect("a file");
    std::fs::write(bantin.path("feed.rss"), feed + "</channel></rss>").expect("a file");
    let mut config = head(1, "") + &section("page", "file:page.html", "1h") + &section("feed", "file:feed.rss", "1h");
    // Sitemaps: as pages of one, and as sitemaps of an index, of which a few are opened at a time.
    let listed = |kind: &str, name: &str, tricks: &[String]| {
        let mut locs = String::new();
        for trick in tricks {
            let _ = write!(locs, "<{name}><loc>{}</loc></{name}>", escaped(trick));
        }
        format!("<?xml version=\"1.0\"?><{kind} xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">{locs}</{kind}>")
    };
    std::fs::write(bantin.path("sitemap.xml"), listed("urlset", "url", &tricks)).expect("a file");
    config += &section("sitemap", "file:sitemap.xml", "1h");
    for (number, few) in tricks.chunks(3).enumerate() {
        let name = format!("index-{number}.xml");
        std::fs::write(bantin.path(&name), listed("sitemapindex", "sitemap", few)).expect("a file");
        config += &section(&format!("index-{number}"), &format!("file:{name}"), "1h");
    }
    for (number, trick) in tricks.iter().enumerate() {
        if let Ok(url) = url::Url::parse(trick)
            && matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
        {
            config += &section(&format!("direct-{number}"), url.as_str(), "1h");
        }
    }
    bantin.configure(&config);
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
        bantin.set(name, &format!("http://{canary}"));
    }
    let run = measured(&bantin, &["once"]).await;
    assert!(matches!(run.code, Some(0 | 1 | 3)), "{:?}\n{}", run.code, run.said);
    assert_eq!(touched.load(Ordering::SeqCst), 0, "{}", run.said);
    assert!(run.said.contains("allow_private"), "the refusals say what allows them:\n{}", run.said);
    Proof::new("hostile: address tricks, directly and by links")
        .ran(tricks.len(), "directly, by pages, feeds, sitemaps and their indexes: no connection to the canary");
}
