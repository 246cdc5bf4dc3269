//! `/status` in plain words: how the sections fare, how much they bring and how fast it reaches people. What only admins
//! may see comes by the token, in a header or by the page's own form (no cookie: it is asked for each time).

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use chrono::{Days, NaiveTime, TimeZone as _};
use serde::Serialize;
use tokio::sync::Mutex;

use super::form::Form;
use super::health::{is_admin, is_token, position, reasons};
use super::reply::{Keep, page, too_often};
use super::{App, Shared, Visitor, chart};
use crate::article::Moment;
use crate::config::Language;
use crate::health::Finding;
use crate::locale;
use crate::store::StoreError;

/// What the answer depends on.
const VARIES: &str = "Accept, Accept-Language";
/// Days of the chart.
const DAYS: usize = 14;
/// Articles from which the pace is told.
const PACES: i64 = 50;
/// How long the numbers are believed: nobody can make them costly by asking often.
const FRESH_MS: i64 = 60_000;
/// Upper ends of the pace's classes in milliseconds, with their keys; the last has no end.
const CLASSES: [(i64, &str); 5] = [
    (60_000, "page-within-minute"),
    (5 * 60_000, "page-within-minutes"),
    (30 * 60_000, "page-within-half-hour"),
    (3 * 3_600_000, "page-within-hours"),
    (i64::MAX, "page-later"),
];

/// The numbers of the page, asked of the store at most once a minute.
#[derive(Debug, Default)]
pub struct Numbers(Mutex<Option<(i64, Arc<Counted>)>>);

#[derive(Debug, Default)]
struct Counted {
    /// By section: articles a day, the last today.
    days: HashMap<i64, [i64; DAYS]>,
    /// From publishing to the first delivery, for articles with a stated time; sorted.
    published: Vec<i64>,
    /// From the first sight to the first delivery; sorted.
    found: Vec<i64>,
}

impl Numbers {
    async fn of(&self, app: &App) -> Result<Arc<Counted>, StoreError> {
        let now = app.web.clock.now_ms();
        let mut held = self.0.lock().await;
        if let Some((at, counted)) = held.as_ref().filter(|(at, _)| (0..FRESH_MS).contains(&(now - at))) {
            let _ = at;
            return Ok(counted.clone());
        }
        let counted = Arc::new(count(app, now).await?);
        *held = Some((now, counted.clone()));
        Ok(counted)
    }
}

async fn count(app: &App, now: i64) -> Result<Counted, StoreError> {
    let store = &app.web.store;
    let mut counted = Counted::default();
    let zone = app.web.config.timezone;
    let today = app.web.clock.now().with_timezone(&zone).date_naive();
    let first = today.checked_sub_days(Days::new(DAYS as u64 - 1)).unwrap_or(today);
    let since = zone.from_local_datetime(&first.and_time(NaiveTime::MIN)).earliest();
    let since = since.map_or(now - DAYS as i64 * 86_400_000, |at| at.timestamp_millis());
    for (section, day, articles) in store.articles_a_day(since).await? {
        let days = counted.days.entry(section).or_default();
        if let Some(count) = usize::try_from(day).ok().and_then(|day| days.get_mut(day.min(DAYS - 1))) {
            *count += articles;
        }
    }
    let paces = store.paces(since, PACES).await?;
    let ids: Vec<i64> = paces.iter().map(|pace| pace.article_id).collect();
    let stated: HashMap<i64, i64> = store
        .articles(&ids)
        .await?
        .into_iter()
        .filter_map(|article| match article.reading.published.as_ref()?.at {
            Moment::Instant(at) => Some((article.id, at.timestamp_millis())),
            Moment::Day(_) => None,
        })
        .collect();
    for pace in &paces {
        counted.found.push((pace.delivered - pace.first_seen).max(0));
        if let Some(at) = stated.get(&pace.article_id).filter(|at| **at <= pace.delivered) {
            counted.published.push(pace.delivered - at);
        }
    }
    counted.found.sort_unstable();
    counted.published.sort_unstable();
    Ok(counted)
}

#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question that the template asks")]
struct Status {
    sections: Vec<SectionStatus>,
    well: bool,
    pace: Option<PaceStatus>,
    /// The outbox, for admins: channel, state, how many.
    queue: Vec<(String, String, i64)>,
    /// What waits for a decision, for admins.
    holds: Vec<HoldStatus>,
    /// Targets that rest, for admins: channel, address (never a reader's), why.
    resting: Vec<(String, String, String)>,
    /// Why bantin is not ready, for admins.
    reasons: Vec<(String, String)>,
    admin: bool,
    /// Whether the detail can be asked for by a token.
    door: bool,
    /// A token was given, and it was wrong.
    wrong: bool,
}

