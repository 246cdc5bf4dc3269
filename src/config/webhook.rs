//! `[webhook.NAME]` and `webhook` of a section: where else articles are posted, in which form, and how they are
//! signed. The forms that are built in are templates in `templates/webhook/`; what a service wants to be called by
//! stands in [`BUILT_IN`].

use std::path::PathBuf;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::{HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use serde_spanned::Spanned;
use url::Url;

use super::checker::Checker;
use super::codes::Code;
use super::raw::{PostForm, Raw, RawHook, RawWebhook, Text};
use super::secrets::Secret;
use super::shapes::{OneOrMany, TextOrTable};
use super::{HookTarget, OnUncertain, Rate, defaults, suggest, values};
use crate::schedule::Quiet;

/// `[webhook.NAME]`.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Its name: what sections call it by, and all that is ever shown of it.
    pub name: String,
    /// Its address; whoever knows it can post there.
    pub url: SecretString,
    /// The key that signs what is sent.
    pub secret: Option<SecretString>,
    /// Further headers; a `token` is one of them.
    pub headers: Vec<(HeaderName, SecretString)>,
    /// What is sent.
    pub form: Form,
    /// How a new article is sent, and a digest.
    pub post: Call,
    /// How a correction is sent; `None`: not at all.
    pub edit: Option<Call>,
    /// How a withdrawal is sent; `None`: not at all.
    pub delete: Option<Call>,
    /// Where an answer tells the id of what was posted: names with dots between.
    pub id: Option<String>,
    /// What an answer has to say to be a yes, besides its status: a path and a value.
    pub accepted: Option<(String, String)>,
    /// How much it takes.
    pub rate: Rate,
    /// The longest wait for an answer.
    pub timeout: Duration,
    /// What happens to a message whose fate is unknown.
    pub on_uncertain: OnUncertain,
    /// Whether it may have a private address.
    pub allow_private: bool,
}

/// What makes the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// `templates/webhook/NAME.json`.
    BuiltIn(String),
    /// A file of the admin's own.
    File {
        /// Where it is.
        path: PathBuf,
        /// What it says.
        source: String,
    },
}

/// One way of calling: `"PATCH {url}/messages/{id}"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// What follows the address, with `{id}` and `{delivery}` in it.
    pub rest: String,
}

/// What a service wants to be called by.
struct Service {
    name: &'static str,
    post: &'static str,
    edit: Option<&'static str>,
    delete: Option<&'static str>,
    id: Option<&'static str>,
}

const GENERIC: Service =
    Service { name: "generic", post: "POST {url}", edit: Some("POST {url}"), delete: Some("POST {url}"), id: None };

/// The templates that are built in.
const BUILT_IN: [Service; 5] = [
    GENERIC,
    Service { name: "slack", post: "POST {url}", edit: None, delete: None, id: None },
    Service { name: "teams", post: "POST {url}", edit: None, delete: None, id: None },
    Service {
        name: "discord",
        post: "POST {url}?wait=true",
        edit: Some("PATCH {url}/messages/{id}"),
        delete: Some("DELETE {url}/messages/{id}"),
        id: Some("id"),
    },
    Service {
        name: "matrix",
        post: "PUT {url}/send/m.room.message/{delivery}",
        edit: Some("PUT {url}/send/m.room.message/{delivery}"),
        delete: Some("PUT {url}/redact/{id}/{delivery}"),
        id: Some("event_id"),
    },
];

const TEMPLATE: &str =
    "write \"generic\", \"slack\", \"discord\", \"matrix\", \"teams\", or a file like \"templates/own.json\"";
const CALL: &str = "write a method and an address like \"POST {url}\" or \"PATCH {url}/messages/{id}\", or \"off\"";
const ACCEPTED: &str = "write a path and a value, like \"ok=true\"";

