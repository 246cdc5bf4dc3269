//! Never a flood (promise 2), from outside: the real binary, a portal that moves, loses its database or changes all its
//! articles, and the strict fake of the Bot API, whose journal is the judge.
//!
//! `BANTIN_FLOOD_SECTIONS` and `BANTIN_FLOOD_ARTICLES` say how large the portal is (2 sections of 40 by default).

mod admin;
mod budget;
mod changes;
mod moved;
mod portal;
mod restored;
mod world;

#[allow(dead_code, unused_macros, unused_imports, reason = "the pipeline's tests use the rest of it")]
#[path = "../pipeline/harness/mod.rs"]
mod harness;
