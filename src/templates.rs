//! The templates of pages, mails and posts (minijinja): built in, and overridable file by file from the
//! folder `templates` of the configuration. Every template can say `t("key", name=value)` in the language of
//! its context's `lang`, and format moments with the filters `date` and `datetime`.

use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};
use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, State, UndefinedBehavior, Value, escape_formatter,
    syntax::SyntaxConfig,
    value::{Kwargs, Serde},
};

use crate::article::text;
use crate::config::Language;
use crate::locale;

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// Every template, ready to render.
#[derive(Debug)]
pub struct Templates {
    env: Environment<'static>,
}

impl Templates {
    /// Loads the built-in templates and those of `overrides`, which win.
    ///
    /// # Errors
    /// A template that does not parse, with its name, line and what is wrong.
    pub fn load(overrides: Option<&Path>) -> Result<Self, Error> {
        let mut env = environment()?;
        for (name, source) in sources(overrides) {
            env.add_template_owned(name, source?)?;
        }
        Ok(Self { env })
    }

    /// The files of `overrides` that are no templates, and why: all of them, where [`Self::load`] tells the first.
    pub fn faults(overrides: Option<&Path>) -> Vec<(PathBuf, Error)> {
        let Some(folder) = overrides else { return Vec::new() };
        let mut env = match environment() {
            Ok(env) => env,
            Err(error) => return vec![(folder.to_owned(), error)],
        };
        sources(overrides)
            .filter_map(|(name, source)| {
                let added = source.and_then(|source| env.add_template_owned(name.clone(), source));
                added.err().map(|error| (folder.join(name), error))
            })
            .collect()
    }

    /// Whether there is a template of that name.
    pub fn has(&self, name: &str) -> bool {
        self.env.get_template(name).is_ok()
    }

    /// A template that makes JSON, from its source: one of the built-in ones (`webhook/slack.json`) or an admin's own.
    ///
    /// # Errors
    /// A template that is not there or does not parse.
    pub fn json(&self, source: JsonSource<'_>) -> Result<JsonTemplate, Error> {
        let (name, source) = match source {
            JsonSource::Named(name) => (name, self.env.get_template(name)?.source().to_owned()),
            JsonSource::Text(name, text) => (name, text.to_owned()),
        };
        JsonTemplate::new(name, source)
    }

    /// Renders one template ("page/section.html", "email/post/subject") with a serialisable context.
    ///
    /// # Errors
    /// Whatever the template does wrong, with its name and line.
    pub fn render(&self, name: &str, context: impl serde::Serialize) -> Result<String, Error> {
        self.env.get_template(name)?.render(Value::from(Serde(context)))
    }
}

/// What all templates have: their escaping, filters and functions.
fn environment() -> Result<Environment<'static>, Error> {
    let mut env = Environment::new();
    env.set_auto_escape_callback(|name| {
        let is_html = Path::new(name).extension().is_some_and(|end| end == "html");
        if is_html || name.starts_with("telegram/") { AutoEscape::Html } else { AutoEscape::None }
    });
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?;
    env.set_syntax(syntax);
    env.set_formatter(|out, state, value| {
        match (state.auto_escape(), value.as_str()) {
            // The engine's own escaping also writes `/` as `&#x2f;`, which makes every link in a mail longer
            // and harder to read for no gain.
            (AutoEscape::Html, Some(text)) if !value.is_safe() => out.write_str(&escape(text)).map_err(Error::from),
            _ => escape_formatter(out, state, value),
        }
    });
    env.add_function("t", translate);
    env.add_filter("date", |state: &State, ms: i64, zone: Option<String>| moment(state, ms, zone.as_deref(), false));
    env.add_filter("datetime", |state: &State, ms: i64, zone: Option<String>| moment(state, ms, zone.as_deref(), true));
    Ok(env)
}

/// Every template by name: those of `overrides` in place of the built-in ones, and posts of single chats beside them.
fn sources(overrides: Option<&Path>) -> impl Iterator<Item = (String, Result<String, Error>)> {
    let read = |own: &Path| {
        std::fs::read_to_string(own).map_err(|error| {
            Error::new(ErrorKind::TemplateNotFound, format!("{} cannot be read: {error}", own.display()))
        })
    };
    let (mut pending, mut found) = (vec![&BUILT_IN], Vec::new());
    while let Some(dir) = pending.pop() {
        pending.extend(dir.dirs());
        for file in dir.files() {
            let (Some(name), Some(source)) = (file.path().to_str(), file.contents_utf8()) else { continue };
            let own = overrides.map(|folder| folder.join(name)).filter(|path| path.is_file());
            found.push((name.to_owned(), own.map_or_else(|| Ok(source.to_owned()), |own| read(&own))));
        }
    }
    let posts = overrides.into_iter().flat_map(|folder| std::fs::read_dir(folder.join("telegram"))).flatten().flatten();
    for own in posts {
        let name = format!("telegram/{}", own.file_name().to_string_lossy());
        if Path::new(&name).extension().is_some_and(|end| end == "html")
            && found.iter().all(|(known, _)| *known != name)
        {
            found.push((name, read(&own.path())));
        }
    }
    found.into_iter()
}

