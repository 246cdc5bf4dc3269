//! The built-in templates under hostile text, addresses, signatures, and the calls of one job after another.

use serde_json::Value;

use super::*;
use crate::channel::samples;
use crate::config::{Form, webhook_for_preview};

const BUILT_IN: [&str; 5] = ["generic", "slack", "discord", "matrix", "teams"];

/// What tries to be more than a text.
const HOSTILE: [&str; 14] = [
    "\", \"event\": \"forged\", \"x\": \"",
    "\\\", \"x\": \"",
    "\\",
    "\u{0}\u{1}\u{8}\u{1b}[31m\u{7f}",
    "\u{2028}\u{2029}\u{feff}\u{202e}",
    "</script><!--",
    "{{ 7 * 7 }}{% raw %}",
    "<!channel> <@U123> @everyone @here",
    "<https://evil.example|Ninh Phước>",
    "](https://evil.example) [x](y) **b** __u__ ||s||",
    "&lt;b&gt; &amp; ' \" < >",
    "👩‍👩‍👧‍👦🇻🇳",
    "]]}}",
    "Ậ Ễ Ộ Ữ Ỵ",
];

fn webhook(name: &str, form: &str, url: &str) -> Webhook {
    let text = format!(
        "base_url = \"https://bantin.example.vn\"\nlanguage = \"vi\"\ntimezone = \"Asia/Ho_Chi_Minh\"\n\
         [webhook.{name}]\nurl = \"{url}\"\ntemplate = \"{form}\"\nsecret = \"s3cret\"\n\
         [section.a]\nname = \"A\"\nurl = \"https://www.example.vn/a\"\n"
    );
    let config = crate::config::load_str(&text, std::path::Path::new("/srv/config.toml"), &|_| None);
    config.unwrap_or_else(|errors| panic!("{errors}")).webhooks.remove(0)
}

fn channel(hooks: Vec<Webhook>) -> Result<WebhookChannel, BuildError> {
    let mut config = samples::config();
    config.webhooks = hooks;
    WebhookChannel::build(&config, &samples::parts(&config))
}

fn own(source: &str) -> Webhook {
    Webhook { form: Form::File { path: "own.json".into(), source: source.to_owned() }, ..webhook_for_preview() }
}

/// What a built-in template makes of a message, if anything.
fn made(form: &str, message: Message) -> Option<Value> {
    let channel = channel(vec![webhook("a", form, "https://hooks.example.vn/x")]).unwrap();
    let body = channel.hooks["a"].renderer.body(&samples::job("a", message)).unwrap()?;
    Some(serde_json::from_str(&body).unwrap_or_else(|fault| panic!("{form}: {fault}\n{body}")))
}

fn posted() -> Posted {
    Posted { message: "1\"2".to_owned(), ..Posted::default() }
}

fn hostile(text: &str) -> crate::channel::Entry {
    let mut reading = samples::reading();
    reading.title = format!("A{text}");
    reading.lead = Some(format!("B{text}"));
    reading.byline = Some(text.to_owned());
    reading.tags = vec![text.to_owned()];
    reading.text = format!("C{text}\nD");
    let mut section = samples::section();
    section.name = format!("E{text}");
    samples::entry(reading, section)
}

/// Every object's keys, all the way down.
fn keys(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| {
            found.push(key.clone());
            keys(value, found);
        }),
        Value::Array(list) => list.iter().for_each(|value| keys(value, found)),
        _ => {}
    }
}

#[test]
fn hostile_text_stays_text_in_every_template() {
    for form in BUILT_IN {
        let shape = |text: &str| {
            let entry = hostile(text);
            let messages = [
                Message::Post(entry.clone()),
                Message::Edit(entry.clone(), posted()),
                Message::Delete(posted()),
                samples::digest(vec![entry.clone(), entry], "slot"),
                Message::Test,
            ];
            let mut found = Vec::new();
            for message in messages {
                match made(form, message) {
                    Some(value) => keys(&value, &mut found),
                    None => found.push("nothing".to_owned()),
                }
            }
            found
        };
        let usual = shape("x");
        for text in HOSTILE {
            assert_eq!(shape(text), usual, "{form}: {text:?} changed the shape");
        }
    }
}