/// Reads all of `[webhook.…]`, in the order of the file.
pub fn resolve(raw: &Raw, checker: &mut Checker<'_>) -> Vec<Webhook> {
    let mut in_order: Vec<(&Text, &RawWebhook)> = raw.webhook.iter().collect();
    in_order.sort_by_key(|(name, _)| name.span().start);
    in_order.into_iter().filter_map(|(name, raw)| webhook(name, raw, checker)).collect()
}

fn webhook(name: &Text, raw: &RawWebhook, checker: &mut Checker<'_>) -> Option<Webhook> {
    let key = name.get_ref().as_str();
    let known = values::slug(key).and_then(|()| {
        if key.starts_with(|first: char| first.is_ascii_lowercase()) {
            Ok(())
        } else {
            Err(format!("\"{key}\" does not begin with a letter"))
        }
    });
    if let Err(fault) = &known {
        let help = "a webhook's name is up to 64 of a-z, 0-9 and `-`, and begins with a letter";
        checker.error(Code::Slug, &name.span(), fault.clone(), help);
    }
    let variable = |what: &str| format!("BANTIN_WEBHOOK_{}_{what}", key.to_uppercase().replace('-', "_"));
    let secret = |key: &str, value: &Option<Text>, file: &Option<Text>, variable: &str, checker: &mut Checker<'_>| {
        Secret { key, value: value.as_ref(), file: file.as_ref(), variable }.resolve(checker)
    };
    let url = secret("url", &raw.url, &raw.url_file, &variable("URL"), checker);
    let signing = secret("secret", &raw.secret, &raw.secret_file, &variable("SECRET"), checker);
    let token = secret("token", &raw.token, &raw.token_file, &variable("TOKEN"), checker);
    if url.is_none() && raw.url.is_none() && raw.url_file.is_none() {
        let help = "give it the address the service shows: `url`, `url_file`, or the environment variable";
        checker.missing(&["webhook", key, "url"], &format!("webhook \"{key}\" has no `url`"), help);
    }
    let place = raw.url.as_ref().or(raw.url_file.as_ref()).map_or_else(|| name.span(), Spanned::span);
    let url = url.filter(|url| {
        let right = Url::parse(url.expose_secret())
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host() && url.username().is_empty());
        if !right {
            let help = "write the whole address, like \"https://hooks.example.vn/services/…\", without a login in it";
            checker.error(Code::Address, &place, "this is not the address of a webhook", help);
        }
        right
    });
    let (form, service) = form(raw.template.as_ref(), checker)?;
    let call = |text: Option<&Text>, usual: Option<&str>, checker: &mut Checker<'_>| match text {
        Some(text) if text.get_ref() == "off" => None,
        Some(_) => checker.read(Code::Address, text, CALL, call),
        None => usual.and_then(|usual| self::call(usual).ok()),
    };
    let post = call(raw.post.as_ref(), Some(service.post), checker);
    if let Some(text) = raw.post.as_ref().filter(|text| text.get_ref() == "off" || text.get_ref().contains("{id}")) {
        checker.error(Code::Address, &text.span(), "a new post has no id yet, and cannot be off", CALL);
    }
    let edit = call(raw.edit.as_ref(), service.edit, checker);
    let delete = call(raw.delete.as_ref(), service.delete, checker);
    let id = checker.read(Code::JsonPath, raw.id.as_ref(), "write names with dots between", values::json_path);
    let id = id.or_else(|| service.id.map(str::to_owned));
    if id.is_none()
        && let Some(text) = [&raw.edit, &raw.delete].into_iter().flatten().find(|text| text.get_ref().contains("{id}"))
    {
        let help = "say where the answer to a post tells it: id = \"result.id\"";
        checker.error(Code::MissingKey, &text.span(), "nobody knows the {id}", help);
    }
    let accepted = checker.read(Code::JsonPath, raw.accepted.as_ref(), ACCEPTED, |text| {
        let (path, value) = text.split_once('=').ok_or_else(|| format!("\"{text}\" has no \"=\""))?;
        Ok((values::json_path(path.trim())?, value.trim().to_owned()))
    });
    let rate = checker.read(Code::Rate, raw.rate.as_ref(), "write \"30/m\" or \"1/s, 2000/d\"", values::rate);
    let timeout = checker.duration(raw.timeout.as_ref());
    if let (Some(time), Some(text)) = (timeout, &raw.timeout)
        && !(Duration::from_secs(1)..=Duration::from_mins(2)).contains(&time)
    {
        checker.error(Code::Range, &text.span(), "this time is out of range", "write between \"1s\" and \"2m\"");
    }
    let headers = headers(raw, token, checker);
    known.ok()?;
    Some(Webhook {
        name: key.to_owned(),
        url: url?,
        secret: signing,
        headers,
        form,
        post: post?,
        edit,
        delete,
        id,
        accepted,
        rate: rate.unwrap_or(Rate { per_minute: Some(defaults::WEBHOOK_PER_MINUTE), ..Rate::default() }),
        timeout: timeout.unwrap_or(defaults::WEBHOOK_TIMEOUT),
        on_uncertain: raw.on_uncertain,
        allow_private: raw.allow_private.unwrap_or(false),
    })
}

