//! `[section.<slug>]` and `[defaults]`, read into what they mean, and how sections stand to each other.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;
use indexmap::IndexMap;
use serde_spanned::Spanned;

use super::checker::Checker;
use super::codes::Code;
use super::raw::{Raw, RawGuard, RawHtml, RawJson, RawSection, Text};
use super::shapes::TextOrTable;
use super::{
    Expect, Guard, HtmlRules, JsonRules, Language, Proxy, Section, chats, defaults, filter, suggest, values, webhook,
};
use crate::schedule::Plan;

/// What sections take from the rest of the file.
pub struct General {
    pub language: Language,
    pub timezone: Tz,
    /// Whether there is a bot to post.
    pub bot: bool,
    /// The names of the webhooks, right or wrong.
    pub webhooks: Vec<String>,
}

/// Reads all sections, in the order of the file.
pub fn resolve(raw: &Raw, general: &General, checker: &mut Checker<'_>) -> IndexMap<String, Arc<Section>> {
    for (key, given) in [
        ("name", &raw.defaults.name),
        ("url", &raw.defaults.url),
        ("site", &raw.defaults.site),
        ("description", &raw.defaults.description),
        ("translation_of", &raw.defaults.translation_of),
    ] {
        if let Some(text) = given {
            let help = "it belongs to one section: move it there";
            checker.error(Code::Misplaced, &text.span(), format!("`{key}` cannot be a default of all sections"), help);
        }
    }
    if let Some(slug) = raw.defaults.formerly.first() {
        let help = "it belongs to one section: move it there";
        checker.error(Code::Misplaced, &slug.span(), "`formerly` cannot be a default of all sections", help);
    }
    let mut in_order: Vec<(&Text, &RawSection)> = raw.section.iter().collect();
    in_order.sort_by_key(|(slug, _)| slug.span().start);
    slugs(&in_order, checker);

    let mut sections = IndexMap::new();
    let mut posts = None;
    for (slug, own) in &in_order {
        if own.telegram.as_ref().is_some_and(|chats| !chats.0.is_empty()) && posts.is_none() {
            posts = own.telegram.as_ref().and_then(|chats| chats.0.first()).map(Spanned::span);
        }
        if let Some(section) = section(slug, own, &raw.defaults, general, checker) {
            sections.insert(section.slug.clone(), Arc::new(section));
        }
    }
    if let Some(span) = posts.filter(|_| !general.bot) {
        let help = "give [telegram] token (or token_file, or BANTIN_TELEGRAM_TOKEN); until then nothing is posted";
        checker.warning(Code::NoToken, &span, "a chat is named, but there is no bot to post to it", help);
    }
    if in_order.is_empty() && !checker.broken {
        let help = "add one: [section.news] with name and url, or `bantin add URL`";
        checker.warning(Code::NoSection, &(0..0), "there is no [section.…]", help);
    }
    translations(&in_order, &sections, checker);
    sections
}

/// `removed`: slugs that are gone on purpose.
pub fn removed(raw: &Raw, checker: &mut Checker<'_>) -> Vec<String> {
    let mut kept = Vec::new();
    for slug in &raw.removed {
        if let Some(section) = raw.section.keys().find(|section| section.get_ref() == slug.get_ref()) {
            let message = format!("\"{}\" is removed, but there is a section of that name", section.get_ref());
            checker.error(Code::SlugTwice, &slug.span(), message, "take it out of `removed`, or remove the section");
        }
        kept.extend(checker.read(Code::Slug, Some(slug), SLUG, |slug| values::slug(slug).map(|()| slug.to_owned())));
    }
    kept
}

const SLUG: &str = "a slug is up to 64 of a-z, 0-9 and `-`, and does not begin with `-`";