#[test]
fn what_the_generic_form_says_is_what_was_written() {
    for text in HOSTILE {
        let value = made("generic", Message::Post(hostile(text))).unwrap();
        assert_eq!(value["event"], "article.published");
        assert_eq!(value["id"], "d7.3f2a");
        let title = crate::channel::entry::line(&format!("A{text}"));
        assert_eq!(value["article"]["title"], title.as_str());
        assert_eq!(value["section"]["name"], format!("E{text}").as_str());
    }
    let edit = made("generic", Message::Edit(samples::sample(), posted())).unwrap();
    assert_eq!((edit["event"].as_str(), edit["message"].as_str()), (Some("article.corrected"), Some("1\"2")));
    assert_eq!(made("generic", Message::Delete(posted())).unwrap()["event"], "article.withdrawn");
    let digest = made("generic", samples::digest(samples::several(60), "slot")).unwrap();
    assert_eq!((digest["count"].as_i64(), digest["articles"].as_array().map(Vec::len)), (Some(60), Some(50)));
}

#[test]
fn services_get_no_mention_no_link_and_no_more_than_they_take() {
    let long = "Ồ👩‍👩‍👧‍👦&<*[".repeat(400);
    for text in HOSTILE.into_iter().chain([long.as_str()]) {
        let discord = made("discord", Message::Post(hostile(text))).unwrap();
        let units = |value: &Value| value.as_str().unwrap_or_default().encode_utf16().count();
        assert_eq!(discord["allowed_mentions"]["parse"], serde_json::json!([]));
        assert!(units(&discord["embeds"][0]["title"]) <= 256, "{discord}");
        assert!(units(&discord["embeds"][0]["description"]) <= 4096);
        assert!(units(&discord["embeds"][0]["footer"]["text"]) <= 2048);
        let slack = made("slack", Message::Post(hostile(text))).unwrap();
        let shown = slack["blocks"][0]["text"]["text"].as_str().unwrap();
        assert!(shown.encode_utf16().count() <= 3000, "{shown}");
        assert_eq!(shown.matches('<').count(), 1, "one link, and no mention: {shown}");
        let matrix = made("matrix", Message::Post(hostile(text))).unwrap();
        let html = matrix["formatted_body"].as_str().unwrap();
        assert_eq!(html.matches("<a ").count(), 1, "{html}");
        assert!(!html.contains("<!") && !html.contains("<script"), "{html}");
    }
    let many = || samples::digest((0..200).map(|_| hostile(&long)).collect(), "slot");
    let discord = made("discord", many()).unwrap();
    assert_eq!(discord["embeds"].as_array().unwrap().len(), 10);
    assert!(discord["content"].as_str().unwrap().contains("190"));
    assert!(made("slack", many()).unwrap()["blocks"].as_array().unwrap().len() <= 50);
    assert!(made("teams", many()).unwrap().to_string().len() <= 28_000);
    assert!(made("matrix", many()).unwrap().to_string().len() <= 65_000);
}

#[test]
fn a_template_cannot_print_anything_but_json() {
    let entry = || Message::Post(hostile(HOSTILE[0]));
    for source in [
        "{% autoescape false %}{ \"text\": {{ item.title }} }{% endautoescape %}",
        "{% set x = item.title %}{ \"text\": {{ x }} }",
        "{ \"text\": {{ item.title ~ \"\" }} }",
    ] {
        let channel = channel(vec![own(source)]).unwrap();
        let body = channel.hooks["preview"].renderer.body(&samples::job("preview", entry())).unwrap().unwrap();
        let value: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(value.as_object().unwrap().len(), 1, "{body}");
    }
    for source in [
        "{ \"text\": \"{{ item.title }}\" }",
        "{ \"text\": {{ item.title | safe }} }",
        "{ \"text\": ",
        "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}{}",
        "{% if action == \"digest\" %}{}{% endif %}",
        "{{ nothing() }}",
    ] {
        let fault = channel(vec![own(source)]).err().unwrap_or_else(|| panic!("{source} passed"));
        assert!(fault.0.contains("[webhook.preview]"), "{fault}");
    }
}

