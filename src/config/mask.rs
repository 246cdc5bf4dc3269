//! Takes the secrets out of the text of a configuration before anything is drawn on it. It errs on the side of
//! masking: a token is also recognised under a mistyped key, in a broken line, and inside any address.

use toml::de::DeTable;

use super::raw::all_keys;
use super::suggest::alike;
use super::tree::{Entry, entries};

/// Keys whose values are never shown.
const SECRET: [&str; 4] = ["token", "admin_token", "password", "push_key"];

/// The text with every secret replaced by asterisks, byte for byte, so that places stay what they are.
/// `broken`: the lines (from 0) with syntax errors; where there are any, the tree may not hold all of it. `strange`: the paths of unknown keys,
/// under which nobody can say what stands there.
pub fn mask(text: &str, tree: &DeTable<'_>, broken: &[usize], strange: &[String]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for entry in entries(tree).iter().filter(|entry| !matches!(entry.kind, "table" | "array")) {
        let name = entry.name();
        let below = |path: &String| {
            name.strip_prefix(path.as_str()).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
        };
        if is_secret(entry) || entry.kind == "string" && strange.iter().any(below) {
            cover(&mut bytes, entry.value.clone());
        } else {
            let relay = entry.path.iter().any(|key| alike(key, "smtp"));
            cover_login(&mut bytes, entry.value.clone(), relay);
        }
    }
    if !broken.is_empty() {
        cover_lines(&mut bytes, broken);
    }
    // Whole characters were replaced by asterisks; if ever they were not, nothing is shown at all.
    let hidden = |_| text.bytes().map(|byte| if byte == b'\n' { '\n' } else { '*' }).collect();
    String::from_utf8(bytes).unwrap_or_else(hidden)
}

fn is_secret(entry: &Entry) -> bool {
    let keys: Vec<&str> = entry.path.iter().map(String::as_str).filter(|part| !part.starts_with('[')).collect();
    let database = keys.iter().any(|key| alike(key, "database")) && keys.last().is_some_and(|key| alike(key, "url"));
    // The address of a webhook is what its owner is known by.
    let webhook = keys.first().is_some_and(|key| alike(key, "webhook") || alike(key, "webhooks"))
        && (keys.iter().any(|key| alike(key, "headers")) || keys.last().is_some_and(|key| alike(key, "url")));
    database || webhook || keys.iter().any(|key| secret_name(key))
}

fn secret_name(key: &str) -> bool {
    let key = key.to_lowercase();
    let key = key.strip_suffix("_file").map_or(key.as_str(), |_| "");
    key == "key" // of `dkim`: the key itself
        || ["token", "passw", "secret", "credential"].iter().any(|part| key.contains(part))
        || SECRET.iter().any(|secret| alike(key, secret))
}

/// Covers a value, leaving its quotes, and leaving `sqlite:` addresses readable: they hold no secret.
fn cover(bytes: &mut [u8], span: std::ops::Range<usize>) {
    let Some(value) = bytes.get_mut(span) else { return };
    if value.get(1..).is_some_and(|text| text.starts_with(b"sqlite:")) {
        return;
    }
    for byte in value.iter_mut().filter(|byte| !matches!(byte, b'"' | b'\'' | b'\n' | b'\r')) {
        *byte = b'*';
    }
}

/// Covers user and password in any address; in that of a relay, also where its beginning was forgotten.
fn cover_login(bytes: &mut [u8], span: std::ops::Range<usize>, relay: bool) {
    let Some(value) = bytes.get_mut(span) else { return };
    let start = value.windows(3).position(|part| part == b"://").map(|at| at + 3).or(relay.then_some(1));
    let end = value.iter().rposition(|&byte| byte == b'@');
    if let (Some(start), Some(end)) = (start, end)
        && let Some(login) = value.get_mut(start..end)
    {
        login.fill(b'*');
    }
}

/// Covers what follows a secret's name in a line, and the lines after it up to closing quotes, where the tree fails.
fn cover_lines(bytes: &mut [u8], broken: &[usize]) {
    let harmless = all_keys();
    let mut start = 0;
    let mut number = 0;
    let mut inside: Option<Vec<u8>> = None;
    let mut hooks = false;
    while start < bytes.len() {
        let end = bytes.get(start..).and_then(|rest| rest.iter().position(|&byte| byte == b'\n'));
        let end = end.map_or(bytes.len(), |length| start + length);
        let Some(line) = bytes.get_mut(start..end) else { return };
        if line.trim_ascii_start().starts_with(b"[") {
            hooks = is_hook_table(line);
        }
        let unclear = broken.contains(&number) && !begins_with(line, &harmless);
        let sign = line.iter().position(|&byte| byte == b'=').map(|sign| sign + 1);
        let from = if inside.is_some() || unclear {
            Some(0)
        } else if hooks && (sign.is_some() || broken.contains(&number)) {
            sign.or(Some(0)) // the address and the headers are secrets there
        } else {
            secret_from(line)
        };
        if let Some(from) = from {
            let quotes = inside.take().or_else(|| opening(line.get(from..).unwrap_or_default()));
            let closed = quotes.as_ref().is_none_or(|quotes| {
                let rest = line.get(from..).unwrap_or_default();
                let times = rest.windows(quotes.len()).filter(|part| part == quotes).count();
                times >= if from == 0 { 1 } else { 2 }
            });
            inside = if closed { None } else { quotes };
            for byte in
                line.iter_mut().skip(from).filter(|byte| !byte.is_ascii_whitespace() && !matches!(**byte, b'"' | b'\''))
            {
                *byte = b'*';
            }
        }
        start = end + 1;
        number += 1;
    }
}