/// Slugs are well formed, not reserved, and claimed once, now or formerly.
fn slugs(sections: &[(&Text, &RawSection)], checker: &mut Checker<'_>) {
    let mut claimed: HashMap<&str, &str> =
        sections.iter().map(|(slug, _)| (slug.get_ref().as_str(), slug.get_ref().as_str())).collect();
    for (slug, own) in sections {
        let now = slug.get_ref().as_str();
        let span = slug.span();
        if let Err(fault) = values::slug(now) {
            checker.error(Code::Slug, &span, fault, SLUG);
        } else if reserved(now) {
            let message = match now {
                "manifest" => "\"manifest\" is reserved: its JSON feed would be feeds/manifest.json".to_owned(),
                _ => format!("\"{now}\" is reserved for the feeds of all sections"),
            };
            checker.error(Code::Reserved, &span, message, "choose another slug, like \"tat-ca\" or \"everything\"");
        }
        for former in &own.formerly {
            let name = former.get_ref().as_str();
            if let Err(fault) = values::slug(name) {
                checker.error(Code::Slug, &former.span(), fault, SLUG);
            } else if let Some(other) = claimed.insert(name, now) {
                let message = if other == now {
                    format!("section \"{now}\" claims \"{name}\" twice")
                } else {
                    format!("\"{name}\" already belongs to section \"{other}\"")
                };
                checker.error(
                    Code::SlugTwice,
                    &former.span(),
                    message,
                    "a slug leads to one section only: remove it here or there",
                );
            }
        }
    }
}

/// Whether a slug is well formed and free to be a section's; the reason when it is not.
pub fn check_slug(slug: &str) -> Result<(), String> {
    values::slug(slug)?;
    if reserved(slug) { Err(format!("\"{slug}\" is reserved")) } else { Ok(()) }
}

fn reserved(slug: &str) -> bool {
    slug == "all" || slug.starts_with("all-") || slug == "manifest"
}

/// Pairs of languages: the other section is there, is another one, and is in another language.
fn translations(
    sections: &[(&Text, &RawSection)],
    resolved: &IndexMap<String, Arc<Section>>,
    checker: &mut Checker<'_>,
) {
    let slugs: Vec<&str> = sections.iter().map(|(slug, _)| slug.get_ref().as_str()).collect();
    for (slug, own) in sections {
        let Some(other) = &own.translation_of else { continue };
        let (here, there) = (slug.get_ref().as_str(), other.get_ref().as_str());
        if !slugs.contains(&there) {
            let near = suggest::nearest(there, slugs.iter().copied().filter(|slug| *slug != here));
            let help = match near {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => format!("write one of the slugs of this file: {}", slugs.join(", ")),
            };
            checker.error(Code::Translation, &other.span(), format!("there is no section \"{there}\""), help);
        } else if here == there {
            let help = "name the section in the other language";
            checker.error(Code::Translation, &other.span(), "a section is not a translation of itself", help);
        } else if let (Some(one), Some(two)) = (resolved.get(here), resolved.get(there))
            && one.language == two.language
        {
            let message = format!("\"{here}\" and \"{there}\" are both in \"{}\"", one.language.code());
            checker.error(Code::Translation, &other.span(), message, "give one of them its `language`");
        }
    }
}

