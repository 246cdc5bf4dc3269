//! A job as a webhook's template sees it, and the JSON that comes out, within its limits.

use std::sync::Arc;

use chrono::SecondsFormat;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::article::{Moment, text};
use crate::channel::{Entry, Job, Message, entry};
use crate::config::{Form, Language, Section, TextMode, Webhook};
use crate::templates::{JsonSource, JsonTemplate, Templates};

/// The largest body that is sent.
pub const MAX_BODY: usize = 256 * 1024;
/// Characters of the lead.
const LEAD: usize = 300;
/// Characters of a title.
const TITLE: usize = 1_000;
/// Characters of an article's text.
const TEXT: usize = 20_000;
/// The longest address: what services take.
const ADDRESS: usize = 2_000;
/// Most articles of a digest.
const ITEMS: usize = 50;

/// What a template can say.
#[derive(Serialize)]
struct Context<'a> {
    /// "post", "edit", "delete", "digest" or "test".
    action: &'static str,
    /// The same for those who listen: "article.published" …
    event: &'static str,
    lang: &'static str,
    /// The same on every try: by it repeats are known.
    delivery: &'a str,
    created: String,
    organisation: &'a str,
    section: Option<Named<'a>>,
    /// The id of what was posted, as the service told it.
    id: Option<&'a str>,
    item: Option<Item<'a>>,
    /// What a digest is called.
    heading: Option<String>,
    items: Option<Vec<Item<'a>>>,
    count: usize,
    cadence: Option<&'a str>,
}

#[derive(Serialize)]
struct Named<'a> {
    slug: &'a str,
    name: &'a str,
    language: &'static str,
}

/// An article.
#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    title: String,
    url: Option<&'a str>,
    lead: Option<String>,
    text: Option<String>,
    /// As people write it.
    date: Option<String>,
    /// As machines do.
    published: Option<String>,
    image: Option<&'a str>,
    byline: Option<String>,
    tags: &'a [String],
    section: &'a str,
    revision: i64,
}

/// Makes bodies.
pub struct Renderer {
    template: JsonTemplate,
    organisation: String,
}

impl Renderer {
    /// With the webhook's template.
    ///
    /// # Errors
    /// A template that does not parse.
    pub fn build(webhook: &Webhook, templates: &Arc<Templates>, organisation: &str) -> Result<Self, String> {
        let template = match &webhook.form {
            Form::BuiltIn(name) => templates.json(JsonSource::Named(&format!("webhook/{name}.json"))),
            Form::File { path, source } => templates.json(JsonSource::Text(&path.display().to_string(), source)),
        };
        let template = template.map_err(|fault| fault.to_string())?;
        let renderer = Self { template, organisation: organisation.to_owned() };
        renderer.try_out()?;
        Ok(renderer)
    }

    /// The body of a job; `None` where the template makes nothing of it.
    ///
    /// # Errors
    /// What the template does wrong.
    pub fn body(&self, job: &Job) -> Result<Option<String>, String> {
        let language = job.target.language;
        let mut context = Context {
            action: "test",
            event: "test",
            lang: language.code(),
            delivery: &job.message_id,
            created: job.created.to_rfc3339_opts(SecondsFormat::Secs, true),
            organisation: &self.organisation,
            section: None,
            id: None,
            item: None,
            heading: None,
            items: None,
            count: 0,
            cadence: None,
        };
        match &job.message {
            Message::Post(one) => {
                (context.action, context.event) = ("post", "article.published");
                (context.section, context.item) = (Some(named(&one.section)), Some(item(one, language)));
            }
            Message::Edit(one, posted) => {
                (context.action, context.event) = ("edit", "article.corrected");
                (context.section, context.item) = (Some(named(&one.section)), Some(item(one, language)));
                context.id = told(&posted.message);
            }
            Message::Delete(posted) => {
                (context.action, context.event) = ("delete", "article.withdrawn");
                context.id = told(&posted.message);
            }
            Message::Digest { entries, cadence, .. } => {
                (context.action, context.event) = ("digest", "digest");
                context.heading = Some(self.heading(entries));
                context.count = entries.len();
                let short = |one| Item { text: None, ..item(one, language) };
                context.items = Some(entries.iter().take(ITEMS).map(short).collect());
                context.section = entries.first().map(|one| named(&one.section));
                context.cadence = Some(cadence);
            }
            Message::Test => {}
            Message::Confirm { .. }
            | Message::Correction(..)
            | Message::Farewell
            | Message::Alert(_)
            | Message::Mark(..)
            | Message::Answer(_) => {
                return Err("a webhook is not sent this".to_owned());
            }
        }
        let made = self.template.render(&context)?;
        let body = made.as_ref().map(Value::to_string);
        match body {
            Some(body) if body.len() > MAX_BODY => {
                Err(format!("the body would have {} bytes; at most {MAX_BODY} are sent", body.len()))
            }
            other => Ok(other),
        }
    }

