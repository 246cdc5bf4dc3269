//! Reads a robots.txt (RFC 9309) for one reader: the lines of its group, and which of them settles an address.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

/// The name by which a site can address us in its robots.txt.
pub const TOKEN: &str = "bantin";
/// What is read of a robots.txt, as the RFC asks for at least.
pub const MAX_BYTES: usize = 500 * 1024;
/// The longest `Crawl-delay` that is obeyed: more would stop a section rather than slow it down.
pub const MAX_DELAY: Duration = Duration::from_secs(30);
/// Most lines kept for us.
const MAX_LINES: usize = 10_000;

/// What a robots.txt says to us.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Rules {
    /// In the order of the file.
    lines: Vec<Line>,
    /// `Crawl-delay`, in seconds.
    delay: Option<f64>,
}

/// An `Allow` or `Disallow`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Its number in the file, from 1.
    pub number: u32,
    /// Whether it allows.
    pub allow: bool,
    /// The path as written.
    pub path: String,
    /// The path in its normal spelling.
    pattern: String,
}

/// A group under construction.
#[derive(Default)]
struct Group {
    ours: bool,
    everybodys: bool,
    /// Whether it has a rule, so that the next `User-agent` begins another group.
    ruled: bool,
}

impl Rules {
    /// Takes the groups that name [`TOKEN`], or else those for everybody.
    pub fn parse(text: &str) -> Self {
        let (mut ours, mut everybodys) = (Self::default(), Self::default());
        let mut named = false;
        let mut group = Group::default();
        // Lines end in CR, LF or both; an empty line more does not matter but for its number.
        let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        for (number, line) in (1u32..).zip(text.split(['\n', '\r'])) {
            let line = line.split('#').next().unwrap_or_default();
            let Some((key, value)) = line.split_once(':') else { continue };
            let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
            match key.as_str() {
                "user-agent" | "useragent" | "user agent" => {
                    if group.ruled {
                        group = Group::default();
                    }
                    let name: &str = value
                        .split(|c: char| !(c.is_ascii_alphabetic() || "-_".contains(c)))
                        .next()
                        .unwrap_or_default();
                    group.ours |= name.eq_ignore_ascii_case(TOKEN);
                    group.everybodys |= value == "*" || value.starts_with("* ");
                    named |= group.ours;
                }
                "allow" | "disallow" | "dissallow" | "disalow" => {
                    group.ruled = true;
                    if value.is_empty() {
                        continue;
                    }
                    let line =
                        Line { number, allow: key == "allow", path: value.to_owned(), pattern: normal(value, true) };
                    for (wanted, rules) in [(group.ours, &mut ours), (group.everybodys, &mut everybodys)] {
                        if wanted && rules.lines.len() < MAX_LINES {
                            rules.lines.push(line.clone());
                        }
                    }
                }
                "crawl-delay" => {
                    group.ruled = true;
                    let seconds = value.parse().ok().filter(|s: &f64| s.is_finite() && *s > 0.0);
                    for (wanted, rules) in [(group.ours, &mut ours), (group.everybodys, &mut everybodys)] {
                        if wanted {
                            rules.delay = rules.delay.or(seconds);
                        }
                    }
                }
                _ => {}
            }
        }
        if named { ours } else { everybodys }
    }

    /// The line that forbids an address: the longest that matches it, where no `Allow` is as long.
    pub fn forbids(&self, url: &Url) -> Option<&Line> {
        if url.path() == "/robots.txt" {
            return None;
        }
        let path = match url.query() {
            Some(query) => normal(&format!("{}?{query}", url.path()), false),
            None => normal(url.path(), false),
        };
        let mut best: Option<(usize, &Line)> = None;
        for line in &self.lines {
            let length = line.pattern.len();
            let stronger = best.is_none_or(|(most, than)| length > most || length == most && line.allow && !than.allow);
            if stronger && matches(&path, &line.pattern) {
                best = Some((length, line));
            }
        }
        best.map(|(_, line)| line).filter(|line| !line.allow)
    }

    /// The pause between two requests that the site asks for, at most [`MAX_DELAY`].
    pub fn delay(&self) -> Duration {
        self.delay.map_or(Duration::ZERO, |seconds| Duration::from_secs_f64(seconds.min(MAX_DELAY.as_secs_f64())))
    }
}

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path: String = self.path.chars().filter(|c| !c.is_control()).take(100).collect();
        write!(f, "{}: {path}", if self.allow { "Allow" } else { "Disallow" })
    }
}

