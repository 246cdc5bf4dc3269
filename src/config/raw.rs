//! `config.toml` as it is written: the tables and keys there are, each optional, each with its place in the file.
//! Only shapes are settled here; what the values mean is read in [`super::general`] and [`super::sections`].
//!
//! A new key is a field here, a line in the shipped `config.toml` (a test counts them) and its meaning there.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::Deserialize;
use serde_spanned::Spanned;

use super::shapes::{Chat, OneOrMany, Size, TextOrTable};
use super::{DateOrder, EnclosureMode, Language, OnUncertain, ReadMode, SourceKind, TextMode};

/// A text that keeps its place.
pub type Text = Spanned<String>;
/// A whole number that keeps its place.
pub type Number = Spanned<u32>;

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Raw {
    pub base_url: Option<Text>,
    pub language: Option<Language>,
    pub timezone: Option<Text>,
    pub templates: Option<Text>,
    pub removed: Vec<Text>,
    pub server: RawServer,
    pub organisation: RawOrganisation,
    pub database: RawDatabase,
    pub feeds: RawFeeds,
    pub fetch: RawFetch,
    pub telegram: RawTelegram,
    pub email: RawEmail,
    pub webhook: BTreeMap<Text, RawWebhook>,
    pub admin: RawAdmin,
    pub defaults: RawSection,
    pub section: BTreeMap<Text, RawSection>,
}

/// `[server]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawServer {
    pub listen: Option<Text>,
    pub admin_token: Option<Text>,
    pub admin_token_file: Option<Text>,
    pub push_key: Option<Text>,
    pub push_key_file: Option<Text>,
    pub trusted_proxies: Vec<Text>,
}

/// `[organisation]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawOrganisation {
    pub name: Option<Text>,
    pub address: Option<Text>,
    pub privacy_url: Option<Text>,
}

/// `[admin]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawAdmin {
    pub telegram: OneOrMany<TextOrTable<RawAdminChat>>,
    pub email: OneOrMany<String>,
    pub language: Option<Language>,
}

/// A chat of `[admin] telegram`.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawAdminChat {
    pub chat: Option<Spanned<Chat>>,
    pub topic: Option<Spanned<i32>>,
}

/// `[database]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawDatabase {
    pub url: Option<Text>,
    pub url_file: Option<Text>,
}

/// `[feeds]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawFeeds {
    pub directory: Option<Text>,
    pub items: Option<Number>,
    pub memory: Option<Spanned<Size>>,
    pub authority: Option<Text>,
    pub websub: Option<bool>,
    pub hubs: Vec<Text>,
    pub enclosure: EnclosureMode,
}

/// `[fetch]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawFetch {
    pub contact: Option<Text>,
    pub own_site: Option<bool>,
    pub allow_private: Option<bool>,
    pub proxy: Option<Text>,
    pub proxy_tls: Option<bool>,
    pub timeout: Option<Text>,
    pub max_bytes: Option<Spanned<Size>>,
    pub interval: Option<Text>,
    pub reread: Option<Vec<Text>>,
    pub withdrawn_after: Option<Text>,
}

/// `[telegram]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawTelegram {
    pub token: Option<Text>,
    pub token_file: Option<Text>,
    pub api_url: Option<Text>,
    pub on_uncertain: OnUncertain,
    pub per_second: Option<Number>,
    pub per_chat_minute: Option<Number>,
    pub methods: RawMethods,
}

/// `methods = { … }` of `[telegram]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawMethods {
    pub send: Option<Text>,
    pub edit: Option<Text>,
    pub delete: Option<Text>,
}

/// `[email]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawEmail {
    pub from: Option<Text>,
    pub smtp: OneOrMany<TextOrTable<RawRelay>>,
    pub password: Option<Text>,
    pub password_file: Option<Text>,
    pub daily: Option<Text>,
    pub weekly: Option<Text>,
    pub on_uncertain: OnUncertain,
    pub dkim: OneOrMany<TextOrTable<RawDkim>>,
    pub domains: IndexMap<String, Text>,
    pub bounces: RawBounces,
    pub pictures: Option<bool>,
    pub farewell: Option<bool>,
}

