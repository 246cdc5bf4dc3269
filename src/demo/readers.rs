//! The demo's readers: they subscribe as people do, by the form on bantin's page, the mail that asks whether
//! they mean it, and the button on the page behind its link.

use std::time::Duration;

use anyhow::{Context, bail};
use dom_query::Document;
use url::Url;

use super::journal::{Event, Journal};
use super::mailbox::Mailbox;

/// How long a confirmation may take to arrive.
const PATIENCE: Duration = Duration::from_mins(1);

/// One reader and what she wants.
#[derive(Debug, Clone, Copy)]
pub struct Reader {
    /// Her address.
    pub address: &'static str,
    /// Slugs of the sections.
    pub sections: &'static [&'static str],
    /// `now`, `daily` or `weekly`.
    pub cadence: &'static str,
    /// `vi` or `en`.
    pub language: &'static str,
}

/// The two readers of the demo.
pub const READERS: [Reader; 2] = [
    Reader {
        address: "doc-gia@example.vn",
        sections: &["tin-tuc", "kinh-te", "van-hoa-xa-hoi"],
        cadence: "now",
        language: "vi",
    },
    Reader { address: "reader@example.com", sections: &["news"], cadence: "daily", language: "en" },
];

/// Lets every demo reader subscribe at the bantin under `base_url` and confirm; `pause` is how long they look
/// at a form before they send it (forms sent at once are taken for robots).
///
/// # Errors
/// Which reader could not subscribe, at which page, and what it answered.
pub async fn subscribe_demo_readers(
    base_url: &Url,
    mailbox: &Mailbox,
    journal: &Journal,
    pause: Duration,
) -> anyhow::Result<()> {
    let client = reqwest::Client::builder().timeout(Duration::from_secs(20)).build()?;
    for reader in READERS {
        subscribe(&client, base_url, mailbox, journal, reader, pause)
            .await
            .with_context(|| format!("the demo's reader {} could not subscribe", reader.address))?;
    }
    Ok(())
}

async fn subscribe(
    client: &reqwest::Client,
    base_url: &Url,
    mailbox: &Mailbox,
    journal: &Journal,
    reader: Reader,
    pause: Duration,
) -> anyhow::Result<()> {
    let page = with_query(base_url.join("subscribe")?, "lang", reader.language);
    let mut form = Form::open(client, page, "email").await?;
    form.fields.retain(|(name, _)| !matches!(name.as_str(), "email" | "section" | "cadence" | "language"));
    form.set("email", reader.address);
    form.set("cadence", reader.cadence);
    form.set("language", reader.language);
    for section in reader.sections {
        form.set("section", section);
    }
    tokio::time::sleep(pause).await;
    form.send(client).await?;
    journal.write(Event::Reader {
        who: reader.address.into(),
        what: format!("subscribe to {} ({})", reader.sections.join(", "), reader.cadence),
    });
    let confirmation = mailbox.wait_for(|mail| (mail.to == reader.address).then(|| confirm_link(mail)).flatten());
    let link = tokio::time::timeout(PATIENCE, confirmation)
        .await
        .with_context(|| format!("no confirmation mail within {} s", PATIENCE.as_secs()))?;
    let form = Form::open(client, link, "").await?;
    tokio::time::sleep(pause).await;
    form.send(client).await?;
    journal.write(Event::Reader { who: reader.address.into(), what: "confirm the subscription".into() });
    Ok(())
}

fn with_query(mut url: Url, name: &str, value: &str) -> Url {
    url.query_pairs_mut().append_pair(name, value);
    url
}

/// The link to the page with the button, out of the text part or the HTML part.
fn confirm_link(mail: &super::mailbox::Mail) -> Option<Url> {
    let text = format!("{}\n{}", mail.text.as_deref().unwrap_or_default(), mail.html.as_deref().unwrap_or_default());
    text.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '\'' | '(' | ')'))
        .find(|word| word.starts_with("http") && word.contains("/confirm/"))
        .and_then(|word| Url::parse(&word.replace("&amp;", "&")).ok())
}

/// A form of a page, with what it carries along.
struct Form {
    action: Url,
    fields: Vec<(String, String)>,
}

