//! Single values as they are written, read into what they mean. Every error is a sentence without a full stop that
//! never repeats a secret.

use std::net::IpAddr;
use std::path::{Component, Path, PathBuf};

use chrono_tz::{TZ_VARIANTS, Tz};
use lettre::Address;
use lettre::message::Mailbox;
use url::Url;

use super::suggest::nearest;
use super::{Rate, Tls};

/// A time zone by its IANA name.
pub fn zone(text: &str) -> Result<Tz, String> {
    text.parse().map_err(|_| match nearest(text, TZ_VARIANTS.iter().map(|zone| zone.name())) {
        Some(meant) => format!("\"{text}\" is not a time zone; did you mean \"{meant}\"?"),
        None => format!("\"{text}\" is not a time zone"),
    })
}

/// An http or https address.
pub fn web_address(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|fault| not_an_address(text, fault))?;
    match url.scheme() {
        "http" | "https" => without_login(url),
        other => Err(format!("the address begins with \"{other}:\" instead of https: or http:")),
    }
}

/// A proxy: `http://host:port`.
pub fn proxy(text: &str) -> Result<Url, String> {
    let url = web_address(text)?;
    if url.path() == "/" && url.query().is_none() && url.fragment().is_none() {
        Ok(url)
    } else {
        Err("a proxy is a host and a port, without a path".to_owned())
    }
}

/// The public address: http or https, no query; ends with `/`.
pub fn base_url(text: &str) -> Result<Url, String> {
    let mut url = web_address(text)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err("the public address ends with a path, without `?` or `#`".to_owned());
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

/// Where a section is found: http, https, or `file:` with a path that may be relative to `folder`.
pub fn source_address(text: &str, folder: &Path) -> Result<Url, String> {
    let Some(rest) = text.strip_prefix("file:") else {
        return match Url::parse(text) {
            Err(url::ParseError::RelativeUrlWithoutBase) if !text.contains("://") && looks_like_path(text, folder) => {
                Err(format!("\"{text}\" looks like a path; write \"file:{text}\""))
            }
            _ => web_address(text),
        };
    };
    let url = if rest.starts_with("//") {
        Url::parse(text).map_err(|fault| not_an_address(text, fault))?
    } else if rest.is_empty() {
        return Err("a file: address needs a path".to_owned());
    } else {
        let path = clean(&folder.join(rest));
        let url = if rest.ends_with('/') { Url::from_directory_path(&path) } else { Url::from_file_path(&path) };
        url.map_err(|()| format!("\"{text}\" is not a path"))?
    };
    let path = url.to_file_path().map_err(|()| "a file: address has no host; write file:///path".to_owned())?;
    // A folder ends with a slash, so that the files in it can be joined to it.
    if path.is_dir() {
        Url::from_directory_path(&path).map_err(|()| format!("\"{text}\" is not a path"))
    } else {
        Ok(url)
    }
}

fn looks_like_path(text: &str, folder: &Path) -> bool {
    text.starts_with(['.', '/']) || folder.join(text).exists()
}

fn not_an_address(text: &str, fault: url::ParseError) -> String {
    match fault {
        url::ParseError::RelativeUrlWithoutBase => {
            format!("\"{text}\" is not a whole address; did you mean \"https://{}\"?", text.trim_start_matches('/'))
        }
        // The text is not repeated: a login may stand in it.
        fault => format!("this is not an address: {fault}"),
    }
}

fn without_login(url: Url) -> Result<Url, String> {
    if url.username().is_empty() && url.password().is_none() {
        Ok(url)
    } else {
        Err("an address here cannot carry a user and password".to_owned())
    }
}

/// A path against the file's folder, without `.` and `..`.
pub fn path(text: &str, folder: &Path) -> PathBuf {
    clean(&folder.join(text))
}

fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(clean.pop()),
            other => clean.push(other),
        }
    }
    clean
}

/// Address and port to listen on.
pub fn listen(text: &str) -> Result<String, String> {
    let Some((host, port)) = text.rsplit_once(':') else {
        return Err(format!("\"{text}\" has no port"));
    };
    let port_known = port.parse::<u16>().is_ok();
    if host.is_empty() && port_known {
        return Err(format!("\"{text}\" names no address; write \"0.0.0.0{text}\" to listen on all of them"));
    }
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let host_known = match bare {
        Some(host) => host.parse::<std::net::Ipv6Addr>().is_ok(),
        None => host.parse::<std::net::Ipv4Addr>().is_ok() || host_name(host),
    };
    if !port_known {
        return Err(format!("\"{port}\" is not a port between 0 and 65535"));
    }
    if host_known { Ok(text.to_owned()) } else { Err(format!("\"{host}\" is not an address of this machine")) }
}