/// The template, and how its service is called unless the file says otherwise.
fn form(text: Option<&Text>, checker: &mut Checker<'_>) -> Option<(Form, &'static Service)> {
    let name = text.map_or("generic", |text| text.get_ref().as_str());
    if let Some(service) = BUILT_IN.iter().find(|service| service.name == name) {
        return Some((Form::BuiltIn(name.to_owned()), service));
    }
    let text = text?;
    if !name.contains(['/', '.', '\\']) {
        let near = suggest::nearest(name, BUILT_IN.iter().map(|service| service.name));
        let help = near.map_or_else(|| TEMPLATE.to_owned(), |near| format!("did you mean \"{near}\"? {TEMPLATE}"));
        checker.error(Code::UnknownWord, &text.span(), format!("there is no template \"{name}\""), help);
        return None;
    }
    let path = values::path(name, checker.folder);
    match std::fs::read_to_string(&path) {
        Ok(source) => Some((Form::File { path, source }, &BUILT_IN[0])),
        Err(fault) => {
            let message = format!("{} cannot be read: {}", path.display(), super::load::reason(&fault));
            checker.error(Code::Unreadable, &text.span(), message, TEMPLATE);
            None
        }
    }
}

/// `METHOD {url}…`. The address is always below the configured one, so that no answer and no article leads elsewhere.
fn call(text: &str) -> Result<Call, String> {
    let wrong = || format!("\"{text}\" is no method and address");
    let (method, address) = text.trim().split_once(' ').ok_or_else(wrong)?;
    let method = match method {
        "POST" => Method::POST,
        "PUT" => Method::PUT,
        "PATCH" => Method::PATCH,
        "DELETE" => Method::DELETE,
        _ => return Err(format!("the method {method} is none of POST, PUT, PATCH and DELETE")),
    };
    let rest =
        address.trim().strip_prefix("{url}").ok_or_else(|| "the address does not begin with {url}".to_owned())?;
    let plain = rest.replace("{id}", "").replace("{delivery}", "");
    if plain.contains(['{', '}', '#', '\\', ' ']) || !(rest.is_empty() || rest.starts_with(['/', '?'])) {
        return Err("after {url} may follow a path or a query, with {id} and {delivery} in it".to_owned());
    }
    Ok(Call { method, rest: rest.to_owned() })
}

