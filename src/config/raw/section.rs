//! `[section.<slug>]` and its tables as they are written.

use serde::Deserialize;
use serde_spanned::Spanned;

use super::super::shapes::{Chat, OneOrMany, TextOrTable};
use super::super::{DateOrder, Language, ReadMode, SourceKind, TextMode};
use super::Text;

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
    pub urgent: OneOrMany<TextOrTable<RawFilterRule>>,
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
