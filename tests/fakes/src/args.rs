//! The fakes' command lines: `--name value` pairs, nothing else.

use std::collections::HashMap;
use std::str::FromStr;

/// The options given on the command line.
pub struct Args(HashMap<String, String>);

impl Args {
    /// Reads this process's arguments; anything that is not one of `known` stops the program with usage (exit 2).
    pub fn parse(known: &[&str]) -> Self {
        match Self::from_words(std::env::args().skip(1), known) {
            Ok(args) => args,
            Err(message) => {
                let usage: Vec<String> = known.iter().map(|name| format!("[--{name} VALUE]")).collect();
                eprintln!("{message}\nusage: {}", usage.join(" "));
                std::process::exit(2)
            }
        }
    }

    fn from_words(mut words: impl Iterator<Item = String>, known: &[&str]) -> Result<Self, String> {
        let mut options = HashMap::new();
        while let Some(word) = words.next() {
            let name = word.strip_prefix("--").ok_or_else(|| format!("unexpected argument {word}"))?;
            if !known.contains(&name) {
                return Err(format!("unknown option --{name}"));
            }
            let value = words.next().ok_or_else(|| format!("--{name} needs a value"))?;
            options.insert(name.to_owned(), value);
        }
        Ok(Self(options))
    }

    /// The text of an option.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// An option as a number (or anything else that parses); a value that does not parse stops the program.
    pub fn get<T: FromStr>(&self, name: &str, default: T) -> T {
        match self.text(name) {
            None => default,
            Some(value) => value.parse().unwrap_or_else(|_| {
                eprintln!("--{name}: {value} is not a valid value");
                std::process::exit(2)
            }),
        }
    }
}

/// With `--lifeline stdin` the program ends when its standard input does: a test that is killed leaves no
/// fake behind.
pub fn lifeline(args: &Args) {
    if args.text("lifeline") == Some("stdin") {
        std::thread::spawn(|| {
            let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
            std::process::exit(0)
        });
    }
}
