//! Subscribing, confirming, choosing, leaving; and what must not happen on the way.

use axum::http::{Method, StatusCode};
use chrono::Duration;

use super::{Site, at};
use crate::config::Language;

const NOW: &str = "2026-07-10T00:00:00Z";

impl Site {
    /// The hidden token of the form, as a browser would send it a minute later.
    async fn form_token(&self) -> String {
        let page = self.get("/tin/subscribe").await.text();
        let token = page.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        self.clock.set(self.clock.now() + Duration::minutes(1));
        token
    }

    /// How many confirmation mails wait.
    async fn asked(&self) -> usize {
        self.store.deliveries(None, 10_000).await.unwrap().iter().filter(|d| d.kind == "confirm").count()
    }

    /// An active reader of both sections.
    async fn reader(&self) -> i64 {
        let ids = self.store.section_ids().await.unwrap();
        let sections = [ids["tin-tuc"], ids["news"]];
        let now = self.clock.now_ms();
        self.store.add_subscriber("reader@example.vn", &sections, "now", Language::Vi, "", now).await.unwrap()
    }

    /// What a reader follows: slug and cadence, sorted.
    async fn follows(&self, id: i64) -> Vec<(String, String)> {
        let ids = self.store.section_ids().await.unwrap();
        let subscriber = self.store.subscriber(id).await.unwrap().unwrap();
        let slug = |id: i64| ids.iter().find(|(_, known)| **known == id).unwrap().0.clone();
        let active = subscriber.subscriptions.into_iter().filter(|(_, _, active)| *active);
        let mut out: Vec<_> = active.map(|(id, cadence, _)| (slug(id), cadence)).collect();
        out.sort();
        out
    }
}

#[tokio::test]
async fn from_the_form_to_the_last_goodbye() {
    let site = Site::new().await;
    let token = site.form_token().await;
    let form =
        format!("email=Reader%40example.vn&section=tin-tuc&section=news&cadence=daily&language=en&token={token}");
    let sent = site.post("/tin/subscribe", &form).await;
    assert_eq!(sent.status, StatusCode::OK, "{}", sent.text());
    assert_eq!(site.asked().await, 1);

    let reader = site.store.subscriber_by_email("reader@example.vn").await.unwrap().unwrap();
    assert_eq!((reader.state.as_str(), reader.language), ("pending", Language::En));
    let confirm = format!("/tin/confirm/{}", site.tokens.confirm(reader.id, site.clock.now_ms()));
    assert!(site.get(&confirm).await.text().contains("<button"));
    assert_eq!(site.follows(reader.id).await, [], "looking is not agreeing");
    let confirmed = site.post(&confirm, "").await;
    assert_eq!(confirmed.status, StatusCode::OK, "{}", confirmed.text());
    let daily = |slug: &str| (slug.to_owned(), "daily".to_owned());
    assert_eq!(site.follows(reader.id).await, [daily("news"), daily("tin-tuc")]);
    assert_eq!(site.post(&confirm, "").await.status, StatusCode::OK, "pressing twice is no mistake");

    let preferences = format!("/tin/preferences/{}", site.tokens.preferences(reader.id));
    let page = site.get(&preferences).await.text();
    assert!(page.contains("value=\"daily\" selected") && !page.contains("eader@example.vn"), "{page}");
    let saved = site.post(&preferences, "cadence-tin-tuc=weekly&cadence-news=&language=vi").await;
    assert_eq!(saved.status, StatusCode::OK);
    assert_eq!(site.follows(reader.id).await, [("tin-tuc".to_owned(), "weekly".to_owned())]);
    assert_eq!(site.store.subscriber(reader.id).await.unwrap().unwrap().language, Language::Vi);

    let unsubscribe = format!("/tin/unsubscribe/{}", site.tokens.unsubscribe(reader.id));
    let left = site.post(&unsubscribe, "List-Unsubscribe=One-Click").await;
    assert_eq!(left.status, StatusCode::OK);
    assert_eq!(left.header("set-cookie"), "");
    assert_eq!(site.follows(reader.id).await, []);
    assert_eq!(site.post(&unsubscribe, "List-Unsubscribe=One-Click").await.status, StatusCode::OK);
}

