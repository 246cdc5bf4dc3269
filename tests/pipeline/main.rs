//! The whole of bantin, from outside: the real binary as a process, a news site over HTTP, a strict fake of
//! the Bot API, an SMTP relay that misbehaves on order or a real one, SQLite and PostgreSQL, real feed readers.
//!
//! What needs a program or a database that is not here says so by name and passes; `scripts/test` installs
//! them all and counts a skipped proof as a failure ([`harness::proof`]).

mod alarms;
mod any_text;
mod bad_input;
mod bounces;
mod browser;
mod criteria;
mod dkim;
mod flow;
mod generated;
mod harness;
mod kill;
mod nginx;
mod pestering;
mod points;
mod readers;
mod relay;
mod relays;
mod reload;
mod rules;
mod sources;
mod webhooks;
mod websub;