impl Form {
    /// Opens a page and reads its POST form: the one with a field `with`, or the first.
    async fn open(client: &reqwest::Client, page: Url, with: &str) -> anyhow::Result<Self> {
        let answer = client.get(page).send().await?.error_for_status()?;
        let url = answer.url().clone();
        Self::read(&answer.text().await?, &url, with)
    }

    fn read(html: &str, url: &Url, with: &str) -> anyhow::Result<Self> {
        let doc = Document::from(html);
        let forms = doc.select("form");
        let is_wanted = |form: &&dom_query::NodeRef| {
            form.attr_or("method", "get").eq_ignore_ascii_case("post")
                && (with.is_empty() || form.descendants().iter().any(|e| *e.attr_or("name", "") == *with))
        };
        let Some(form) = forms.nodes().iter().find(is_wanted) else { bail!("{url} has no form to send") };
        let action = match form.attr("action") {
            Some(action) => url.join(&action)?,
            None => url.clone(),
        };
        let fields = form.descendants().into_iter().filter(|e| *e.attr_or("type", "") == *"hidden");
        let fields = fields.filter_map(|e| Some((e.attr("name")?.to_string(), e.attr_or("value", "").to_string())));
        Ok(Self { action, fields: fields.collect() })
    }

    fn set(&mut self, name: &str, value: &str) {
        self.fields.push((name.to_owned(), value.to_owned()));
    }

    async fn send(self, client: &reqwest::Client) -> anyhow::Result<()> {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.fields).finish();
        let request = client.post(self.action.clone()).body(body);
        let answer = request.header("content-type", "application/x-www-form-urlencoded").send().await?;
        if !answer.status().is_success() {
            bail!("{} answered {}", self.action, answer.status());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use axum::Router;
    use axum::response::Html;
    use axum::routing::get;

    use super::*;
    use crate::clock::Clock;
    use crate::demo::server::{Tasks, listen, url_of};

    const PAGE: &str = r#"<form action="/search"></form><form method="post" action="/subscribe">
        <input type="hidden" name="stamp" value="a b"><input name="email"><input name="website"></form>"#;
    const BUTTON: &str = r#"<form method="POST"><input type=hidden name=t value=1><button>OK</button></form>"#;

    /// A bantin that only has the two forms, and mails the link when the first is sent.
    fn bantin(mailbox: Mailbox, seen: Arc<Mutex<Vec<String>>>, base: Url) -> Router {
        let (asked, confirmed) = (seen.clone(), seen);
        let subscribe = async move |body: String| {
            let pairs: Vec<_> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
            let to = pairs.iter().find(|(name, _)| name == "email").unwrap().1.clone();
            let mail = format!("Subject: ?\r\n\r\nHãy bấm <{base}confirm/{to}>\r\n");
            asked.lock().unwrap().push(format!("{pairs:?}"));
            mailbox.deliver(&[to], &mail.into());
        };
        let confirm = async move |uri: axum::http::Uri, body: String| {
            confirmed.lock().unwrap().push(format!("{} {body}", uri.path()));
        };
        Router::new()
            .route("/subscribe", get(async || Html(PAGE)).post(subscribe))
            .route("/confirm/{token}", get(async || Html(BUTTON)).post(confirm))
    }

    #[tokio::test]
    async fn both_readers_subscribe_and_confirm() {
        let tasks = Tasks::default();
        let (journal, _) = Journal::new(Clock::System);
        let mailbox = Mailbox::new(Clock::System, journal.clone());
        let (listener, address) = listen("test", 0).await.unwrap();
        let base = url_of(address).unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        tasks.serve(listener, bantin(mailbox.clone(), seen.clone(), base.clone()));
        subscribe_demo_readers(&base, &mailbox, &journal, Duration::ZERO).await.unwrap();
        tasks.stop().await;
        insta::assert_snapshot!(seen.lock().unwrap().join("\n"), @r#"
        [("stamp", "a b"), ("email", "doc-gia@example.vn"), ("cadence", "now"), ("language", "vi"), ("section", "tin-tuc"), ("section", "kinh-te"), ("section", "van-hoa-xa-hoi")]
        /confirm/doc-gia@example.vn t=1
        [("stamp", "a b"), ("email", "reader@example.com"), ("cadence", "daily"), ("language", "en"), ("section", "news")]
        /confirm/reader@example.com t=1
        "#);
    }
}