/// Whether a line opens a table of `[webhook.…]`.
fn is_hook_table(line: &[u8]) -> bool {
    let name: Vec<u8> =
        line.iter().copied().filter(|byte| !matches!(byte, b'[' | b' ' | b'\t' | b'"' | b'\'')).collect();
    let end = name.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(name.len());
    name.get(..end).and_then(|name| std::str::from_utf8(name).ok()).is_some_and(|name| alike(name, "webhook"))
}

/// Whether a line begins with one of the keys bantin knows: what it says is then clear enough to be shown.
fn begins_with(line: &[u8], keys: &[String]) -> bool {
    let line = line.trim_ascii_start();
    let end = line.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_').unwrap_or(line.len());
    line.get(..end).is_some_and(|word| keys.iter().any(|key| key.as_bytes() == word))
}

/// Where in a line the value of a secret begins: after its name and the sign.
fn secret_from(line: &[u8]) -> Option<usize> {
    // Lower case in ASCII only, which moves no byte.
    let Ok(text) = std::str::from_utf8(line).map(str::to_ascii_lowercase) else { return Some(0) };
    let mut start = 0;
    for (end, letter) in text.char_indices().chain([(text.len(), ' ')]) {
        if letter.is_alphanumeric() || letter == '_' {
            continue;
        }
        let word = text.get(start..end).unwrap_or_default();
        if !word.is_empty() && (secret_name(word) || alike(word, "smtp")) {
            let sign = line.get(end..)?.iter().position(|&byte| byte == b'=' || byte == b':');
            return Some(end + sign.map_or(0, |sign| sign + 1));
        }
        start = end + letter.len_utf8();
    }
    // A login inside an address.
    let scheme = text.find("://")?;
    let hook = text.get(..scheme)?.contains("webhook");
    (hook || text.get(scheme..)?.contains('@')).then_some(scheme + 3)
}

/// Three quotes that open a text of several lines.
fn opening(rest: &[u8]) -> Option<Vec<u8>> {
    let rest = rest.trim_ascii_start();
    [b"\"\"\"".as_slice(), b"'''"].into_iter().find(|quotes| rest.starts_with(quotes)).map(<[u8]>::to_vec)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn masked(text: &str) -> String {
        let (tree, errors) = DeTable::parse_recoverable(text);
        let line = |error: &toml::de::Error| text.get(..error.span()?.start).map(|before| before.matches('\n').count());
        let broken: Vec<usize> = errors.iter().filter_map(line).collect();
        mask(text, tree.get_ref(), &broken, &[])
    }

    #[test]
    fn secrets_are_covered_wherever_they_stand() {
        for text in [
            "[telegram]\ntoken = \"CANARY\"",
            "[telegram]\ntokn = 'CANARY'",
            "[email]\nsmtp = [\"smtp://u:CANARY@host\", { url = \"smtps://CANARY@x\", password = \"CANARY\" }]",
            "[database]\nurl = \"postgres://u:CANARY@host/db\"",
            "telegram = { token = \"CANARY\"",
            "[telegram]\ntoken = \"CANARY",
            "[telegram]\ntoken = \"\"\"\nCANARY\nCANARY",
            "token \"CANARY\"",
            "[server]\nadmin_token = \"\"\"x\nCANARY\"\"\"",
            "[section.x]\nurl = \"https://u:CANARY@example.vn/\"",
            "x = [\n[section.x]\nurl = \"https://u:CANARY@example.vn/\"",
            "telegram.tokenn = \"CANARY\"",
            "[server]\nadmintoken = \"ĐẶNG-CANARY-Ễ\"",
        ] {
            let masked = masked(text);
            assert!(!masked.contains("CANARY"), "{masked}");
            assert_eq!(masked.len(), text.len(), "places stay");
        }
    }

    #[test]
    fn the_rest_stays() {
        let text = "base_url = \"https://example.vn\"\n[database]\nurl = \"sqlite:data/x.db\"\n[telegram]\ntoken_file = \"a/b\"";
        assert_eq!(masked(text), text);
    }

    proptest! {
        #[test]
        fn places_stay_whatever_the_text(text in "\\PC*|([a-z\"'=@:/ \\[\\]{}\n]|token|smtp|\"\"\"|://|ễ|İ){0,40}") {
            prop_assert_eq!(masked(&text).len(), text.len());
        }
    }
}