/// One spelling of a path: what may stand plainly does, all else is percent-encoded in capitals (RFC 9309 §2.2.2).
/// In a pattern `*` and `$` have a meaning; in an address they are characters like others.
fn normal(text: &str, pattern: bool) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(bytes.len());
    let mut at = 0;
    let digit = |at: usize| bytes.get(at).and_then(|b| char::from(*b).to_digit(16));
    while let Some(&byte) = bytes.get(at) {
        let (byte, coded, length) = match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => ((high * 16 + low) as u8, true, 3),
            _ => (byte, false, 1),
        };
        at += length;
        let unreserved = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let plain = !coded && byte.is_ascii_graphic() && (pattern || !b"*$".contains(&byte));
        if unreserved || plain {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for half in [byte >> 4, byte & 15] {
                out.push(char::from(HEX.get(usize::from(half)).copied().unwrap_or(b'0')));
            }
        }
    }
    out
}

/// Whether a pattern with `*` and a final `$` matches the beginning of a path. Each piece between two stars is
/// looked for once, from where the last one ended: the time is linear whatever the pattern.
fn matches(path: &str, pattern: &str) -> bool {
    let (pattern, whole) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let mut pieces = pattern.split('*').peekable();
    let Some(mut rest) = pieces.next().and_then(|first| path.strip_prefix(first)) else { return false };
    if pieces.peek().is_none() {
        return !whole || rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if whole && pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        match rest.split_once(piece) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether `path` may be read under `text`.
    fn allowed(text: &str, path: &str) -> bool {
        let url: Url = format!("https://www.example.vn{path}").parse().unwrap();
        Rules::parse(text).forbids(&url).is_none()
    }

    #[test]
    fn the_group_of_our_name_stands_for_that_of_everybody() {
        let text = "User-agent: *\nDisallow: /\n\nUser-agent: other\nuser-AGENT: BanTin/1.0\nDisallow: /rieng\n";
        assert!(allowed(text, "/tin-tuc"));
        assert!(!allowed(text, "/rieng/1"));
        let twice = "User-agent: bantin\nDisallow: /a\nUser-agent: *\nDisallow: /\nUser-agent: bantin\nDisallow: /b\n";
        assert!(!allowed(twice, "/a") && !allowed(twice, "/b") && allowed(twice, "/c"), "groups of one name are one");
        assert!(allowed("User-agent: bantin\nDisallow:\n\nUser-agent: *\nDisallow: /\n", "/x"), "nothing is forbidden");
        assert!(allowed("User-agent: bantinbot\nDisallow: /\n", "/x"), "another name");
        assert!(!allowed("User-agent: other\nDisallow: /o\nUser-agent: *\nDisallow: /\n", "/x"));
        assert!(allowed("Disallow: /\n", "/x"), "a rule without a group");
        assert!(allowed("", "/x") && allowed("<!doctype html><p>User-agent: none", "/x"));
        assert!(
            !allowed("User-agent: a\nUser-agent: *\nSitemap: https://x/\nDisallow: /\n", "/x"),
            "a sitemap ends nothing"
        );
    }

    #[test]
    fn the_longest_line_holds() {
        let text = "User-agent: *\nAllow: /p\nDisallow: /\n";
        assert!(allowed(text, "/page") && !allowed(text, "/x"));
        assert!(allowed("User-agent: *\nAllow: /folder\nDisallow: /folder\n", "/folder/page"), "a tie allows");
        assert!(allowed("User-agent: *\nDisallow: /folder\nAllow: /folder\n", "/folder/page"), "in any order");
        assert!(!allowed("User-agent: *\nAllow: /page\nDisallow: /*.htm\n", "/page.htm"));
        assert!(!allowed("User-agent: *\nAllow: /$\nDisallow: /\n", "/page.htm"));
        assert!(allowed("User-agent: *\nAllow: /$\nDisallow: /\n", "/"));
        assert!(allowed("User-agent: *\nDisallow: /\n", "/robots.txt"));
    }

    #[test]
    fn stars_and_ends() {
        for (pattern, yes, no) in [
            (
                "/fish",
                &["/fish", "/fish.html", "/fish/salmon", "/fishheads", "/fish?id=1"][..],
                &["/Fish", "/catfish", "/desert/fish"][..],
            ),
            ("/fish*", &["/fish", "/fishheads/yummy.html"], &["/Fish.asp"]),
            ("/fish/", &["/fish/", "/fish/?id=1"], &["/fish", "/fish.html"]),
            ("/*.php", &["/index.php", "/folder/any.php.file/", "/a.php?x=1"], &["/", "/windows.PHP"]),
            (
                "/*.php$",
                &["/filename.php", "/folder/filename.php"],
                &["/filename.php?x", "/filename.php/", "/filename.php5"],
            ),
            ("/fish*.php", &["/fish.php", "/fishheads/catfish.php?x"], &["/Fish.PHP"]),
            ("/*/tin$", &["/a/tin", "/a/b/tin"], &["/tin", "/a/tin/"]),
            ("*/x", &["/a/x"], &["/a"]),
            ("/", &["/", "/x"], &[]),
            ("fish", &[], &["/fish"]),
            ("/a*a$", &["/aa", "/aba"], &["/a"]),
            ("/$", &["/"], &["/x"]),
            ("/*", &["/", "/x"], &[]),
        ] {
            let text = format!("User-agent: *\nDisallow: {pattern}\n");
            for path in yes {
                assert!(!allowed(&text, path), "{pattern} matches {path}");
            }
            for path in no {
                assert!(allowed(&text, path), "{pattern} does not match {path}");
            }
        }
    }

    #[test]
    fn spellings_of_one_path_are_one() {
        for (pattern, path) in [
            ("/tin-tức", "/tin-t%E1%BB%A9c"),
            ("/tin-t%e1%bb%a9c", "/tin-tức"),
            ("/%62an", "/ban"),
            ("/ban", "/%62an"),
            ("/a%2Fb", "/a%2fb"),
            ("/a*%2A", "/ax*"),
            ("/a%24", "/a$"),
        ] {
            assert!(!allowed(&format!("User-agent: *\nDisallow: {pattern}\n"), path), "{pattern} {path}");
        }
        assert!(allowed("User-agent: *\nDisallow: /a%2Fb\n", "/a/b"), "an encoded slash is no slash");
        assert!(allowed("User-agent: *\nDisallow: /a%2A\n", "/abc"), "an encoded star is no star");
    }

    #[test]
    fn the_line_is_named() {
        let rules = Rules::parse("# xin chào\r\n\r\nUser-agent: *\r\nDisallow: /tin # not yet\r\n");
        let line = rules.forbids(&"https://a.vn/tin-tuc".parse().unwrap()).unwrap();
        assert_eq!((line.number, line.to_string().as_str()), (4, "Disallow: /tin"));
        let rules = Rules::parse("\u{feff}User-agent: *\rDisallow: /tin\r");
        assert_eq!(rules.forbids(&"https://a.vn/tin-tuc".parse().unwrap()).unwrap().number, 2);
    }

    #[test]
    fn a_delay_is_obeyed_within_reason() {
        let delay = |text: &str| Rules::parse(text).delay();
        assert_eq!(delay("User-agent: *\nCrawl-delay: 2.5\n"), Duration::from_millis(2500));
        assert_eq!(delay("User-agent: *\nCrawl-delay: 86400\n"), MAX_DELAY);
        for wrong in ["-1", "NaN", "inf", "soon", "1e999", ""] {
            assert_eq!(delay(&format!("User-agent: *\nCrawl-delay: {wrong}\n")), Duration::ZERO, "{wrong}");
        }
        assert_eq!(delay("User-agent: bantin\nDisallow:\n\nUser-agent: *\nCrawl-delay: 9\n"), Duration::ZERO);
    }

    #[test]
    fn patterns_made_to_be_slow_are_not() {
        let text = format!("User-agent: *\n{}", format!("Disallow: /{}b$\n", "*a".repeat(100)).repeat(2000));
        let rules = Rules::parse(&text);
        let url: Url = format!("https://a.vn/{}", "a".repeat(4000)).parse().unwrap();
        let began = crate::clock::cpu_time();
        assert!(rules.forbids(&url).is_none());
        assert!(crate::clock::cpu_time().saturating_sub(began).as_secs() < if cfg!(debug_assertions) { 20 } else { 1 });
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text: String, path in "/[ -~]{0,40}") {
            if let Ok(url) = format!("https://a.vn{path}").parse::<Url>() {
                Rules::parse(&text).forbids(&url);
                Rules::parse(&format!("user-agent:*\ndisallow:{text}\nallow:{path}")).forbids(&url);
            }
        }
    }
}