fn host_name(text: &str) -> bool {
    !text.is_empty()
        && text.chars().any(|letter| letter.is_ascii_alphabetic())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.'))
}

/// An IP address.
pub fn ip(text: &str) -> Result<IpAddr, String> {
    text.parse().map_err(|_| format!("\"{text}\" is not an IP address"))
}

/// `Name <address>` or an address alone. The name may be of any script, with or without quotes.
pub fn mailbox(text: &str) -> Result<Mailbox, String> {
    let text = text.trim();
    let (name, address) = match text.split_once('<') {
        Some((name, rest)) => {
            let address = rest.strip_suffix('>').ok_or_else(|| format!("\"{text}\" lacks the closing `>`"))?;
            (Some(name.trim().trim_matches('"').to_owned()).filter(|name| !name.is_empty()), address)
        }
        None => (None, text),
    };
    let address: Address =
        address.trim().parse().map_err(|_| format!("\"{}\" is not an e-mail address", address.trim()))?;
    Ok(Mailbox::new(name, address))
}

/// A path into JSON: names with dots between.
pub fn json_path(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.split('.').any(str::is_empty) {
        return Err(format!("\"{text}\" is not a path into JSON"));
    }
    if text.contains(['{', '}', '[', ']']) {
        return Err(format!("\"{text}\" is not a path into JSON: a position is a name too, as in \"items.0\""));
    }
    Ok(text.to_owned())
}

/// A path into JSON, or an address with paths in braces.
pub fn json_address(text: &str) -> Result<String, String> {
    let text = text.trim();
    if !text.contains(['{', '}']) {
        return json_path(text);
    }
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (path, after) = after.split_once('}').ok_or_else(|| format!("\"{text}\" lacks a closing brace"))?;
        if before.contains('}') {
            return Err(format!("\"{text}\" has a brace too many"));
        }
        json_path(path)?;
        rest = after;
    }
    if rest.contains('}') { Err(format!("\"{text}\" has a brace too many")) } else { Ok(text.to_owned()) }
}

/// The name of a script or variable, a selector that begins with `script`, or `SELECTOR@ATTRIBUTE`.
pub fn script(text: &str) -> Result<String, String> {
    let text = text.trim();
    match text.rsplit_once('@') {
        _ if text.is_empty() => Err("an empty text".to_owned()),
        Some((css, attribute)) if attribute.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') => {
            selector(css).map(|_| text.to_owned())
        }
        _ if text.starts_with("script") => selector(text),
        _ => Ok(text.to_owned()),
    }
}

/// `30/m, 2000/d`.
pub fn rate(text: &str) -> Result<Rate, String> {
    let mut rate = Rate::default();
    for part in text.split(',').map(str::trim) {
        let wrong = || format!("\"{part}\" is not a rate like \"30/m\"");
        let (count, unit) = part.split_once('/').ok_or_else(wrong)?;
        let count: u32 = count.trim().parse().map_err(|_| wrong())?;
        if count == 0 {
            return Err(format!("\"{part}\" would send nothing"));
        }
        let place = match unit.trim() {
            "s" => &mut rate.per_second,
            "m" | "min" => &mut rate.per_minute,
            "h" => &mut rate.per_hour,
            "d" => &mut rate.per_day,
            _ => return Err(format!("\"{part}\" is not per s, m, h or d")),
        };
        if place.replace(count).is_some() {
            return Err(format!("two rates per {}", unit.trim()));
        }
    }
    Ok(rate)
}

/// A relay's address without its window and rate.
#[derive(Debug, PartialEq, Eq)]
pub struct RelayAddress {
    pub host: String,
    pub port: u16,
    pub tls: Tls,
    pub user: Option<String>,
    pub password: Option<String>,
}