#[derive(Debug, Serialize)]
struct SectionStatus {
    slug: String,
    name: String,
    lang: &'static str,
    zone: &'static str,
    last_look: Option<i64>,
    next_look: Option<i64>,
    /// Slots of its schedule are left out; for admins.
    backs_off: bool,
    /// By what it is looked at; for admins.
    way: String,
    well: bool,
    paused: bool,
    /// Articles a day: the chart's path, its width, the counts in words, and their sum.
    chart: String,
    width: usize,
    days: String,
    sum: i64,
    /// The error in words, for admins.
    trouble: String,
    /// The last looks, for admins.
    looks: Vec<LookStatus>,
    /// What is not well with its source, for admins.
    findings: Vec<FindingStatus>,
}

#[derive(Debug, Serialize)]
struct LookStatus {
    at: i64,
    listed: Option<usize>,
    new: Option<usize>,
    trouble: String,
}

#[derive(Debug, Serialize)]
struct HoldStatus {
    /// As text: a template's numbers must not lose digits.
    id: String,
    section: String,
    since: i64,
    reason: String,
    count: i64,
    samples: Vec<String>,
}

#[derive(Debug, Serialize)]
struct FindingStatus {
    code: &'static str,
    since: i64,
    words: String,
    /// What to do.
    remedy: &'static str,
    /// What may be put into `config.toml`.
    proposal: String,
}

#[derive(Debug, Serialize)]
struct PaceStatus {
    /// The middle one from publishing to delivery, in words.
    published: Option<String>,
    /// The middle one from the first sight to delivery, in words.
    found: String,
    count: usize,
    /// Words, how many, and the length of the bar of 100.
    classes: Vec<(String, usize, usize)>,
}

fn shown(finding: &Finding, lang: Language) -> FindingStatus {
    let (_, remedy) = match lang {
        Language::Vi => finding.code.vietnamese(),
        Language::En => finding.code.english(),
    };
    FindingStatus {
        code: finding.code.text(),
        since: finding.since,
        words: finding.words.clone(),
        remedy,
        proposal: finding.proposal.clone(),
    }
}

/// A duration in words, no more exact than is of use.
fn duration(lang: Language, ms: i64) -> String {
    let (count, key) = match ms {
        ..500 => (0, "page-at-once"),
        500..90_000 => ((ms + 500) / 1000, "page-seconds"),
        90_000..5_400_000 => ((ms + 30_000) / 60_000, "page-minutes"),
        5_400_000..172_800_000 => ((ms + 1_800_000) / 3_600_000, "page-hours"),
        _ => ((ms + 43_200_000) / 86_400_000, "page-days"),
    };
    locale::text(lang, key, &[("count".to_owned(), count.to_string())])
}

fn pace(counted: &Counted, lang: Language) -> Option<PaceStatus> {
    let middle = |sorted: &[i64]| sorted.get(sorted.len() / 2).map(|ms| duration(lang, *ms));
    let found = middle(&counted.found)?;
    let of = if counted.published.is_empty() { &counted.found } else { &counted.published };
    let mut least = i64::MIN;
    let classes = CLASSES.into_iter().map(|(most, key)| {
        let count = of.iter().filter(|ms| (least..most).contains(*ms)).count();
        least = most;
        (locale::text(lang, key, &[]), count, count * 100 / of.len().max(1))
    });
    let classes = classes.collect();
    Some(PaceStatus { published: middle(&counted.published), found, count: of.len(), classes })
}

/// `GET /status`.
pub(super) async fn status(State(app): State<Shared>, visitor: Visitor, headers: HeaderMap) -> Response {
    let accepts = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if accepts.starts_with("application/json") {
        return for_programs(&app).await;
    }
    let admin = is_admin(&app, &visitor, &headers);
    let mut page = answer(&app, &visitor, admin, false).await;
    page.headers_mut().insert(VARY, HeaderValue::from_static(VARIES));
    page
}

/// What a section says of itself to a program.
#[derive(Debug, Serialize)]
struct Told<'a> {
    slug: &'a str,
    well: bool,
    paused: bool,
    last_look: Option<String>,
    next_look: Option<String>,
    backs_off: bool,
}

/// The same for programs that ask for JSON: what everybody may know. `bantin status` asks so when the next looks come.
async fn for_programs(app: &App) -> Response {
    let rows = app.web.store.sections().await.unwrap_or_default();
    let known = app.web.health.sections();
    let at =
        |at: Option<chrono::DateTime<chrono::Utc>>| at.map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true));
    let sections: Vec<Told<'_>> = app
        .web
        .config
        .sections
        .keys()
        .map(|slug| {
            let health = known.get(slug).cloned().unwrap_or_default();
            Told {
                slug,
                well: health.trouble.is_empty(),
                paused: rows.iter().any(|row| row.slug == *slug && row.paused),
                last_look: at(health.last_look),
                next_look: at(health.next_look),
                backs_off: health.backs_off,
            }
        })
        .collect();
    let json = serde_json::json!({ "ready": reasons(app).await.is_empty(), "sections": sections });
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store"), (VARY, VARIES)];
    (headers, json.to_string()).into_response()
}

/// `POST /status`: the same with what admins see, for the token of the form.
pub(super) async fn open(State(app): State<Shared>, visitor: Visitor, body: Bytes) -> Response {
    if is_token(&app, Form::read(&body).one("token")) {
        return answer(&app, &visitor, true, false).await;
    }
    match app.web.limits.guesses.take(visitor.ip, app.web.clock.now_ms()) {
        Ok(()) => answer(&app, &visitor, false, true).await,
        Err(seconds) => too_often(&app, &visitor, seconds),
    }
}

