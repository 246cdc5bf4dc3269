//! Writes a page beyond the limits anew, within them. Every element that is closed gets an explicit end tag, on
//! top of the open elements, so that no parser can have more open than this pass.

use std::collections::HashMap;

use super::names::{self, Name, is_formatting};
use super::scan::{Kind, Scanner, Tag};
use super::{
    LONG, MAX_ALL_ATTRIBUTES, MAX_DEPTH, MAX_FORMATTING, MAX_TAGS, MAX_TEXT, MAX_WRITING, Open, in_pieces,
    is_slow_to_write,
};

/// The page written anew, and what there is too much of, where it was cut.
pub fn rebuild(html: &str) -> (String, Option<&'static str>) {
    let mut writer = Writer {
        out: String::with_capacity(html.len().min(1 << 20)),
        open: Open::default(),
        dropped: HashMap::new(),
        run: (0, 0),
    };
    let mut cut = None;
    let mut scanner = Scanner::new(html);
    while let Some(piece) = scanner.next() {
        match piece.kind {
            Kind::Doctype => writer.out.push_str(piece.raw),
            Kind::Text => {
                let text = writer.open.count_text(piece.raw);
                writer.text(text);
                if text.len() < piece.raw.len() {
                    cut = Some("text");
                    break;
                }
            }
            Kind::Comment | Kind::Cdata | Kind::Odd => {}
            Kind::End(name) => {
                if !writer.open.count(None) {
                    cut = Some(too_much(&writer.open));
                    break;
                }
                writer.end(name);
            }
            Kind::Start(tag) => {
                if !writer.open.count(Some(&tag)) {
                    cut = Some(too_much(&writer.open));
                    break;
                }
                let content = if tag.name.is_raw() && !(tag.self_closing && writer.open.foreign > 0) {
                    Some(scanner.raw(tag.name).unwrap_or_default())
                } else {
                    None
                };
                writer.start(&tag, content);
            }
        }
    }
    (writer.out, cut)
}

/// What a page that asked for too much has too much of.
fn too_much(open: &Open<'_>) -> &'static str {
    match () {
        () if open.tags > MAX_TAGS => "tags",
        () if open.attributes > MAX_ALL_ATTRIBUTES => "attributes",
        () if open.text > MAX_TEXT => "text",
        () => "tags within each other",
    }
}

struct Writer<'a> {
    out: String,
    open: Open<'a>,
    /// How many start tags of a name were dropped and wait for their end tags, which go with them.
    dropped: HashMap<String, usize>,
    /// Length of the text since the last tag that was written, and how much of it is escaped: text on both sides of
    /// what is left out melts into one.
    run: (usize, usize),
}

impl<'a> Writer<'a> {
    fn start(&mut self, tag: &Tag<'a>, raw: Option<&'a str>) {
        let name = tag.name;
        if name.is_dropped() {
            return;
        }
        if name.is_root() {
            // A second one only adds attributes to the first.
            if self.open.tags < 64 {
                self.emit(tag);
            }
            return;
        }
        if let Some(content) = raw {
            self.raw(tag, content);
            return;
        }
        self.imply_ends(name);
        if name.is_table_part() && self.open.tables == 0 && self.open.special == 0 {
            return;
        }
        if name.is_void() || (tag.self_closing && self.open.foreign > 0) {
            self.emit(tag);
            if self.open.foreign > 0 && !(name.is_void() && name.leaves_foreign()) {
                self.emit_end(name);
            }
            return;
        }
        let too_deep = self.open.depth() + if name.is("table") { 3 } else { 1 } > MAX_DEPTH;
        if too_deep || is_formatting(name) && self.open.formatting >= MAX_FORMATTING {
            *self.dropped.entry(name.0.to_ascii_lowercase()).or_default() += 1;
            return;
        }
        self.emit(tag);
        self.open.push(name);
    }

    /// Text, in pieces where it would be slow to write.
    fn text(&mut self, text: &str) {
        let escaped = text.bytes().filter(|b| matches!(b, b'&' | 0xC2 | b'<' | b'>')).count();
        self.run = (self.run.0 + text.len(), self.run.1 + escaped);
        if self.run.0 <= LONG || self.run.0.saturating_mul(self.run.1) <= MAX_WRITING {
            self.piece(text);
        } else if self.open.special == 0 {
            for piece in in_pieces(text) {
                self.out.push_str("<br>");
                self.piece(piece);
            }
            self.run = (0, 0);
        }
    }

    /// Text. A `<` that began no tag could begin one when the tag behind it is dropped.
    fn piece(&mut self, text: &str) {
        match text.strip_prefix('<') {
            Some(rest) => {
                self.out.push_str("&lt;");
                self.out.push_str(rest);
            }
            None => self.out.push_str(text),
        }
    }