/// `[webhook.NAME]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawWebhook {
    pub url: Option<Text>,
    pub url_file: Option<Text>,
    pub secret: Option<Text>,
    pub secret_file: Option<Text>,
    pub token: Option<Text>,
    pub token_file: Option<Text>,
    pub template: Option<Text>,
    pub headers: IndexMap<String, Text>,
    pub post: Option<Text>,
    pub edit: Option<Text>,
    pub delete: Option<Text>,
    pub id: Option<Text>,
    pub accepted: Option<Text>,
    pub rate: Option<Text>,
    pub timeout: Option<Text>,
    pub on_uncertain: OnUncertain,
    pub allow_private: Option<bool>,
}

/// One key of `[email] dkim`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawDkim {
    pub domain: Option<Text>,
    pub selector: Option<Text>,
    pub key: Option<Text>,
    pub key_file: Option<Text>,
}

/// `[email.bounces]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawBounces {
    pub address: Option<Text>,
    pub imap: Option<Text>,
    pub password: Option<Text>,
    pub password_file: Option<Text>,
    pub every: Option<Text>,
}

/// One relay of `[email] smtp`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawRelay {
    pub url: Option<Text>,
    pub password: Option<Text>,
    pub password_file: Option<Text>,
    pub rate: Option<Text>,
    pub window: Option<Number>,
    pub connections: Option<Number>,
    pub weight: Option<Number>,
    pub timeout: Option<Text>,
}

/// `[section.<slug>]` and `[defaults]`.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawSection {
    pub name: Option<Text>,
    pub url: Option<Text>,
    pub source: Option<SourceKind>,
    pub site: Option<Text>,
    pub description: Option<Text>,
    pub language: Option<Language>,
    pub timezone: Option<Text>,
    pub schedule: Option<Text>,
    pub delay: Option<Text>,
    pub expect_every: Option<Text>,
    pub text: Option<TextMode>,
    pub read: Option<ReadMode>,
    pub date_order: Option<DateOrder>,
    pub guard: Option<Spanned<TextOrTable<RawGuard>>>,
    pub telegram: Option<OneOrMany<TextOrTable<RawTarget>>>,
    pub webhook: Option<OneOrMany<TextOrTable<RawHook>>>,
    pub translation_of: Option<Text>,
    pub formerly: Vec<Text>,
    pub own_site: Option<bool>,
    pub allow_private: Option<bool>,
    pub proxy: Option<Text>,
    pub proxy_tls: Option<bool>,
    pub keep_guid: Option<bool>,
    pub html: RawHtml,
    pub json: RawJson,
    pub filter: RawFilter,
}

/// `guard = { … }`.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawGuard {
    pub run: Option<u32>,
    pub day: Option<u32>,
    pub fresh: Option<Text>,
    pub per_hour: Option<u32>,
}

/// `telegram = { … }` of a section.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawTarget {
    pub chat: Option<Spanned<Chat>>,
    pub topic: Option<Spanned<i32>>,
    pub at: Option<Text>,
    #[serde(rename = "as")]
    pub form: Option<Spanned<PostForm>>,
    pub quiet: Option<Text>,
    pub in_quiet: Option<InQuiet>,
    pub silent: bool,
    pub text: Option<TextMode>,
    pub long: Option<Long>,
    pub pictures: Option<Pictures>,
    pub hashtags: Option<Vec<Text>>,
    pub withdrawn: Option<Withdrawn>,
    pub template: Option<Text>,
}

/// `in_quiet = "hold"` or `"silent"`.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InQuiet {
    /// Posts wait for the end of the quiet hours.
    #[default]
    Hold,
    /// Posts come without a sound.
    Silent,
}

/// `long = "cut"` or `"split"`.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Long {
    /// At a word, with a link to the rest.
    #[default]
    Cut,
    /// Into several messages.
    Split,
}

