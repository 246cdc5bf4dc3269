//! Logs and metrics. [`init_logging`] is called once by `main`; [`Metrics`] is handed to every part that counts
//! something and written out by `/metrics` (`OpenMetrics` text).

use std::fmt::Write as _;
use std::io::IsTerminal as _;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use chrono::{DateTime, Utc};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use tracing_subscriber::EnvFilter;

/// Crates that would log addresses, headers or bodies when they are let.
const QUIET: &[&str] =
    &["hyper", "hyper_util", "reqwest", "h2", "rustls", "tower", "tower_http", "teloxide", "teloxide_core", "sqlx"];

/// Starts logging to stderr, as text or one JSON object a line. `BANTIN_LOG` (else `RUST_LOG`) chooses what is
/// said, `usual` where neither is set; the crates that speak HTTP or SQL never say more than warnings, because what they would say holds tokens.
/// A second call changes nothing.
pub fn init_logging(json: bool, usual: &str) {
    let wanted =
        std::env::var("BANTIN_LOG").or_else(|_| std::env::var("RUST_LOG")).unwrap_or_else(|_| usual.to_owned());
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter(&wanted))
        .with_ansi(std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none())
        .with_writer(std::io::stderr);
    // An error means that logging was started before, by a test or a command: that one stays.
    let _ = if json { builder.json().try_init() } else { builder.with_target(false).try_init() };
}