/// Where a template that makes JSON comes from.
#[derive(Debug, Clone, Copy)]
pub enum JsonSource<'a> {
    /// One of those that are loaded.
    Named(&'a str),
    /// A name for messages, and the text.
    Text(&'a str, &'a str),
}

/// A template that makes JSON. Whatever it prints is printed as a JSON value, quotes and all, and nothing it can say
/// turns that off: no text of an article can become anything but a text.
#[derive(Debug)]
pub struct JsonTemplate {
    env: Environment<'static>,
    name: String,
}

impl JsonTemplate {
    fn new(name: &str, source: String) -> Result<Self, Error> {
        let mut env = Environment::new();
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?;
        env.set_syntax(syntax);
        env.set_undefined_behavior(UndefinedBehavior::Chainable);
        env.set_fuel(Some(JSON_FUEL));
        // What a macro or a block made is JSON by now; nothing else can be called so.
        for escape in ["safe", "escape", "e", "tojson"] {
            env.remove_filter(escape);
        }
        env.set_auto_escape_callback(|_| AutoEscape::Custom("json".into()));
        env.set_formatter(|out, _, value| {
            if value.is_safe() {
                return out.write_str(value.as_str().unwrap_or_default()).map_err(Error::from);
            }
            let json = serde_json::to_string(value)
                .map_err(|fault| Error::new(ErrorKind::BadSerialization, fault.to_string()))?;
            out.write_str(&json).map_err(Error::from)
        });
        env.add_function("t", translate);
        env.add_filter("shorten", |text: String, max: usize| shorten_units(&text, max));
        env.add_filter("html", |text: String| escape(&text));
        env.add_filter("slack", |text: String| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"));
        env.add_filter("markdown", |text: String| markdown(&text));
        env.add_template_owned(name.to_owned(), source)?;
        Ok(Self { env, name: name.to_owned() })
    }

    /// Renders it; `None` where it prints nothing but white space.
    ///
    /// # Errors
    /// Whatever the template does wrong, or what is wrong with the JSON it makes.
    pub fn render(&self, context: impl serde::Serialize) -> Result<Option<serde_json::Value>, String> {
        let made = self.env.get_template(&self.name).and_then(|own| own.render(Value::from(Serde(context))));
        let made = made.map_err(|fault| fault.to_string())?;
        if made.trim().is_empty() {
            return Ok(None);
        }
        serde_json::from_str(&made).map(Some).map_err(|fault| format!("{} makes no JSON: {fault}", self.name))
    }
}

/// The most steps of one rendering of a template that makes JSON.
const JSON_FUEL: u64 = 1_000_000;

/// Cut at a word to so many UTF-16 units, which is what services count in.
fn shorten_units(text: &str, max: usize) -> String {
    let mut chars = max;
    loop {
        let cut = text::shorten(text, chars);
        let over = cut.encode_utf16().count().saturating_sub(max);
        if over == 0 || chars == 0 {
            return cut;
        }
        chars = chars.saturating_sub(over.div_ceil(2).max(1));
    }
}

/// Text in Markdown, in which no sign means anything.
fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    for c in text.chars() {
        if matches!(c, '\\' | '*' | '_' | '~' | '`' | '|' | '[' | ']' | '(' | ')' | '<' | '>' | '#' | '@') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Text for HTML and for attributes in quotes; also what Telegram's HTML wants.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// The language of the rendering's context (`lang`), Vietnamese where it says nothing.
fn language(state: &State) -> Language {
    state.lookup("lang").and_then(|v| v.as_str().and_then(Language::from_tag)).unwrap_or_default()
}

#[expect(clippy::needless_pass_by_value, reason = "the template engine calls it so")]
fn translate(state: &State, key: &str, args: Kwargs) -> Result<String, Error> {
    let mut named = Vec::new();
    for name in args.args() {
        let value: Value = args.get(name)?;
        named.push((name.to_owned(), value.to_string()));
    }
    locale::try_text(language(state), key, &named)
        .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, format!("no text {key:?} in locales/")))
}

fn moment(state: &State, ms: i64, zone: Option<&str>, with_time: bool) -> Result<String, Error> {
    let zone: chrono_tz::Tz = zone
        .unwrap_or("Asia/Ho_Chi_Minh")
        .parse()
        .map_err(|_| Error::new(ErrorKind::InvalidOperation, "unknown time zone"))?;
    Ok(locale::moment(language(state), &crate::clock::from_ms(ms).with_timezone(&zone), with_time))
}
