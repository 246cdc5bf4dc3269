//! Placeholder while the pipeline is laid.
fn main() {}