/// `pictures = "one"` or `"album"`.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pictures {
    /// The one that stands for the article.
    #[default]
    One,
    /// Up to ten.
    Album,
}

/// `withdrawn = "delete"` or `"mark"`.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Withdrawn {
    /// The post is deleted.
    #[default]
    Delete,
    /// The post says so.
    Mark,
}

/// `webhook = { … }` of a section.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawHook {
    pub name: Option<Text>,
    pub at: Option<Text>,
    #[serde(rename = "as")]
    pub form: Option<Spanned<PostForm>>,
    pub quiet: Option<Text>,
}

/// `as = "posts"` or `"digest"`.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PostForm {
    /// One post an article.
    #[default]
    Posts,
    /// One post a slot.
    Digest,
}

/// `[section.<slug>.html]`.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawHtml {
    pub item: Option<Text>,
    pub link: Option<Text>,
    pub title: Option<Text>,
    pub date: Option<Text>,
    pub lead: Option<Text>,
    pub image: Option<Text>,
    pub body: Option<Text>,
    pub article_title: Option<Text>,
    pub article_lead: Option<Text>,
    pub article_date: Option<Text>,
    pub byline: Option<Text>,
    pub remove: OneOrMany<String>,
    pub stop_at: OneOrMany<String>,
}

/// `[section.<slug>.json]`.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawJson {
    pub script: Option<Text>,
    pub items: Option<Text>,
    pub url: Option<Text>,
    pub title: Option<Text>,
    pub date: Option<Text>,
    pub updated: Option<Text>,
    pub lead: Option<Text>,
    pub image: Option<Text>,
    pub byline: Option<Text>,
    pub tags: Option<Text>,
    pub body: Option<Text>,
    pub id: Option<Text>,
    pub next: Option<Text>,
    pub page: Option<Text>,
}

/// `[section.<slug>.filter]`.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawFilter {
    pub include: OneOrMany<TextOrTable<RawFilterRule>>,
    pub exclude: OneOrMany<TextOrTable<RawFilterRule>>,
}

/// `include = { … }` and `exclude = { … }`.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawFilterRule {
    pub title: OneOrMany<String>,
    pub text: OneOrMany<String>,
    pub byline: OneOrMany<String>,
    pub tag: OneOrMany<String>,
    pub url: OneOrMany<String>,
}

/// The keys of a table, as serde knows them: asked for by an unknown key, so that no list has to be kept.
pub fn keys_of<T: serde::de::DeserializeOwned>() -> Vec<String> {
    match toml::from_str::<T>("'' = 0") {
        Ok(_) => Vec::new(),
        Err(error) => expected_words(error.message()),
    }
}

/// The keys of all tables.
pub fn all_keys() -> Vec<String> {
    [
        keys_of::<Raw>(),
        keys_of::<RawServer>(),
        keys_of::<RawOrganisation>(),
        keys_of::<RawDatabase>(),
        keys_of::<RawFeeds>(),
        keys_of::<RawFetch>(),
        keys_of::<RawTelegram>(),
        keys_of::<RawMethods>(),
        keys_of::<RawEmail>(),
        keys_of::<RawRelay>(),
        keys_of::<RawDkim>(),
        keys_of::<RawWebhook>(),
        keys_of::<RawHook>(),
        keys_of::<RawBounces>(),
        keys_of::<RawAdmin>(),
        keys_of::<RawAdminChat>(),
        keys_of::<RawSection>(),
        keys_of::<RawGuard>(),
        keys_of::<RawTarget>(),
        keys_of::<RawHtml>(),
        keys_of::<RawJson>(),
        keys_of::<RawFilter>(),
        keys_of::<RawFilterRule>(),
    ]
    .concat()
}

/// The words in backticks after "expected" in a message of serde.
pub fn expected_words(message: &str) -> Vec<String> {
    let expected = message.rsplit_once(", expected ").map_or("", |(_, expected)| expected);
    expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}