fn headers(
    raw: &RawWebhook,
    token: Option<SecretString>,
    checker: &mut Checker<'_>,
) -> Vec<(HeaderName, SecretString)> {
    let mut all = Vec::new();
    if let Some(token) = token {
        let value = format!("Bearer {}", token.expose_secret());
        if HeaderValue::from_str(&value).is_ok() {
            all.push((reqwest::header::AUTHORIZATION, SecretString::from(value)));
        } else {
            let span = raw.token.as_ref().or(raw.token_file.as_ref()).map_or(0..0, Spanned::span);
            checker.error(Code::Range, &span, "the token cannot stand in a header", "it is one line of ASCII");
        }
    }
    for (name, value) in &raw.headers {
        let help =
            "a header is a name like \"X-Key\" and one line of ASCII; Host, Content-Length and X-Bantin-… are taken";
        let reserved = ["host", "content-length", "transfer-encoding", "connection"]
            .contains(&&*name.to_ascii_lowercase())
            || name.to_ascii_lowercase().starts_with("x-bantin-");
        match HeaderName::from_bytes(name.as_bytes()) {
            Ok(known) if !reserved && HeaderValue::from_str(value.get_ref()).is_ok() => {
                all.push((known, SecretString::from(value.get_ref().as_str())));
            }
            _ => checker.error(Code::Range, &value.span(), format!("`{name}` cannot be sent as a header"), help),
        }
    }
    all
}

/// The webhooks of a section.
pub fn targets(
    given: Option<&OneOrMany<TextOrTable<RawHook>>>,
    names: &[&str],
    checker: &mut Checker<'_>,
) -> Vec<HookTarget> {
    let mut all: Vec<HookTarget> = Vec::new();
    for entry in given.map_or(&[][..], |given| given.0.as_slice()) {
        let empty = RawHook::default();
        let (name, span, raw) = match entry.get_ref() {
            TextOrTable::Text(text) => (text.as_str(), entry.span(), &empty),
            TextOrTable::Number(_) => {
                let help = "write the NAME of a [webhook.NAME]";
                checker.error(Code::WrongType, &entry.span(), "a webhook is named by a text", help);
                continue;
            }
            TextOrTable::Table(raw) => {
                let Some(name) = &raw.name else {
                    let help = "write the NAME of a [webhook.NAME]: name = \"NAME\"";
                    checker.error(Code::MissingKey, &entry.span(), "the target has no `name`", help);
                    continue;
                };
                (name.get_ref().as_str(), name.span(), raw)
            }
        };
        let at = checker.plan(raw.at.as_ref());
        let quiet = checker.read(Code::Quiet, raw.quiet.as_ref(), "write \"21:30-06:30\"", Quiet::parse);
        let digest = raw.form.as_ref().is_some_and(|form| *form.get_ref() == PostForm::Digest);
        if let Some(form) = raw.form.as_ref().filter(|_| digest && raw.at.is_none()) {
            let help = "add when it is posted: at = \"0 8,18 * * *\"";
            checker.error(Code::DigestWithoutSlot, &form.span(), "a digest has no `at`", help);
        }
        if !names.contains(&name) {
            let help = match suggest::nearest(name, names.iter().copied()) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => format!("add [webhook.{name}] with its `url`, or name one that is there"),
            };
            checker.error(Code::UnknownWord, &span, format!("there is no webhook \"{name}\""), help);
            continue;
        }
        if all.iter().all(|other| other.name != name) {
            all.push(HookTarget { name: name.to_owned(), at, digest, quiet });
        }
    }
    all
}

/// A webhook in the general form that is never called: what `preview` shows where none is configured.
pub fn preview() -> Webhook {
    Webhook {
        name: "preview".to_owned(),
        url: SecretString::from("https://preview.invalid/"),
        secret: None,
        headers: Vec::new(),
        form: Form::BuiltIn(GENERIC.name.to_owned()),
        post: Call { method: Method::POST, rest: String::new() },
        edit: None,
        delete: None,
        id: None,
        accepted: None,
        rate: Rate::default(),
        timeout: defaults::WEBHOOK_TIMEOUT,
        on_uncertain: OnUncertain::default(),
        allow_private: false,
    }
}