    /// Renders one of each kind, so that a template that makes no JSON is found before an article is lost to it.
    fn try_out(&self) -> Result<(), String> {
        let strange = "\"\\ \u{2028}</script>'\n{{ x }} <!channel> @everyone";
        let item = |bare: bool| Item {
            id: "tag:example.vn,2026:trial",
            title: strange.to_owned(),
            url: (!bare).then_some("https://www.example.vn/?a=\"b\"|c"),
            lead: (!bare).then(|| strange.to_owned()),
            text: (!bare).then(|| strange.to_owned()),
            date: (!bare).then(|| strange.to_owned()),
            published: (!bare).then(|| "2026-11-22".to_owned()),
            image: (!bare).then_some("https://www.example.vn/a.jpg"),
            byline: (!bare).then(|| strange.to_owned()),
            tags: &[],
            section: "trial",
            revision: 1,
        };
        for (action, bare) in
            [("post", false), ("post", true), ("edit", true), ("delete", true), ("digest", false), ("test", true)]
        {
            let about = matches!(action, "post" | "edit");
            let context = Context {
                action,
                event: action,
                lang: "vi",
                delivery: "trial",
                created: "2026-11-22T00:00:00Z".to_owned(),
                organisation: &self.organisation,
                section: (about || action == "digest").then_some(Named {
                    slug: "trial",
                    name: strange,
                    language: "vi",
                }),
                id: matches!(action, "edit" | "delete").then_some("1"),
                item: about.then(|| item(bare)),
                heading: (action == "digest").then(|| strange.to_owned()),
                items: (action == "digest").then(|| vec![item(false), item(true)]),
                count: if action == "digest" { 2 } else { 0 },
                cadence: None,
            };
            let made = self.template.render(&context).map_err(|fault| format!("as {action:?}: {fault}"))?;
            if made.is_none() && action == "post" {
                return Err("it makes nothing of a new article".to_owned());
            }
        }
        Ok(())
    }

    /// The names of a digest's sections.
    fn heading(&self, entries: &[Entry]) -> String {
        let mut names: Vec<String> = Vec::new();
        for one in entries {
            let name = entry::line(&one.section.name);
            if !name.is_empty() && !names.contains(&name) {
                names.push(name);
            }
        }
        if names.is_empty() {
            names.push(self.organisation.clone());
        }
        text::shorten(&names.join(", "), 200)
    }
}

/// Equal for articles that read alike, so that an edit that changes nothing is not sent.
pub fn hash(one: &Entry, language: Language) -> String {
    let seen = Item { revision: 0, ..item(one, language) };
    let seen = serde_json::to_vec(&seen).unwrap_or_default();
    data_encoding::HEXLOWER.encode(&Sha256::digest(seen)[..8])
}

fn told(id: &str) -> Option<&str> {
    (!id.is_empty()).then_some(id)
}

fn named(section: &Section) -> Named<'_> {
    Named { slug: &section.slug, name: &section.name, language: section.language.code() }
}

fn item(one: &Entry, language: Language) -> Item<'_> {
    let reading = &one.article.reading;
    let full = one.section.text == TextMode::Full && !reading.text.is_empty();
    Item {
        id: &one.article.public_id,
        title: text::shorten(&entry::title(one), TITLE),
        url: entry::page(one).map(Url::as_str).filter(|url| url.len() <= ADDRESS),
        lead: entry::lead(one, LEAD),
        text: full.then(|| text::shorten(&reading.text, TEXT)),
        date: entry::date(one, language),
        published: reading.published.as_ref().map(|stated| match stated.at {
            Moment::Instant(at) => at.to_rfc3339(),
            Moment::Day(day) => day.to_string(),
        }),
        image: reading.image.as_ref().map(|image| image.url.as_str()).filter(|image| is_picture(image)),
        byline: reading.byline.as_deref().map(entry::line),
        tags: &reading.tags,
        section: &one.section.slug,
        revision: one.article.revision,
    }
}

fn is_picture(address: &str) -> bool {
    address.len() <= ADDRESS && Url::parse(address).is_ok_and(|url| entry::is_web(&url))
}
