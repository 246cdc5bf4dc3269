//! The browser's driver: a Node program of our own (`driver.mjs`) that speaks to Chromium, told one step a line.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::harness::program;

/// A browser that does what it is told.
pub struct Driver {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Driver {
    /// What has to be there.
    pub const NEEDS: &str = "chromium, node and BANTIN_BROWSER (a folder with playwright-core and axe-core) are needed; scripts/test installs them";

    /// Starts it; pictures go into a folder of this name. `None` where something it needs is missing.
    pub fn start(name: &str) -> Option<Self> {
        let modules = std::env::var_os("BANTIN_BROWSER").map(PathBuf::from)?;
        let (node, chromium) = (program("node")?, program("chromium").or_else(|| program("chromium-browser"))?);
        if !modules.join("node_modules/playwright-core").is_dir() {
            return None;
        }
        let shots = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("browser-shots").join(name);
        let _ = std::fs::remove_dir_all(&shots);
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pipeline/browser/driver.mjs");
        let mut child = Command::new(node)
            .arg(script)
            .env("BANTIN_BROWSER", modules)
            .env("BANTIN_CHROMIUM", chromium)
            .env("BANTIN_SHOTS", shots)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node starts");
        let (input, output) = (child.stdin.take().expect("its input"), child.stdout.take().expect("its output"));
        Some(Self { child, input, output: BufReader::new(output) })
    }

    /// Does a step; what it finds wrong fails the test.
    pub fn step(&mut self, step: &str, mut with: Value) -> Value {
        with["step"] = json!(step);
        writeln!(self.input, "{with}").expect("the driver listens");
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the driver answers");
        let answer: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{with}: {error}: {line:?}"));
        assert!(answer["error"].is_null(), "{}", answer["error"].as_str().unwrap_or_default());
        answer["ok"].clone()
    }

    /// The same, answered by a text.
    pub fn text(&mut self, step: &str, with: Value) -> String {
        self.step(step, with).as_str().unwrap_or_default().to_owned()
    }

    /// The same, answered by several texts.
    pub fn strings(&mut self, step: &str, with: Value) -> Vec<String> {
        serde_json::from_value(self.step(step, with)).expect("a list")
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // The end of its input ends it, and it ends the browser.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
