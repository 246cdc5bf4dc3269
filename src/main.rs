//! The thin binary: parse arguments, start logging, call the command.

fn main() {}