/// What is let through for the words of an admin: `info` where they are empty or wrong.
fn filter(wanted: &str) -> EnvFilter {
    let mut kept: Vec<String> = wanted
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty() && !QUIET.iter().any(|name| part.starts_with(name)))
        .map(str::to_owned)
        .collect();
    if kept.is_empty() {
        kept.push("info".into());
    }
    kept.extend(QUIET.iter().map(|name| format!("{name}=warn")));
    // It warns at every odd tag of a page: a page made to hurt would fill the log.
    kept.push("html5ever=error".into());
    EnvFilter::try_new(kept.join(",")).unwrap_or_else(|_| EnvFilter::new("info"))
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Look {
    section: String,
    outcome: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Seen {
    section: String,
    change: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Delivery {
    channel: String,
    outcome: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Queue {
    channel: String,
    state: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Noted {
    channel: String,
    what: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Found {
    section: String,
    code: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Status {
    status: u16,
}

/// Everything bantin counts. Labels are bounded: sections, channels, states and status codes, never addresses.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    looks: Family<Look, Counter>,
    articles: Family<Seen, Counter>,
    deliveries: Family<Delivery, Counter>,
    queue: Family<Queue, Gauge<i64, AtomicI64>>,
    findings: Family<Found, Gauge<i64, AtomicI64>>,
    noted: Family<Noted, Gauge<i64, AtomicI64>>,
    feed_requests: Family<Status, Counter>,
    /// Two of them that are counted very often.
    feeds_sent: Counter,
    feeds_unchanged: Counter,
    websub: Family<Outcome, Counter>,
    fetches: Histogram,
    config_good: Gauge,
    config_since: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// All counters at nought.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("bantin");
        let looks = Family::default();
        let articles = Family::default();
        let deliveries = Family::default();
        let queue = Family::default();
        let findings = Family::default();
        let noted = Family::default();
        let feed_requests = Family::<Status, Counter>::default();
        let websub = Family::default();
        let fetches = Histogram::new([0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0]);
        registry.register("looks", "Looks at a section's source, by outcome", looks.clone());
        registry.register("articles", "Articles found new, changed or withdrawn", articles.clone());
        registry.register("deliveries", "Messages settled, by channel and outcome", deliveries.clone());
        registry.register("queue", "Deliveries that are not over, by channel and state", queue.clone());
        registry.register("findings", "What is not well with a section's source, by code", findings.clone());
        registry.register("noted", "What a channel counted since the start besides outcomes", noted.clone());
        registry.register("feed_requests", "Requests for feeds, by status code", feed_requests.clone());
        let often = |status| feed_requests.get_or_create_owned(&Status { status });
        let (feeds_sent, feeds_unchanged) = (often(200), often(304));
        registry.register("websub", "What WebSub callbacks asked for and were told, by outcome", websub.clone());
        registry.register_with_unit("fetch", "Time of one request to a source", Unit::Seconds, fetches.clone());
        let (config_good, config_since) = (Gauge::default(), Gauge::default());
        registry.register(
            "config_last_reload_successful",
            "Whether the configuration files as they stand are in force",
            config_good.clone(),
        );
        registry.register_with_unit(
            "config_last_reload_success_timestamp",
            "Since when the configuration in force is, in Unix time",
            Unit::Seconds,
            config_since.clone(),
        );
        Self {
            registry,
            looks,
            articles,
            deliveries,
            queue,
            findings,
            noted,
            feed_requests,
            feeds_sent,
            feeds_unchanged,
            websub,
            fetches,
            config_good,
            config_since,
        }
    }

    /// One look at a section's source: "ok", "unchanged", or a word for the failure.
    pub fn look(&self, section: &str, outcome: &str) {
        self.looks.get_or_create(&Look { section: section.into(), outcome: outcome.into() }).inc();
    }

    /// Articles of a section that were found "new", "changed" or "withdrawn".
    pub fn articles(&self, section: &str, change: &str, count: u64) {
        self.articles.get_or_create(&Seen { section: section.into(), change: change.into() }).inc_by(count);
    }

    /// Messages of a channel that were settled: "sent", "retry", "dead", "uncertain", "dropped".
    pub fn deliveries(&self, channel: &str, outcome: &str, count: u64) {
        self.deliveries.get_or_create(&Delivery { channel: channel.into(), outcome: outcome.into() }).inc_by(count);
    }

    /// How many messages of all channels were settled so since the start.
    pub fn settled(&self, outcome: &str) -> u64 {
        let of = |channel: &str| Delivery { channel: channel.into(), outcome: outcome.into() };
        ["telegram", "email", "webhook"].iter().map(|channel| self.deliveries.get_or_create(&of(channel)).get()).sum()
    }

    /// The outbox as it stands: (channel, state, how many). What is not named any more is forgotten.
    pub fn queue(&self, counts: &[(String, String, i64)]) {
        self.queue.clear();
        for (channel, state, count) in counts {
            self.queue.get_or_create(&Queue { channel: channel.clone(), state: state.clone() }).set(*count);
        }
    }

    /// What a channel counted since the start besides outcomes: posts that were cut, HTML that was refused.
    pub fn noted(&self, channel: &str, what: &str, count: u64) {
        let noted = self.noted.get_or_create(&Noted { channel: channel.into(), what: what.into() });
        noted.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// What is told as not well: (section, code). What is not named any more is forgotten.
    pub fn findings(&self, told: &[(String, String)]) {
        self.findings.clear();
        for (section, code) in told {
            self.findings.get_or_create(&Found { section: section.clone(), code: code.clone() }).set(1);
        }
    }

    /// A feed was asked for and answered with `status`.
    pub fn feed_request(&self, status: u16) {
        match status {
            200 => self.feeds_sent.inc(),
            304 => self.feeds_unchanged.inc(),
            _ => self.feed_requests.get_or_create(&Status { status }).inc(),
        };
    }

    /// A WebSub callback: "subscribed", "unsubscribed", "unconfirmed", "refused", "delivered", "failed", "gone".
    pub fn websub(&self, outcome: &'static str) {
        self.websub.get_or_create(&Outcome { outcome }).inc();
    }

    /// One request to a source took this long.
    pub fn fetch(&self, took: Duration) {
        self.fetches.observe(took.as_secs_f64());
    }

    /// The configuration as its files say it came into force.
    pub fn config_applied(&self, at: DateTime<Utc>) {
        self.config_good.set(1);
        self.config_since.set(at.timestamp());
    }

    /// The files were found broken; the last good configuration stays in force.
    pub fn config_broken(&self) {
        self.config_good.set(0);
    }

    /// All of it as `OpenMetrics` text.
    pub fn encode(&self) -> String {
        let mut out = String::new();
        if encode(&mut out, &self.registry).is_err() {
            let _ = out.write_str("# EOF\n"); // writing to a String does not fail
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_carry_their_labels() {
        let metrics = Metrics::new();
        metrics.look("tin-tuc", "ok");
        metrics.articles("tin-tuc", "new", 3);
        metrics.queue(&[("email".into(), "pending".into(), 5)]);
        metrics.queue(&[("telegram".into(), "pending".into(), 2)]);
        metrics.findings(&[("tin-tuc".into(), "H513".into())]);
        metrics.findings(&[("tin-tuc".into(), "H508".into())]);
        metrics.feed_request(304);
        metrics.fetch(Duration::from_millis(80));
        let text = metrics.encode();
        assert!(text.contains(r#"bantin_looks_total{section="tin-tuc",outcome="ok"} 1"#), "{text}");
        assert!(text.contains(r#"bantin_articles_total{section="tin-tuc",change="new"} 3"#), "{text}");
        assert!(text.contains(r#"bantin_queue{channel="telegram",state="pending"} 2"#), "{text}");
        assert!(!text.contains(r#"channel="email""#), "a state that is over is forgotten: {text}");
        assert!(text.contains(r#"bantin_findings{section="tin-tuc",code="H508"} 1"#), "{text}");
        assert!(!text.contains("H513"), "what is over is forgotten: {text}");
        assert!(text.contains(r#"bantin_feed_requests_total{status="304"} 1"#), "{text}");
        assert!(text.contains("bantin_fetch_seconds_bucket"), "{text}");
        assert!(text.ends_with("# EOF\n"));
    }

    #[test]
    fn nobody_can_make_the_http_crates_talk() {
        for wanted in ["trace", "hyper=trace", "bantin=debug,teloxide_core=trace", "sqlx::query=debug", "not a [filter"]
        {
            let shown = filter(wanted).to_string();
            assert!(!shown.contains("hyper=trace") && !shown.contains("teloxide_core=trace"), "{wanted} → {shown}");
            assert!(!shown.contains("sqlx::query=debug"), "{wanted} → {shown}");
        }
        assert!(filter("").to_string().contains("info"));
        assert!(filter("bantin=debug").to_string().contains("bantin=debug"));
    }
}
