//! bantin (*bản tin*, "news bulletin"): one daemon that gives every section of a news site
//! RSS, Atom and JSON feeds and pushes each new article to Telegram and e-mail on a schedule.
//!
//! The modules are the pipeline, in the order in which an article passes through them:
//!
//! ```text
//! schedule ─fires→ source ─candidates→ extract ─article→ store ─┬─ feed ──→ web   (RSS, Atom, JSON Feed, pages)
//!                      one transaction: article + its releases   └─ outbox ─→ channel ─→ Telegram, e-mail
//! ```
//!
//! Dependencies point downwards only: [`article`] knows nobody; [`source`], [`extract`], [`feed`] and
//! [`channel`] know [`article`]; [`outbox`] and [`app`] tie them together.
//! `docs/architecture.md` follows one article through all of it.

pub mod app;
pub mod article;
pub mod channel;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod dkim;
pub mod extract;
pub mod feed;
pub mod fetch;
pub mod health;
pub mod lifecycle;
pub mod locale;
pub mod outbox;
pub mod schedule;
pub mod service;
pub mod source;
pub mod store;
pub mod subscriber;
pub mod telemetry;
pub mod templates;
pub mod web;