/// `smtp://user@host:port?tls=required|opportunistic|none` or `smtps://user@host:port`. Without `tls`, STARTTLS is
/// required where there is a login or the port is 587, taken where offered elsewhere, and left out on loopback.
pub fn relay(text: &str) -> Result<RelayAddress, String> {
    let url = Url::parse(text).map_err(|_| "this is not the address of a relay".to_owned())?;
    let implicit = match url.scheme() {
        "smtp" => false,
        "smtps" => true,
        other => return Err(format!("the relay's address begins with \"{other}:\" instead of smtp: or smtps:")),
    };
    let host = url.host_str().map(decoded).filter(|host| !host.is_empty()).ok_or("the relay's address has no host")?;
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    if !matches!(url.path(), "" | "/") {
        return Err("the relay's address has a path".to_owned());
    }
    let user = Some(decoded(url.username())).filter(|user| !user.is_empty());
    let password = url.password().map(decoded).filter(|password| !password.is_empty());
    let mut wanted = None;
    for (key, value) in url.query_pairs() {
        if key != "tls" {
            return Err("the relay's address takes `?tls=…` only".to_owned());
        }
        wanted = Some(match value.as_ref() {
            "required" => Tls::Required,
            "opportunistic" => Tls::Opportunistic,
            "none" => Tls::None,
            _ => return Err("`tls` is required, opportunistic or none".to_owned()),
        });
    }
    let port = url.port().unwrap_or(match (implicit, &user) {
        (true, _) => 465,
        (false, Some(_)) => 587,
        (false, None) => 25,
    });
    let local = host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    let tls = match (implicit, wanted) {
        (true, Some(_)) => return Err("smtps: is encrypted from the start; leave `tls` out".to_owned()),
        (true, None) => Tls::Implicit,
        (false, Some(wanted)) => wanted,
        (false, None) if local => Tls::None,
        (false, None) if user.is_some() || port == 587 => Tls::Required,
        (false, None) => Tls::Opportunistic,
    };
    Ok(RelayAddress { host, port, tls, user, password })
}

fn decoded(text: &str) -> String {
    // The url crate keeps what is between `:` and `@` encoded; its form decoder would turn `+` into a space.
    let pairs = format!("x={}", text.replace('+', "%2B"));
    url::form_urlencoded::parse(pairs.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// `@name` or a chat's number.
pub fn chat(text: &str) -> Result<String, String> {
    if let Some(name) = text.strip_prefix('@') {
        let fits = name.len() >= 4 && name.len() <= 32 && name.starts_with(|letter: char| letter.is_ascii_alphabetic());
        if fits && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
            return Ok(text.to_owned());
        }
        return Err(format!("\"{text}\" is not the name of a chat: 4 to 32 Latin letters, digits and `_`"));
    }
    if let Some(name) = text.strip_prefix("https://t.me/").or_else(|| text.strip_prefix("t.me/")) {
        return Err(format!("write \"@{name}\" instead of the link"));
    }
    match text.parse::<i64>() {
        Ok(number) if number != 0 => Ok(number.to_string()),
        _ => Err(format!("\"{text}\" is not a chat")),
    }
}

/// A hashtag, without its `#`.
pub fn hashtag(text: &str) -> Result<String, String> {
    let tag = text.strip_prefix('#').unwrap_or(text);
    let fits = tag.chars().all(|letter| letter.is_alphanumeric() || letter == '_') && tag.chars().count() <= 64;
    if fits && tag.chars().any(char::is_alphabetic) {
        return Ok(tag.to_owned());
    }
    Err(format!("\"{text}\" is not a hashtag"))
}

/// The name of a template.
pub fn template(text: &str) -> Result<String, String> {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    if !text.is_empty() && text.chars().all(fits) {
        Ok(text.to_owned())
    } else {
        Err(format!("\"{text}\" is not a name"))
    }
}

/// Whether a text is a slug: `^[a-z0-9][a-z0-9-]{0,63}$`. The error proposes one that is.
pub fn slug(text: &str) -> Result<(), String> {
    let letters = |text: &str| text.chars().all(|letter| matches!(letter, 'a'..='z' | '0'..='9' | '-'));
    if (1..=64).contains(&text.len()) && letters(text) && !text.starts_with('-') {
        return Ok(());
    }
    let folded = deunicode::deunicode(text).to_lowercase();
    let words: Vec<_> =
        folded.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let proposed: String = words.join("-").chars().take(64).collect();
    let proposed = if proposed.is_empty() { String::new() } else { format!("; did you mean \"{proposed}\"?") };
    Err(format!("\"{text}\" is not a slug{proposed}"))
}

/// `8 MiB` in bytes.
pub fn size(text: &str) -> Result<u64, String> {
    let wrong = || format!("\"{text}\" is not a size");
    let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(digits).ok_or_else(wrong)?;
    let unit: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" | "kib" | "k" => 1024,
        "mb" | "mib" | "m" => 1024 * 1024,
        "gb" | "gib" | "g" => 1024 * 1024 * 1024,
        _ => return Err(wrong()),
    };
    number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit)).ok_or_else(wrong)
}

/// A CSS selector.
pub fn selector(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err("an empty selector".to_owned());
    }
    match dom_query::Matcher::new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err(format!("\"{text}\" is not a CSS selector")),
    }
}

#[cfg(test)]
mod tests;