fn section(
    slug: &Text,
    own: &RawSection,
    all: &RawSection,
    general: &General,
    checker: &mut Checker<'_>,
) -> Option<Section> {
    let folder = checker.folder;
    let key = slug.get_ref().as_str();
    if own.name.is_none() {
        let help = "give it the name readers see: `name = \"Tin tức\"`";
        checker.missing(&["section", key, "name"], &format!("section \"{key}\" has no `name`"), help);
    }
    if own.url.is_none() {
        let help = "give it the address of its listing, feed or folder: `url = \"https://www.example.vn/tin-tuc\"`";
        checker.missing(&["section", key, "url"], &format!("section \"{key}\" has no `url`"), help);
    }
    let name = checker.words(own.name.as_ref());
    let description = checker.words(own.description.as_ref());
    let url_help = "write https://…, http://…, or file:… with a path";
    let url = checker.read(Code::Address, own.url.as_ref(), url_help, |text| values::source_address(text, folder));
    let site = checker.read(Code::Address, own.site.as_ref(), "write https://… or http://…", values::web_address);
    let zone_help = "write the name of a zone in the IANA database, like \"Asia/Ho_Chi_Minh\"";
    let timezone = checker.read(Code::Zone, own.timezone.as_ref().or(all.timezone.as_ref()), zone_help, values::zone);
    let schedule = checker.plan(own.schedule.as_ref().or(all.schedule.as_ref()));
    let delay = checker.duration(own.delay.as_ref().or(all.delay.as_ref()));
    let expect_every = expect(own.expect_every.as_ref().or(all.expect_every.as_ref()), checker);
    let guard = guard(own.guard.as_ref(), all.guard.as_ref(), checker);
    let telegram = chats::targets(own.telegram.as_ref().or(all.telegram.as_ref()), checker);
    let names: Vec<&str> = general.webhooks.iter().map(String::as_str).collect();
    let webhook = webhook::targets(own.webhook.as_ref().or(all.webhook.as_ref()), &names, checker);
    let proxy = proxy(own.proxy.as_ref().or(all.proxy.as_ref()), own.proxy_tls.or(all.proxy_tls), checker);
    let html = html(&own.html, &all.html, checker);
    let json = json(&own.json, &all.json, checker);
    let filter = filter::resolve(&own.filter, &all.filter, checker);
    let urgent = filter::urgent(&own.urgent, &all.urgent, checker);
    let schedule = schedule.or_else(|| Plan::parse(defaults::SCHEDULE).ok())?;
    let mut section = Section {
        slug: key.to_owned(),
        name: name?,
        description,
        language: own.language.or(all.language).unwrap_or(general.language),
        timezone: timezone.unwrap_or(general.timezone),
        url: url?,
        source: own.source.or(all.source),
        site,
        schedule,
        delay: delay.unwrap_or(Duration::ZERO),
        urgent,
        expect_every,
        text: own.text.or(all.text).unwrap_or_default(),
        read: own.read.or(all.read).unwrap_or_default(),
        date_order: own.date_order.or(all.date_order).unwrap_or_default(),
        guard,
        telegram,
        webhook,
        translation_of: own.translation_of.as_ref().map(|slug| slug.get_ref().clone()),
        formerly: own.formerly.iter().map(|slug| slug.get_ref().clone()).collect(),
        own_site: own.own_site.or(all.own_site).unwrap_or(false),
        allow_private: own.allow_private.or(all.allow_private).unwrap_or(false),
        proxy,
        keep_guid: own.keep_guid.or(all.keep_guid).unwrap_or(false),
        html,
        json,
        filter,
        rules_hash: String::new(),
    };
    section.rules_hash = defaults::rules_hash(&section);
    Some(section)
}

/// The proxy that is written, `"off"`, or none that says anything.
pub fn proxy(text: Option<&Text>, tls: Option<bool>, checker: &mut Checker<'_>) -> Option<Proxy> {
    const HELP: &str = "write \"http://127.0.0.1:3128\", or \"off\"";
    checker.read(Code::Address, text, HELP, |text| match text {
        "off" => Ok(Proxy::Off),
        _ => values::proxy(text).map(|url| Proxy::Through { url, tls: tls.unwrap_or(false) }),
    })
}

/// `expect_every`: a length of time, or a word.
fn expect(given: Option<&Text>, checker: &mut Checker<'_>) -> Expect {
    let Some(text) = given else { return Expect::Learnt };
    match text.get_ref().as_str() {
        "off" => return Expect::Off,
        "learnt" => return Expect::Learnt,
        _ => {}
    }
    match checker.duration(Some(text)) {
        Some(every) if every < LEAST_EXPECTED => {
            let help = "write at least \"1h\", \"off\", or \"learnt\"";
            checker.error(Code::Range, &text.span(), "sources are not expected to bring something new so often", help);
            Expect::Learnt
        }
        Some(every) => Expect::Every(every),
        None => Expect::Learnt,
    }
}

/// The least `expect_every`.
const LEAST_EXPECTED: Duration = Duration::from_hours(1);

