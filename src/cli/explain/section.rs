//! `explain SECTION`: what is usual, what is not well and since when, and what its source lists now.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::app::{App, Examined};
use crate::article::text;
use crate::cli::output::{self, note, say};
use crate::cli::{DONE, FAILED};
use crate::clock::{Clock, from_ms};
use crate::config::{Config, Expect, Section};
use crate::health::{Code, Day, Finding, Memory};
use crate::store::{Hold, SectionRow};

/// Days of the trend that are shown.
const TREND: usize = 10;
/// Past findings that are shown.
const PAST: i64 = 5;

/// What is stored of a section.
struct Stored {
    row: Option<SectionRow>,
    memory: Memory,
    findings: Vec<Finding>,
    past: Vec<Finding>,
    holds: Vec<Hold>,
}

pub(super) async fn run(
    config: Arc<Config>,
    section: Arc<Section>,
    offline: bool,
    json: bool,
    clock: Clock,
) -> anyhow::Result<u8> {
    let app = App::build(config.clone(), clock).await?;
    let row = app.store.section(&section.slug).await?;
    let id = row.as_ref().map_or(0, |row| row.id);
    let stored = Stored {
        memory: app.store.health_memory(id).await?,
        findings: app.store.findings(id).await?.into_iter().filter(|finding| finding.told_at.is_some()).collect(),
        past: app.store.past_findings(id, PAST).await?,
        holds: app.store.holds().await?.into_iter().filter(|hold| hold.section == section.slug).collect(),
        row,
    };
    // One look, of which nothing is stored.
    let examined = if offline { None } else { Some(app.examine(&section).await) };
    let code = if matches!(examined, Some(Err(_))) { FAILED } else { DONE };
    if json {
        output::json(&answer(&section, &stored, examined.as_ref()));
        return Ok(code);
    }
    tell_stored(&section, &stored);
    match &examined {
        None => {}
        Some(Ok(examined)) => tell_look(examined),
        Some(Err(error)) => note!("\nerror: its source could not be looked at now: {error}"),
    }
    Ok(code)
}

fn tell_stored(section: &Section, stored: &Stored) {
    let moment = |ms: i64| output::moment(ms, section.timezone);
    let Stored { row, memory, findings, past, holds } = stored;
    say!("{}  {}", section.slug, section.name);
    say!("source       {}", section.url);
    say!("rules        {}", rules(section));
    let Some(row) = row else { return };
    say!("first look   {}", row.seeded_at.map_or("not yet".into(), moment));
    if row.paused {
        say!("paused       bantin resume {}", section.slug);
    }
    if !row.outcome.is_empty() {
        say!("last look    failed since {}: {}", row.outcome_at.map_or("-".into(), moment), row.outcome);
    }
    if memory.last_news > 0 {
        say!("last news    {}", moment(memory.last_news));
    }
    say!("expected     {}", expected(section, memory));
    say!("guard        {}", guard(section));
    if !memory.days.is_empty() {
        say!("usual        {}", usual(memory));
    }
    for finding in findings {
        say!("\nnot well     {} since {}: {}", finding.code.text(), moment(finding.since), finding.words);
        if !finding.proposal.is_empty() {
            say!("  proposed   {}", finding.proposal);
        }
        say!("  to do      {}", remedy(section, finding.code, finding.hold_id));
    }
    for finding in past {
        let closed = finding.closed_at.map_or("-".into(), moment);
        say!("\nwas not well {} from {} to {closed}: {}", finding.code.text(), moment(finding.since), finding.words);
    }
    for hold in holds {
        let articles = output::counted(usize::try_from(hold.count).unwrap_or(0), "article", "articles");
        say!("\nheld         {} since {}, {articles}: {}", hold.id, moment(hold.created_at), hold.reason);
    }
    let from = memory.days.len().saturating_sub(TREND);
    let trend: Vec<Vec<String>> = memory.days.iter().skip(from).map(line).collect();
    if !trend.is_empty() {
        say!("");
        let headers = ["DAY", "LOOKS WITH NEWS", "NEW", "LISTED", "DATED", "PICTURES", "LEADS"];
        output::table(&headers, &trend, "");
    }
}

fn tell_look(examined: &Examined) {
    let listed = output::counted(examined.entries.len(), "article", "articles");
    say!("\nnow          {listed} listed, read as {} from {}", examined.kind, examined.address);
    if let Some(check) = &examined.check {
        let run = &check.run;
        say!(
            "             {} known, {} of them under new addresses; {} with a date, {} with a picture, {} with a lead",
            run.known,
            run.moved,
            run.dated,
            run.pictured,
            run.worded
        );
        for signal in &check.signals {
            say!("unusual      {} {}", signal.code.text(), signal.words);
        }
    }
    if let Some(held) = &examined.held {
        say!("would hold   {held}");
    }
    if !examined.proposal.is_empty() {
        say!("proposed     {}", examined.proposal);
    }
    if let Some(next) = &examined.next {
        say!("next page    {next}");
    }
    let mut fates: BTreeMap<&str, Vec<&crate::app::Entry>> = BTreeMap::new();
    for entry in &examined.entries {
        fates.entry(entry.fate).or_default().push(entry);
    }
    for (fate, entries) in fates {
        say!("\n{} {fate}:", entries.len());
        for entry in entries {
            let title = text::shorten(entry.title.as_deref().unwrap_or("(no title)"), 70);
            say!("  {}  {title}\n    {}", entry.published.as_deref().unwrap_or("no date"), entry.url);
        }
    }
    say!("\nwhy");
    for why in &examined.why {
        say!("  {why}");
    }
}

