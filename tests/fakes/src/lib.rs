//! Strict stand-ins for the two outsides that bantin's tests push to: Telegram's Bot API and an SMTP relay.
//! They are programs of their own and share no code with bantin, so that a mistake in bantin cannot hide in
//! its own test double.
//!
//! Both work alike: they answer as the documents say (limits, parsing, literal error texts), misbehave only
//! on order ([`rules`]), can withhold an answer until released ([`gate`]), and write every message they
//! *accepted* into a [`journal`] before they answer: the journal is what tests judge by. [`control`] is the
//! HTTP door for all that.

pub mod args;
pub mod control;
pub mod gate;
pub mod journal;
pub mod rules;
pub mod smtp;
pub mod telegram;