#[tokio::test]
async fn looking_at_any_link_changes_nothing() {
    let site = Site::new().await;
    let id = site.reader().await;
    let now = site.clock.now_ms();
    let before = (site.store.subscriber(id).await.unwrap(), site.asked().await);
    for path in [
        format!("/tin/unsubscribe/{}", site.tokens.unsubscribe(id)),
        format!("/tin/unsubscribe/{}?List-Unsubscribe=One-Click", site.tokens.unsubscribe(id)),
        format!("/tin/preferences/{}?cadence-tin-tuc=", site.tokens.preferences(id)),
        format!("/tin/confirm/{}", site.tokens.confirm(id, now)),
        format!("/tin/subscribe?email=a%40b.vn&section=news&token={}", site.tokens.form(now - 5_000)),
    ] {
        for method in [Method::GET, Method::HEAD] {
            let answer = site.ask(method, &path, &[], "").await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        }
    }
    assert_eq!((site.store.subscriber(id).await.unwrap(), site.asked().await), before);
}

#[tokio::test]
async fn known_and_unknown_addresses_get_the_same_answer() {
    let site = Site::new().await;
    site.reader().await;
    let mut answers = Vec::new();
    for email in ["reader%40example.vn", "reader%40example.vn", "stranger%40example.vn"] {
        let token = site.form_token().await;
        let answer = site.post("/tin/subscribe", &format!("email={email}&section=news&token={token}")).await;
        answers.push((answer.status, answer.text()));
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test]
async fn nobody_can_be_bombed() {
    let site = Site::new().await;
    let token = site.form_token().await;
    for n in 0..40 {
        let body = format!("email=reader{n}%40example.vn&section=news&token={token}");
        let answer = site.post("/tin/subscribe", &body).await;
        let expected = if n < 5 { StatusCode::OK } else { StatusCode::TOO_MANY_REQUESTS };
        assert_eq!(answer.status, expected, "{n}");
        assert_eq!(answer.headers.contains_key("retry-after"), n >= 5);
    }
    assert_eq!(site.asked().await, 5);
    site.clock.set(at(NOW) + Duration::minutes(90));
    let token = site.form_token().await;
    let body = format!("email=reader99%40example.vn&section=news&token={token}");
    assert_eq!(site.post("/tin/subscribe", &body).await.status, StatusCode::OK, "an hour later it goes on");
}

#[tokio::test]
async fn one_address_gets_one_mail() {
    let site = Site::new().await;
    for n in 0..30 {
        site.clock.set(at(NOW) + Duration::minutes(20 * n));
        let token = site.form_token().await;
        site.post("/tin/subscribe", &format!("email=Reader%40example.vn&section=news&token={token}")).await;
    }
    assert_eq!(site.asked().await, 1);
}

#[tokio::test]
async fn programs_that_fill_forms_achieve_nothing() {
    let site = Site::new().await;
    let token = site.form_token().await;
    let good = format!("email=a%40b.vn&section=news&token={token}");
    let trapped = site.post("/tin/subscribe", &format!("{good}&website=x")).await;
    assert_eq!(trapped.status, StatusCode::OK, "and learn nothing");
    for body in ["email=a%40b.vn&section=news", "email=a%40b.vn&section=news&token=AAAA"] {
        assert_eq!(site.post("/tin/subscribe", body).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
    site.clock.set(site.clock.now() + Duration::hours(13));
    assert_eq!(site.post("/tin/subscribe", &good).await.status, StatusCode::UNPROCESSABLE_ENTITY, "an old form");
    assert_eq!(site.asked().await, 0);
}

#[tokio::test]
async fn mistakes_are_told_at_their_field_and_keep_what_was_typed() {
    let site = Site::new().await;
    let token = site.form_token().await;
    let wrong =
        site.post("/tin/subscribe", &format!("email=no-address&section=news&cadence=weekly&token={token}")).await;
    let text = wrong.text();
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text.contains("aria-describedby=\"email-error\"") && text.contains("value=\"no-address\""), "{text}");
    assert!(text.contains("value=\"news\" checked") && text.contains("value=\"weekly\" checked"), "{text}");
    let none = site.post("/tin/subscribe", &format!("email=a%40b.vn&section=nowhere&token={token}")).await;
    assert!(none.text().contains("id=\"section-error\""));
    assert_eq!(site.asked().await, 0);
}

#[tokio::test]
async fn links_wear_out_or_are_refused() {
    let site = Site::new().await;
    let id = site.reader().await;
    let asked = site.clock.now_ms() - Duration::hours(49).num_milliseconds();
    let old = format!("/tin/confirm/{}", site.tokens.confirm(id, asked));
    assert_eq!(site.get(&old).await.status, StatusCode::GONE);
    assert_eq!(site.post(&old, "").await.status, StatusCode::GONE);
    let swapped = format!("/tin/preferences/{}", site.tokens.unsubscribe(id));
    assert_eq!(site.get(&swapped).await.status, StatusCode::NOT_FOUND);
    for n in 0..40 {
        let answer = site.post(&format!("/tin/unsubscribe/guess{n}"), "").await;
        let expected = if n < 19 { StatusCode::NOT_FOUND } else { StatusCode::TOO_MANY_REQUESTS };
        assert_eq!(answer.status, expected, "{n}");
    }
    let good = format!("/tin/unsubscribe/{}", site.tokens.unsubscribe(id));
    assert_eq!(site.post(&good, "").await.status, StatusCode::OK, "a good link works all the same");
}

#[tokio::test]
async fn one_section_can_be_left() {
    let site = Site::new().await;
    let id = site.reader().await;
    let path = format!("/tin/unsubscribe/{}", site.tokens.unsubscribe(id));
    assert!(site.get(&path).await.text().contains("name=\"section\" value=\"news\""));
    assert_eq!(site.post(&path, "section=news").await.status, StatusCode::OK);
    assert_eq!(site.follows(id).await, [("tin-tuc".to_owned(), "now".to_owned())]);
    assert_eq!(site.post(&path, "section=nowhere").await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.follows(id).await.len(), 1, "a wrong section is not all of them");
}

#[tokio::test]
async fn a_reader_chooses_when_digests_come() {
    let site = Site::new().await;
    let id = site.reader().await;
    let path = format!("/tin/preferences/{}?lang=en", site.tokens.preferences(id));
    let page = site.get(&path).await.text();
    assert!(page.contains("name=\"hour\"") && page.contains("As usual") && page.contains("Friday"), "{page}");
    let own = "cadence-news=weekly&hour=17&day=5&zone=Europe%2FBerlin";
    let page = site.post(&path, own).await.text();
    assert!(page.contains("value=\"17\" selected") && page.contains("value=\"5\" selected"), "{page}");
    assert!(page.contains("value=\"Europe/Berlin\"") && page.contains("value=\"weekly\" selected"), "{page}");
    let nonsense = "cadence-news=weekly&hour=24&day=0&zone=Mars%2FOlympus";
    let page = site.post(&path, nonsense).await.text();
    assert!(!page.contains("value=\"17\" selected") && !page.contains("Mars"), "what is no time is as usual: {page}");
}

#[tokio::test]
async fn without_e_mail_the_page_says_so() {
    let site = Site::with(|config| config.email = None).await;
    let page = site.get("/tin/subscribe?lang=en").await.text();
    assert!(page.contains("not offered here") && !page.contains("<form"), "{page}");
    assert_eq!(site.post("/tin/subscribe", "email=a%40b.vn").await.status, StatusCode::NOT_FOUND);
    assert!(!site.get("/tin/s/tin-tuc").await.text().contains("/tin/subscribe"));
}

#[tokio::test]
async fn a_body_has_a_limit() {
    let site = Site::new().await;
    let answer = site.post("/tin/subscribe", &"a".repeat(70_000)).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_reader_pauses_takes_a_copy_and_is_forgotten() {
    let site = Site::new().await;
    let id = site.reader().await;
    let own = format!("/tin/preferences/{}", site.tokens.preferences(id));
    for act in ["pause", "resume", "export", "erase", "nonsense"] {
        let before = site.store.subscriber(id).await.unwrap();
        for method in [Method::GET, Method::HEAD] {
            let looked = site.ask(method, &format!("{own}/{act}"), &[], "").await;
            let expected = if act == "erase" { StatusCode::OK } else { StatusCode::NOT_FOUND };
            assert_eq!(looked.status, expected, "{act}");
        }
        assert_eq!(site.store.subscriber(id).await.unwrap(), before, "looking at {act}");
    }
    let paused = site.post(&format!("{own}/pause?lang=en"), "").await;
    assert!(paused.status == StatusCode::OK && paused.text().contains("Your mails are paused"));
    assert!(site.get(&format!("{own}?lang=en")).await.text().contains("paused until Sunday, 9 August 2026"));
    assert_eq!(site.follows(id).await, []);
    assert_eq!(site.post(&format!("{own}/resume"), "").await.status, StatusCode::OK);
    assert_eq!(site.post(&format!("{own}/resume"), "").await.status, StatusCode::CONFLICT);
    assert_eq!(site.follows(id).await.len(), 2);

    let copy = site.post(&format!("{own}/export"), "").await;
    assert_eq!(copy.header("content-type"), "application/json; charset=utf-8");
    assert_eq!(copy.header("cache-control"), "no-store");
    let copy: serde_json::Value = serde_json::from_slice(&copy.body).unwrap();
    assert_eq!(copy["address"], "reader@example.vn");
    assert_eq!(copy["sections"].as_array().unwrap().len(), 2);

    assert_eq!(site.post(&format!("{own}/erase"), "").await.status, StatusCode::OK);
    assert_eq!(site.store.subscriber(id).await.unwrap(), None);
    for path in [own.clone(), format!("{own}/erase")] {
        assert_eq!(site.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(site.post(&format!("{own}/export"), "").await.status, StatusCode::NOT_FOUND);
    let swapped = format!("/tin/preferences/{}/erase", site.tokens.unsubscribe(id));
    assert_eq!(site.post(&swapped, "").await.status, StatusCode::NOT_FOUND, "the link to leave opens nothing else");
}

#[tokio::test]
async fn a_farewell_is_sent_once_and_only_where_it_is_wanted() {
    for wanted in [false, true] {
        let site = Site::with(|config| config.email.as_mut().unwrap().farewell = wanted).await;
        let id = site.reader().await;
        let path = format!("/tin/unsubscribe/{}", site.tokens.unsubscribe(id));
        site.post(&path, "section=news").await;
        for _ in 0..3 {
            site.post(&path, "List-Unsubscribe=One-Click").await;
        }
        let mails = site.store.deliveries(None, 10).await.unwrap();
        let farewells = mails.iter().filter(|mail| mail.kind == "farewell").count();
        assert_eq!(farewells, usize::from(wanted));
    }
}

#[tokio::test]
async fn who_does_not_want_to_be_asked_is_never_asked_again() {
    let site = Site::new().await;
    let ask = async |email: &str| {
        let token = site.form_token().await;
        let answer = site.post("/tin/subscribe", &format!("email={email}&section=news&token={token}")).await;
        (answer.status, answer.text())
    };
    let usual = ask("Reader%40example.vn").await;
    let id = site.store.subscriber_by_email("reader@example.vn").await.unwrap().unwrap().id;
    let confirm = format!("/tin/confirm/{}", site.tokens.confirm(id, site.clock.now_ms()));
    assert!(site.get(&confirm).await.text().contains("name=\"never\""));
    for _ in 0..2 {
        assert_eq!(site.post(&confirm, "never=1").await.status, StatusCode::OK);
        assert_eq!(site.store.subscriber(id).await.unwrap(), None);
    }
    site.clock.set(site.clock.now() + Duration::days(2));
    assert_eq!(ask("reader%40EXAMPLE.vn").await, usual, "and nobody can tell");
    assert_eq!(site.asked().await, 0);
    assert_eq!(site.store.subscriber_by_email("reader@example.vn").await.unwrap(), None);
    ask("stranger%40example.vn").await;
    assert_eq!(site.asked().await, 1);
}