fn rules(section: &Section) -> String {
    let html = &section.html;
    let named = [
        ("item", &html.item),
        ("link", &html.link),
        ("title", &html.title),
        ("date", &html.date),
        ("lead", &html.lead),
        ("image", &html.image),
    ];
    let named: Vec<String> =
        named.iter().filter_map(|(key, selector)| Some(format!("{key} = {:?}", selector.as_deref()?))).collect();
    if named.is_empty() { "none: the list is recognised".to_owned() } else { named.join(", ") }
}

fn expected(section: &Section, memory: &Memory) -> String {
    match section.expect_every {
        Expect::Off => "nothing: expect_every is off".to_owned(),
        Expect::Every(every) => format!("something new every {} h (expect_every)", every.as_secs() / 3600),
        Expect::Learnt => match memory.learnt_silence() {
            Some(ms) => format!("something new every {} days, as learnt", ms / 86_400_000),
            None => "nothing yet: too little is known of the section".to_owned(),
        },
    }
}

fn guard(section: &Section) -> String {
    let Some(guard) = section.guard else { return "off".to_owned() };
    let most = |count: u32| if count == 0 { "any number".to_owned() } else { count.to_string() };
    format!(
        "{} in one look, {} in 24 hours, not older than {} h",
        most(guard.run),
        most(guard.day),
        guard.fresh.as_secs() / 3600
    )
}

fn usual(memory: &Memory) -> String {
    let percent = |figure: fn(&Day) -> u32| memory.least(figure) / 10;
    format!(
        "{} to {} articles listed; at least {} % with a date, {} % with a picture, {} % with a lead ({} days with news)",
        memory.least(|day| day.items.0),
        memory.most(|day| day.items.1),
        percent(|day| day.dated),
        percent(|day| day.pictured),
        percent(|day| day.worded),
        memory.days.len()
    )
}

fn line(day: &Day) -> Vec<String> {
    let (least, most) = day.items;
    vec![
        from_ms(day.day * 86_400_000).format("%Y-%m-%d").to_string(),
        day.looks.to_string(),
        day.new.to_string(),
        if least == most { most.to_string() } else { format!("{least}-{most}") },
        format!("{} %", day.dated / 10),
        format!("{} %", day.pictured / 10),
        format!("{} %", day.worded / 10),
    ]
}

/// What to do, with the section's slug and the hold's number put in.
fn remedy(section: &Section, code: Code, hold: Option<i64>) -> String {
    let text = code.english().1.replace("SECTION", &section.slug).replace("SLUG", &section.slug);
    hold.map_or_else(|| text.clone(), |hold| text.replace(" ID`", &format!(" {hold}`")))
}

fn answer(section: &Section, stored: &Stored, examined: Option<&Result<Examined, crate::app::LookError>>) -> Value {
    let finding = |f: &Finding| {
        json!({ "code": f.code.text(), "words": f.words, "since": output::rfc3339(f.since), "proposal": f.proposal,
                "remedy": remedy(section, f.code, f.hold_id), "closed": f.closed_at.map(output::rfc3339),
                "hold": f.hold_id.map(|id| id.to_string()) })
    };
    let row = stored.row.as_ref();
    let memory = &stored.memory;
    let mut answer = json!({
        "section": section.slug,
        "url": section.url,
        "first_look": row.and_then(|row| row.seeded_at).map(output::rfc3339),
        "paused": row.is_some_and(|row| row.paused),
        "trouble": row.map(|row| row.outcome.as_str()).unwrap_or_default(),
        "last_news": (memory.last_news > 0).then(|| output::rfc3339(memory.last_news)),
        "expected": expected(section, memory),
        "usual": memory,
        "findings": stored.findings.iter().map(finding).collect::<Vec<_>>(),
        "past": stored.past.iter().map(finding).collect::<Vec<_>>(),
        "holds": stored.holds.iter().map(|hold| json!({ "id": hold.id.to_string(), "reason": hold.reason,
            "articles": hold.count })).collect::<Vec<_>>(),
    });
    answer["now"] = match examined {
        None => Value::Null,
        Some(Err(error)) => json!({ "error": error.to_string() }),
        Some(Ok(seen)) => json!({
            "source": seen.kind, "address": seen.address, "next": seen.next, "held": seen.held, "why": seen.why,
            "proposal": seen.proposal,
            "figures": seen.check.as_ref().map(|check| &check.run),
            "signals": seen.check.iter().flat_map(|check| &check.signals)
                .map(|signal| json!({ "code": signal.code.text(), "words": signal.words })).collect::<Vec<_>>(),
            "items": seen.entries.iter().map(|entry| json!({ "url": entry.url, "title": entry.title,
                "published": entry.published, "fate": entry.fate })).collect::<Vec<_>>(),
        }),
    };
    answer
}
