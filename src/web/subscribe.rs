//! Asking to subscribe by e-mail. The answer is the same for known and unknown addresses, and nothing the reader
//! types gets into the mail; so the form can neither be used to learn who reads nor to pester anybody.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use serde::Serialize;

use super::form::Form;
use super::reply::{Keep, message, page, too_often, unavailable};
use super::{App, Shared, Visitor};
use crate::config::Language;
use crate::locale;

/// How often mails come.
pub(super) const CADENCES: [&str; 3] = ["now", "daily", "weekly"];

#[derive(Debug, Serialize)]
struct SubscribePage<'a> {
    email_value: &'a str,
    sections: Vec<Choice<'a>>,
    cadence: &'a str,
    language: &'a str,
    token: String,
    consent: String,
    /// Which field is wrong ("email", "section", "form").
    error: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct Choice<'a> {
    slug: &'a str,
    name: &'a str,
    lang: &'static str,
    chosen: bool,
}

/// `GET /subscribe`, with `?section=<slug>` for those to tick.
pub(super) async fn show(State(app): State<Shared>, visitor: Visitor, uri: Uri) -> Response {
    let form = Form::read(uri.query().unwrap_or_default().as_bytes());
    shown(&app, &visitor, &form, None)
}

/// `POST /subscribe`.
pub(super) async fn act(State(app): State<Shared>, visitor: Visitor, body: Bytes) -> Response {
    if app.web.config.email.is_none() {
        return message(&app, &visitor, StatusCode::NOT_FOUND, "page-no-email");
    }
    let form = Form::read(&body);
    let done = || message(&app, &visitor, StatusCode::OK, "page-sent");
    if !form.one("website").is_empty() {
        return done(); // nobody sees that field: a program filled it, and learns nothing
    }
    let now = app.web.clock.now_ms();
    if !app.web.tokens.form_is_fresh(form.one("token"), now) {
        return shown(&app, &visitor, &form, Some("form"));
    }
    let Some(email) = address(form.one("email")) else { return shown(&app, &visitor, &form, Some("email")) };
    let cadence = CADENCES.into_iter().find(|cadence| *cadence == form.one("cadence")).unwrap_or("daily");
    let language = Language::from_tag(form.one("language")).unwrap_or(visitor.lang);
    let ids = match app.web.store.section_ids().await {
        Ok(ids) => ids,
        Err(error) => return unavailable(&app, &visitor, &error),
    };
    let wanted: Vec<i64> = form
        .all("section")
        .filter(|slug| app.web.config.sections.contains_key(*slug))
        .filter_map(|slug| ids.get(slug).copied())
        .collect();
    if wanted.is_empty() {
        return shown(&app, &visitor, &form, Some("section"));
    }
    // Counted before the store is asked, so that the limit does not tell known addresses from unknown ones.
    if let Err(seconds) = app.web.limits.subscribe.take(visitor.ip, now) {
        return too_often(&app, &visitor, seconds);
    }
    let consent = consent(&app, visitor.lang);
    match app.web.store.subscribe(&email, &wanted, cadence, language, &consent, now).await {
        Ok(_) => done(),
        Err(error) => unavailable(&app, &visitor, &error),
    }
}

/// The wording a reader agrees to; kept with the subscription.
fn consent(app: &App, lang: Language) -> String {
    let publisher = app.web.config.organisation.name.clone();
    locale::text(lang, "page-consent", &[("publisher".to_owned(), publisher)])
}

/// An address that a relay can take; `None` for anything else.
fn address(text: &str) -> Option<String> {
    let text = crate::article::text::one_line(text);
    let parsed: lettre::Address = text.parse().ok()?;
    (text.len() <= 254 && parsed.domain().contains('.') && !text.contains(['"', '\\'])).then(|| parsed.to_string())
}

fn shown(app: &App, visitor: &Visitor, form: &Form, error: Option<&'static str>) -> Response {
    let config = &app.web.config;
    let asked: Vec<&str> = form.all("section").collect();
    let sections = config.sections.values().map(|section| Choice {
        slug: &section.slug,
        name: &section.name,
        lang: section.language.code(),
        chosen: asked.contains(&section.slug.as_str()) || config.sections.len() == 1,
    });
    let cadence = CADENCES.into_iter().find(|cadence| *cadence == form.one("cadence")).unwrap_or("daily");
    let content = SubscribePage {
        email_value: form.one("email"),
        sections: sections.collect(),
        cadence,
        language: Language::from_tag(form.one("language")).unwrap_or(visitor.lang).code(),
        token: app.web.tokens.form(app.web.clock.now_ms()),
        consent: consent(app, visitor.lang),
        error,
    };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    page(app, visitor, status, Keep::Never, "page/subscribe.html", content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_a_relay_can_take_pass() {
        assert_eq!(address(" Reader@Example.vn ").as_deref(), Some("Reader@Example.vn"));
        for bad in
            ["", "a", "a@", "a@b", "a@b.vn\r\nBcc: c@d.vn", "<a@b.vn>", "A <a@b.vn>", "a@b.vn,c@d.vn", "\"a b\"@c.vn"]
        {
            assert_eq!(address(bad), None, "{bad}");
        }
        assert_eq!(address(&format!("{}@b.vn", "a".repeat(300))), None);
    }
}