async fn answer(app: &App, visitor: &Visitor, admin: bool, wrong: bool) -> Response {
    let (store, lang) = (&app.web.store, visitor.lang);
    let reasons = reasons(app).await;
    let counted = app.numbers.of(app).await.unwrap_or_default();
    let rows = store.sections().await.unwrap_or_default();
    let known = app.web.health.sections();
    let told = if admin { store.told_findings().await.unwrap_or_default() } else { Vec::new() };
    let sections: Vec<SectionStatus> = app
        .web
        .config
        .sections
        .values()
        .map(|section| {
            let health = known.get(&section.slug).cloned().unwrap_or_default();
            let row = rows.iter().find(|row| row.slug == section.slug);
            let days = row.and_then(|row| counted.days.get(&row.id)).copied().unwrap_or_default();
            let looks = if admin { app.web.health.looks(&section.slug) } else { Vec::new() };
            SectionStatus {
                slug: section.slug.clone(),
                name: section.name.clone(),
                lang: section.language.code(),
                zone: section.timezone.name(),
                last_look: health.last_look.map(|at| at.timestamp_millis()),
                next_look: health.next_look.map(|at| at.timestamp_millis()),
                well: health.trouble.is_empty() && !told.iter().any(|(slug, _)| *slug == section.slug),
                paused: row.is_some_and(|row| row.paused),
                chart: chart::bars(&days),
                width: chart::width(DAYS),
                days: days.map(|count| count.to_string()).join(", "),
                sum: days.iter().sum(),
                looks: looks
                    .into_iter()
                    .map(|look| LookStatus {
                        at: look.at.timestamp_millis(),
                        listed: look.found.map(|(listed, _)| listed),
                        new: look.found.map(|(_, new)| new),
                        trouble: look.trouble,
                    })
                    .collect(),
                findings: told.iter().filter(|(slug, _)| *slug == section.slug).map(|(_, f)| shown(f, lang)).collect(),
                trouble: if admin { health.trouble } else { String::new() },
                backs_off: admin && health.backs_off,
                way: if admin { health.way } else { String::new() },
            }
        })
        .collect();
    let mut content = Status {
        well: reasons.is_empty() && sections.iter().all(|section| section.well),
        sections,
        pace: pace(&counted, lang),
        queue: Vec::new(),
        holds: Vec::new(),
        resting: Vec::new(),
        reasons: Vec::new(),
        admin,
        door: !admin && app.web.config.server.admin_token.is_some(),
        wrong,
    };
    if admin {
        let queue = store.open_counts().await.unwrap_or_default();
        content.queue = queue.into_iter().map(|line| (line.channel, line.state, line.count)).collect();
        content.holds = held(app).await;
        // A reader's address stands on no page: how many of them rest, the queue's command tells.
        let resting = store.troubled_targets().await.unwrap_or_default().into_iter().filter(|t| t.channel != "email");
        content.resting = resting.map(|target| (target.channel, target.address, target.reason)).collect();
        content.reasons = reasons.into_iter().chain(position(app)).collect();
    }
    let keep = if admin || wrong { Keep::Never } else { Keep::Briefly };
    let status = if wrong { StatusCode::UNAUTHORIZED } else { StatusCode::OK };
    page(app, visitor, status, keep, "page/status.html", content)
}

async fn held(app: &App) -> Vec<HoldStatus> {
    let name = |slug: &str| app.web.config.sections.get(slug).map_or(slug.to_owned(), |section| section.name.clone());
    let holds = app.web.store.holds().await.unwrap_or_default().into_iter();
    holds
        .map(|hold| HoldStatus {
            id: hold.id.to_string(),
            section: name(&hold.section),
            since: hold.created_at,
            reason: hold.reason,
            count: hold.count,
            samples: hold.samples,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_said_as_people_do() {
        for (ms, vi, en) in [
            (0, "chưa tới 1 giây", "less than a second"),
            (1_000, "1 giây", "1 second"),
            (89_000, "89 giây", "89 seconds"),
            (240_000, "4 phút", "4 minutes"),
            (7_200_000, "2 giờ", "2 hours"),
            (3 * 86_400_000, "3 ngày", "3 days"),
        ] {
            assert_eq!((duration(Language::Vi, ms).as_str(), duration(Language::En, ms).as_str()), (vi, en));
        }
    }

    #[test]
    fn every_article_falls_into_one_class() {
        let counted = Counted {
            published: vec![0, 59_999, 60_000, 1_000_000, i64::MAX - 1],
            found: vec![1],
            ..Counted::default()
        };
        let pace = pace(&counted, Language::En).unwrap();
        assert_eq!(pace.classes.iter().map(|class| class.1).collect::<Vec<_>>(), [2, 1, 1, 0, 1]);
        assert_eq!(pace.classes[0].2, 40);
        assert!(super::pace(&Counted::default(), Language::En).is_none());
    }
}
