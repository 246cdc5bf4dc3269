//! A sitemap's XML, read as a stream: no tree, no document type, no entities but the five of XML, bounded counts.

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

/// Most addresses read: what the standard allows in one file.
const MAX_ENTRIES: usize = 50_000;
/// Longest text of one field, in bytes.
const MAX_TEXT: usize = 2560;
/// Deepest nesting.
const MAX_DEPTH: usize = 32;

/// What a sitemap says.
#[derive(Debug, Default)]
pub struct Sitemap {
    /// It lists sitemaps, not pages.
    pub is_index: bool,
    /// Its entries, in its order.
    pub entries: Vec<Entry>,
    /// There are more entries than are read.
    pub cut: bool,
}

/// One `url` or `sitemap`, every text as written.
#[derive(Debug, Default)]
pub struct Entry {
    /// The address.
    pub loc: String,
    /// When it last changed.
    pub lastmod: Option<String>,
    /// Whether it has a `news:news`.
    pub is_news: bool,
    /// `news:title`.
    pub title: Option<String>,
    /// `news:publication_date`.
    pub published: Option<String>,
    /// `news:keywords`.
    pub keywords: String,
    /// The first `image:loc`.
    pub image: Option<String>,
}

/// A field whose text is being gathered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Loc,
    Lastmod,
    Title,
    Published,
    Keywords,
    Image,
}

/// Reads a sitemap; what is wrong with it in words. A file that is cut off gives what stands before the cut.
pub fn sitemap(xml: &str) -> Result<Sitemap, String> {
    let mut reader = Reader::from_str(xml);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    // Addresses with a bare `&` are common.
    config.allow_dangling_amp = true;
    let mut out = Sitemap::default();
    let mut open: Vec<String> = Vec::new();
    let mut entry: Option<Entry> = None;
    let mut field: Option<(Field, String)> = None;
    loop {
        let place = reader.buffer_position();
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(_) if !out.entries.is_empty() => break,
            Err(error) => return Err(format!("the sitemap is not well-formed XML at byte {place}: {error}")),
        };
        match event {
            Event::Eof => break,
            Event::DocType(declared) if declared.contains('[') => {
                return Err("it has a document type with definitions of its own, which is not read: entities can be \
                            made to explode"
                    .to_owned());
            }
            Event::Start(tag) => {
                if open.len() >= MAX_DEPTH {
                    return Err(format!("its elements are nested deeper than {MAX_DEPTH}"));
                }
                let name = tag.local_name().as_ref().to_owned();
                match name.as_str() {
                    "sitemapindex" if open.is_empty() => out.is_index = true,
                    "url" | "sitemap" if open.len() == 1 => entry = Some(Entry::default()),
                    _ => {}
                }
                if let Some(entry) = &mut entry {
                    entry.is_news |= name == "news";
                    field = gathered(&name, open.last().map_or("", String::as_str)).map(|field| (field, String::new()));
                }
                open.push(name);
            }
            Event::Text(text) => gather(&mut field, &text),
            Event::CData(text) => gather(&mut field, &text),
            Event::GeneralRef(reference) => gather(&mut field, &resolved(&reference)),
            Event::End(_) => {
                open.pop();
                if let (Some(entry), Some((field, text))) = (&mut entry, field.take()) {
                    entry.set(field, text.trim().to_owned());
                }
                if open.len() == 1
                    && let Some(done) = entry.take().filter(|entry| !entry.loc.is_empty())
                {
                    out.entries.push(done);
                    if out.entries.len() >= MAX_ENTRIES {
                        out.cut = true;
                        break;
                    }
                }
            }
            _ => {}
        }
    }
    Ok(out)
}

/// The field that an element holds, by its name and the element around it.
fn gathered(name: &str, around: &str) -> Option<Field> {
    match (around, name) {
        ("url" | "sitemap", "loc") => Some(Field::Loc),
        ("url" | "sitemap", "lastmod") => Some(Field::Lastmod),
        ("news", "title") => Some(Field::Title),
        ("news", "publication_date") => Some(Field::Published),
        ("news", "keywords") => Some(Field::Keywords),
        ("image", "loc") => Some(Field::Image),
        _ => None,
    }
}

fn gather(field: &mut Option<(Field, String)>, text: &str) {
    if let Some((_, gathered)) = field {
        let left = MAX_TEXT.saturating_sub(gathered.len());
        gathered.extend(text.chars().take(left));
    }
}

/// A reference as text: a character, one of the five names of XML, else as it is written.
fn resolved(reference: &BytesRef<'_>) -> String {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return character.to_string();
    }
    let name: &str = reference;
    match name {
        "amp" => "&".to_owned(),
        "lt" => "<".to_owned(),
        "gt" => ">".to_owned(),
        "quot" => "\"".to_owned(),
        "apos" => "'".to_owned(),
        other => format!("&{other};"),
    }
}

impl Entry {
    fn set(&mut self, field: Field, text: String) {
        if text.is_empty() {
            return;
        }
        match field {
            Field::Loc => self.loc = text,
            Field::Lastmod => self.lastmod = Some(text),
            Field::Title => self.title = Some(text),
            Field::Published => self.published = Some(text),
            Field::Keywords => self.keywords = text,
            Field::Image => self.image = self.image.take().or(Some(text)),
        }
    }
}