#[test]
fn the_documented_templates_work() {
    let text = include_str!("../../../docs/webhooks.md");
    let templates: Vec<&str> = text.split("```jinja\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(templates.len(), 2);
    for source in templates {
        channel(vec![own(source)]).unwrap_or_else(|fault| panic!("{fault}\n{source}"));
    }
}

#[test]
fn an_id_leads_nowhere_else() {
    let base: Url = "https://hooks.example.vn/api/webhooks/1/token?thread_id=9".parse().unwrap();
    let to = |rest, id| address(&base, rest, id, "p.1.2").map(String::from);
    let path = "https://hooks.example.vn/api/webhooks/1/token";
    assert_eq!(to("", "").unwrap(), base.as_str());
    assert_eq!(to("?wait=true", "").unwrap(), format!("{path}?thread_id=9&wait=true"));
    assert_eq!(to("/messages/{id}", "42").unwrap(), format!("{path}/messages/42?thread_id=9"));
    assert_eq!(to("/{id}/{delivery}", "$a:b").unwrap(), format!("{path}/$a:b/p.1.2?thread_id=9"));
    for id in ["../../x", "a/b", "a?b#c", "@evil", "//evil.example/"] {
        let made: Url = to("/messages/{id}", id).unwrap().parse().unwrap();
        assert_eq!(made.host_str(), Some("hooks.example.vn"));
        assert!(made.path().starts_with("/api/webhooks/1/token/messages/"), "{made}");
        assert_eq!(made.query(), Some("thread_id=9"));
    }
    for id in [".", ".."] {
        assert!(to("/messages/{id}", id).is_err());
    }
}

#[test]
fn the_signature_is_the_documented_one() {
    // printf '%s' '1764460800.{"a":1}' | openssl dgst -sha256 -hmac s3cret
    let made = signature(&SecretString::from("s3cret"), "1764460800", "{\"a\":1}").unwrap();
    assert_eq!(made, "sha256=c07e9c0a3b2b6660d1cdfee59678952601a2578151e02bef489a74af3105346b");
}

#[tokio::test]
async fn a_private_address_is_refused_and_the_target_rests() {
    let mut config = samples::config();
    config.fetch.allow_private = false;
    config.webhooks = vec![webhook("a", "generic", "http://127.0.0.1:8009/the-secret-path")];
    let channel = WebhookChannel::build(&config, &samples::parts(&config)).unwrap();
    let job = samples::job("a", Message::Post(samples::sample()));
    let Outcome::RecipientGone(reason) = channel.send(std::slice::from_ref(&job)).await.remove(0) else {
        panic!("it was asked")
    };
    assert!(reason.contains("private") && !reason.contains("the-secret-path"), "{reason}");
}

#[tokio::test]
async fn what_cannot_be_done_is_dropped_without_a_call() {
    let channel = channel(vec![
        webhook("slack", "slack", "https://hooks.example.invalid/x"),
        webhook("discord", "discord", "https://hooks.example.invalid/x"),
    ])
    .unwrap();
    let send = async |name: &str, message| {
        let job = samples::job(name, message);
        channel.send(std::slice::from_ref(&job)).await.remove(0)
    };
    assert!(matches!(send("slack", Message::Edit(samples::sample(), posted())).await, Outcome::Unwanted(_)));
    assert!(matches!(send("slack", Message::Delete(posted())).await, Outcome::Unwanted(_)));
    assert!(matches!(send("discord", Message::Delete(Posted::default())).await, Outcome::Unwanted(_)));
    assert!(matches!(send("gone", Message::Test).await, Outcome::RecipientGone(_)));
    let same = Posted { rendered: render::hash(&samples::sample(), crate::config::Language::Vi), ..posted() };
    assert_eq!(send("discord", Message::Edit(samples::sample(), same.clone())).await, Outcome::Accepted(same));
}

#[test]
fn each_webhook_keeps_its_own_policy_and_rate() {
    let mut careful = webhook("b", "slack", "https://hooks.example.vn/y");
    careful.on_uncertain = OnUncertain::AtMostOnce;
    let channel = channel(vec![webhook("a", "slack", "https://hooks.example.vn/x"), careful]).unwrap();
    assert_eq!(channel.on_uncertain_of("a"), OnUncertain::AtLeastOnce);
    assert_eq!(channel.on_uncertain_of("b"), OnUncertain::AtMostOnce);
    assert_eq!(channel.on_uncertain(), OnUncertain::AtMostOnce, "what a kill left behind");
    assert_eq!(channel.limits("a")[0].key, "webhook/a:m");
}