    /// An element with raw text: written whole, and so that it means the same where it is read as markup.
    fn raw(&mut self, tag: &Tag<'a>, content: &str) {
        let name = tag.name;
        let kept = if name.is_shown() {
            content.get(..content.floor_char_boundary(LONG)).unwrap_or(content).replace('<', "&lt;")
        } else if name.is("script") && self.open.special == 0 && !names::hides_script(content) {
            content.to_owned()
        } else {
            String::new()
        };
        if name.is("style") || self.open.special > 0 {
            return;
        }
        self.emit(tag);
        self.out.push_str(&kept);
        self.emit_end(name);
    }

    fn end(&mut self, name: Name<'a>) {
        if name.is_root() || name.is_void() || name.is_dropped() {
            return;
        }
        if let Some(waiting) = self.dropped.get_mut(&name.0.to_ascii_lowercase())
            && *waiting > 0
        {
            *waiting -= 1;
            return;
        }
        let mut between = false;
        let mut barriers = self.open.barriers.iter().rev().peekable();
        for (at, open) in self.open.stack.iter().enumerate().rev() {
            let barrier = barriers.next_if(|&&barrier| barrier == at).is_some();
            if open.same(name) {
                // `<b><div></b>`: closing the div would take its content from it; the b is closed with it later.
                if !(is_formatting(name) && between) {
                    self.close_to(at);
                }
                return;
            }
            if barrier && !(name.is_table_part() || name.is_barrier()) && self.open.special == 0 {
                return;
            }
            between |= !is_formatting(*open);
        }
    }

    /// Writes the ends that a start tag implies: `<p>` after `<p>`, `<li>` after `<li>`, `<td>` after `<td>`, ….
    fn imply_ends(&mut self, name: Name<'a>) {
        if self.open.special > 0 {
            if name.is("select") || name.is("option") || name.is("optgroup") {
                self.close_above(&[name.0], &["select"]);
            }
            return;
        }
        if name.closes_p() {
            self.close_above(&["p"], &[]);
        }
        if name.is("li") {
            self.close_above(&["li"], &["ul", "ol", "menu"]);
        } else if name.is("dd") || name.is("dt") {
            self.close_above(&["dd", "dt"], &["dl"]);
        } else if name.is("button") {
            self.close_above(&["button"], &[]);
        } else if name.is("option") || name.is("optgroup") {
            self.close_above(&["option"], &[]);
        } else if name.is("td") || name.is("th") {
            self.close_above(&["td", "th", "caption"], &["table", "tr"]);
        } else if name.is("tr") {
            self.close_above(&["tr", "caption", "colgroup"], &["table"]);
        } else if name.is_table_part() {
            self.close_above(&["tbody", "thead", "tfoot", "caption", "colgroup", "tr"], &["table"]);
        }
    }

    /// Closes the outermost element of `names` that stands above the nearest of `limits` (or any barrier that is
    /// not named), with all above it.
    fn close_above(&mut self, names: &[&str], limits: &[&str]) {
        // Most tags end a paragraph, and few stand in one.
        if names == ["p"] && self.open.paragraphs == 0 {
            return;
        }
        let mut found = None;
        let mut barriers = self.open.barriers.iter().rev().peekable();
        for (at, open) in self.open.stack.iter().enumerate().rev() {
            let barrier = barriers.next_if(|&&barrier| barrier == at).is_some();
            if names.iter().any(|name| open.is(name)) {
                found = Some(at);
                continue;
            }
            let table = limits.contains(&"table");
            let inside_table = table && (open.is_table_part() || open.is("button") || open.is("object"));
            if limits.iter().any(|limit| open.is(limit)) || (barrier && !inside_table) {
                break;
            }
        }
        if let Some(at) = found {
            self.close_to(at);
        }
    }

    /// Closes everything from the top down to and with the element at `at`.
    fn close_to(&mut self, at: usize) {
        while self.open.stack.len() > at {
            if let Some(name) = self.open.pop() {
                self.emit_end(name);
            }
        }
    }

    fn emit(&mut self, tag: &Tag<'a>) {
        self.run = (0, 0);
        if is_slow_to_write(tag.head) {
            self.out.push('<');
            self.out.push_str(tag.name.0);
        } else {
            self.out.push_str(tag.head);
        }
        self.out.push('>');
    }

    fn emit_end(&mut self, name: Name<'a>) {
        self.run = (0, 0);
        self.out.push_str("</");
        self.out.push_str(name.0);
        self.out.push('>');
    }
}