/// A section's own limits stand over those of `[defaults]`, and these over bantin's, one by one.
fn guard(
    own: Option<&Spanned<TextOrTable<RawGuard>>>,
    all: Option<&Spanned<TextOrTable<RawGuard>>>,
    checker: &mut Checker<'_>,
) -> Option<Guard> {
    let mut guard = Some(defaults::GUARD);
    for given in [all, own].into_iter().flatten() {
        match given.get_ref() {
            TextOrTable::Text(text) if text == "off" => guard = None,
            TextOrTable::Table(raw) => {
                let below = guard.unwrap_or(defaults::GUARD);
                guard = Some(Guard {
                    run: raw.run.unwrap_or(below.run),
                    day: raw.day.unwrap_or(below.day),
                    fresh: checker.duration(raw.fresh.as_ref()).unwrap_or(below.fresh),
                    per_hour: raw.per_hour.unwrap_or(below.per_hour),
                });
            }
            _ => {
                let help = "write \"off\" or { run = 15, day = 0, fresh = \"48h\", per_hour = 20 }";
                checker.error(Code::UnknownWord, &given.span(), "a guard is \"off\" or a table", help);
            }
        }
    }
    guard
}

fn html(own: &RawHtml, all: &RawHtml, checker: &mut Checker<'_>) -> HtmlRules {
    const HELP: &str = "write a CSS selector, like \"div.news_column h3 a\"";
    let mut one = |own: &Option<Text>, all: &Option<Text>| {
        checker.read(Code::Selector, own.as_ref().or(all.as_ref()), HELP, values::selector)
    };
    HtmlRules {
        item: one(&own.item, &all.item),
        link: one(&own.link, &all.link),
        title: one(&own.title, &all.title),
        date: one(&own.date, &all.date),
        lead: one(&own.lead, &all.lead),
        image: one(&own.image, &all.image),
        body: one(&own.body, &all.body),
        article_title: one(&own.article_title, &all.article_title),
        article_lead: one(&own.article_lead, &all.article_lead),
        article_date: one(&own.article_date, &all.article_date),
        byline: one(&own.byline, &all.byline),
        remove: checker.list(Code::Selector, longer(&own.remove.0, &all.remove.0), HELP, values::selector),
        stop_at: longer(&own.stop_at.0, &all.stop_at.0).iter().map(|line| line.get_ref().clone()).collect(),
    }
}

fn json(own: &RawJson, all: &RawJson, checker: &mut Checker<'_>) -> JsonRules {
    const PATH: &str = "write names with dots between, like \"data.items\"";
    const URL: &str =
        "write a path like \"links.page\", or a template like \"https://www.example.vn/{slug}-{id}.html\"";
    const SCRIPT: &str = "write the id of a script (\"__NEXT_DATA__\"), a variable (\"window.__STATE__\"), or a selector (\"script.data\")";
    let mut one = |own: &Option<Text>, all: &Option<Text>| {
        checker.read(Code::JsonPath, own.as_ref().or(all.as_ref()), PATH, values::json_path)
    };
    let mut rules = JsonRules {
        items: one(&own.items, &all.items),
        title: one(&own.title, &all.title),
        date: one(&own.date, &all.date),
        updated: one(&own.updated, &all.updated),
        lead: one(&own.lead, &all.lead),
        image: one(&own.image, &all.image),
        byline: one(&own.byline, &all.byline),
        tags: one(&own.tags, &all.tags),
        body: one(&own.body, &all.body),
        id: one(&own.id, &all.id),
        next: one(&own.next, &all.next),
        page: one(&own.page, &all.page),
        ..JsonRules::default()
    };
    rules.url = checker.read(Code::JsonPath, own.url.as_ref().or(all.url.as_ref()), URL, values::json_address);
    rules.script = checker.read(Code::JsonPath, own.script.as_ref().or(all.script.as_ref()), SCRIPT, values::script);
    rules
}

/// A section's list stands for that of `[defaults]` when it has one.
fn longer<'a, T>(own: &'a [T], all: &'a [T]) -> &'a [T] {
    if own.is_empty() { all } else { own }
}
