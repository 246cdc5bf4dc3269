//! The ledger: each proof writes one line of JSON into the file named by `BANTIN_PROOFS`, and `scripts/test`
//! closes with a table of it. A proof that fails writes nothing and is missed there by name.

use std::io::Write;

use serde_json::json;

/// One proof by name, as in `scripts/proofs.txt`.
pub struct Proof(String);

impl Proof {
    /// A proof that is about to be run.
    pub fn new(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// It ran: `count` times or things, and what else is worth saying.
    pub fn ran(&self, count: usize, note: &str) {
        // The same tests may be told to use the other engine.
        let note = match std::env::var("BANTIN_TEST_ENGINE") {
            Ok(engine) => format!("{note} on {engine}"),
            Err(_) => note.to_owned(),
        };
        self.write("ran", count, note.trim());
    }

    /// It could not be run here. Says so past the test runner's capture, so that a plain `cargo test` shows it.
    pub fn skipped(&self, why: &str) {
        let _ = writeln!(std::io::stdout(), "SKIPPED {}: {why}", self.0);
        self.write("skipped", 0, why);
    }

    fn write(&self, status: &str, count: usize, note: &str) {
        let Some(path) = std::env::var_os("BANTIN_PROOFS") else { return };
        let line = json!({ "proof": self.0, "status": status, "count": count, "note": note });
        let file = std::fs::OpenOptions::new().create(true).append(true).open(&path);
        file.and_then(|mut file| file.write_all(format!("{line}\n").as_bytes())).expect("the ledger of proofs");
    }
}
