//! Changes a page the way a redesign or another editor would, so that a reading which hangs on one page's names shows:
//! classes and ids get other names, elements are wrapped once more, boxes of the page's frame change places,
//! paragraphs become `<div>`s or lines with `<br><br>`, attributes other order and case. What a person reads stays.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use dom_query::{Document, NodeRef};

use crate::truth::Truth;

/// A few changed copies of each page, the same on every run.
pub fn copies(pages: &[(Truth, String)], count: usize) -> Vec<(Truth, String)> {
    let mut out = Vec::new();
    for (truth, source) in pages {
        for number in 0..count {
            let mut dice = Dice::of(&format!("{number} {}", truth.name));
            let name = format!("{} #{number}", truth.name);
            out.push((Truth { name, ..truth.clone() }, change(source, truth, &mut dice)));
        }
    }
    out
}

/// A row of numbers that hangs on a name (`SplitMix64`, seeded by FNV-1a).
struct Dice(u64);

impl Dice {
    fn of(name: &str) -> Self {
        Self(
            name.bytes()
                .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)),
        )
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    fn chance(&mut self, per_cent: usize) -> bool {
        self.below(100) < per_cent
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }
}

fn change(source: &str, truth: &Truth, dice: &mut Dice) -> String {
    let tree = Document::from(source);
    // Names that mean something to every browser and reader stay: they are no accident of one site.
    rename(&tree, dice);
    frame(&tree, truth, dice);
    if dice.chance(50) {
        paragraphs(&tree, dice);
    }
    wrap(&tree, dice);
    let html = tree.html().to_string();
    if dice.chance(50) { attributes(&html, dice) } else { html }
}

/// Other names for classes and ids: all of the page, a half, or none.
fn rename(tree: &Document, dice: &mut Dice) {
    let share = [0, 50, 100][dice.below(3)];
    let mut known: HashMap<String, String> = HashMap::new();
    for node in tree.root().descendants() {
        for name in ["class", "id"] {
            let Some(value) = node.attr(name) else { continue };
            let changed: Vec<String> = value
                .split_whitespace()
                .map(|word| {
                    let other = known.entry(word.to_owned()).or_insert_with(|| {
                        if dice.chance(share) { format!("x{:05x}", dice.below(1 << 20)) } else { word.to_owned() }
                    });
                    other.clone()
                })
                .collect();
            node.set_attr(name, &changed.join(" "));
        }
    }
}

/// The boxes beside the article, on every level above it, change places.
fn frame(tree: &Document, truth: &Truth, dice: &mut Dice) {
    let text = |node: &NodeRef<'_>| node.text().split_whitespace().collect::<Vec<_>>().join(" ");
    let needle = |text: &str| text.replace("**", "").chars().take(40).collect::<String>();
    let Some(first) = truth.paragraphs.first().map(|paragraph| needle(paragraph.trim_start_matches("- "))) else {
        return;
    };
    let title = needle(&truth.title);
    let Some(mut node) = tree.body() else { return };
    loop {
        let mut boxes: Vec<NodeRef<'_>> = node.children().into_iter().filter(NodeRef::is_element).collect();
        let Some(home) = boxes.iter().find(|one| text(one).contains(&first) && text(one).contains(&title)).copied()
        else {
            return;
        };
        if dice.chance(60) && node.children().iter().all(|one| one.is_element() || one.text().trim().is_empty()) {
            dice.shuffle(&mut boxes);
            for one in boxes {
                node.append_child(&one);
            }
        }
        node = home;
    }
}

/// Plain paragraphs as `<div>`s, or as lines with two breaks behind them.
fn paragraphs(tree: &Document, dice: &mut Dice) {
    let breaks = dice.chance(50);
    for node in tree.select("p").nodes() {
        let plain = node.attrs().iter().all(|attribute| &*attribute.name.local == "class");
        // A caption or a by-line that only its element tells apart would be lost with it.
        let named = node.attr("class").is_some();
        let alone = node.descendants().iter().any(|inner| inner.has_name("img"));
        if breaks && plain && !named && !alone && node.parent().is_some_and(|parent| parent.has_name("div")) {
            let inner = node.inner_html().to_string();
            node.replace_with_html(format!("{inner}<br><br>"));
        } else {
            node.rename("div");
        }
    }
}

/// One more element around some others, as editors and template engines leave behind.
fn wrap(tree: &Document, dice: &mut Dice) {
    let body = tree.body();
    for node in tree.select("p,div,table,figure,ul,h1,h2,h3,section").nodes() {
        let wrapped = node.parent().is_some_and(|parent| {
            parent.has_name("div") || parent.has_name("td") || body.as_ref().is_some_and(|body| body.id == parent.id)
        });
        if wrapped && dice.chance(12) {
            let around = tree.root().tree.new_element("div");
            node.insert_before(&around.id);
            around.append_child(node);
        } else if (node.has_name("p") || node.has_name("h1")) && dice.chance(12) {
            let inner = node.inner_html().to_string();
            node.set_html(format!("<span>{inner}</span>"));
        }
    }
}

/// Attributes in another order, names in capitals, values in other quotes. Works on the text of the page, as a
/// tree does not remember such things.
fn attributes(html: &str, dice: &mut Dice) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        out.push_str(before);
        let Some(end) = end_of_tag(tag) else { break };
        let (tag, after) = tag.split_at(end);
        rest = after;
        out.push_str(&one_tag(tag, dice));
        // What a script or a style says is no markup.
        for name in ["script", "style"] {
            if tag.starts_with(&format!("<{name}"))
                && let Some(close) = rest.find(&format!("</{name}"))
            {
                out.push_str(&rest[..close]);
                rest = &rest[close..];
            }
        }
    }
    out + rest
}

/// Where a tag ends, past a `>` inside quotes.
fn end_of_tag(tag: &str) -> Option<usize> {
    let mut quoted = false;
    for (at, c) in tag.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '>' if !quoted => return Some(at + 1),
            _ => {}
        }
    }
    None
}

fn one_tag(tag: &str, dice: &mut Dice) -> String {
    let plain = tag.starts_with("</") || tag.starts_with("<!") || !tag.contains('=');
    if plain || !dice.chance(60) {
        return tag.to_owned();
    }
    let inner = tag.trim_start_matches('<').trim_end_matches('>');
    let Some((name, mut rest)) = inner.split_once(' ') else { return tag.to_owned() };
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    // The serialiser writes `name="value"`, one space between.
    while let Some((key, tail)) = rest.split_once("=\"") {
        let Some((value, tail)) = tail.split_once('"') else { return tag.to_owned() };
        all.insert(key.trim().to_owned(), value.to_owned());
        rest = tail;
    }
    let mut list: Vec<(String, String)> = all.into_iter().collect();
    dice.shuffle(&mut list);
    let capitals = dice.chance(50);
    let mut out = format!("<{}", if capitals { name.to_uppercase() } else { name.to_owned() });
    for (key, value) in list {
        let key = if capitals { key.to_uppercase() } else { key };
        let quote = if value.contains('\'') { '"' } else { '\'' };
        let _ = write!(out, " {key}={quote}{value}{quote}");
    }
    out.push('>');
    out
}
