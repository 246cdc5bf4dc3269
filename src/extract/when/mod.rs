//! When a page says it was published and changed. Its metadata, the visible date near the title, the listing and the
//! address are witnesses; where they contradict each other and nothing settles it, the date is absent (promise 3).
//! NukeViet's machine dates are wrong, so there the visible date comes first.

mod address;
mod comments;
mod visible;

#[cfg(test)]
mod tests;

use chrono::{Datelike as _, NaiveDate};

use self::visible::{SHOWN, Shown, Visible};
use super::Context;
use super::date::{self, Options, Stated};
use super::metadata::{self, Metadata, Said};
use super::page::{Page, attribute, text_of};
use crate::article::{Candidate, Moment, SourceDate};
use crate::config::DateOrder;

/// From so many days between its machine date and the date it shows as its last change, a page was written anew.
const RENEWED: i64 = 60;
/// Most `<time>` elements that are asked which of two numbers is the month.
const MOST_TIMES: usize = 40;

/// Published and updated.
pub(super) fn find(
    page: &Page,
    said: &Metadata,
    title: &str,
    candidate: &Candidate,
    context: &Context,
) -> (Option<SourceDate>, Option<SourceDate>) {
    let options = in_doubt(page, said, options(context), context);
    let published = all(&said.published, &options);
    let changed = all(&said.modified, &options);
    let mut updated = changed.first().cloned();
    let own = context.rules.article_date.as_deref().and_then(|selector| {
        let nodes = page.select(selector);
        let stated = nodes.nodes().iter().map(|node| stated(node, &options)).find(|s| *s != Stated::default())?;
        updated = at(stated.updated, "selector").or(updated.take());
        at(stated.published, "selector")
    });
    if own.is_some() {
        return (own, updated);
    }
    let address = address::day(page, &options);
    let stated = published.iter().chain(&changed).chain(&candidate.published).map(|date| date.at).chain(address);
    let own: Vec<NaiveDate> = stated.map(|at| at.day(options.timezone)).collect();
    let everywhere: Vec<NaiveDate> = own.iter().copied().chain(times(page)).collect();
    let shown = visible::find(page, title, visible::Reader { witnesses: &everywhere, own: &own, options: &options });
    let witnesses = Witnesses {
        machine: published,
        changed,
        listed: candidate.published.clone(),
        address: at(address, "address"),
        period: address::period(page),
        options: &options,
    };
    let nukeviet = said.generator.contains("nukeviet");
    let published = if nukeviet {
        // The visible date is right, the machine's are the last edit's, and the listing's minutes are invented.
        updated = None;
        let near = shown.published.as_ref().map(Shown::source);
        near.or_else(|| witnesses.machine.first().cloned()).or_else(|| witnesses.listed.clone())
    } else {
        witnesses.published(&shown)
    };
    let published =
        published.or_else(|| witnesses.late(&shown)).or_else(|| at(stated_in_data(said, &options), "page data"));
    // What a page shows may be its last change, whatever it is called; its comments know better.
    let refuted = |date: &SourceDate| {
        date.provenance.starts_with(SHOWN) && comments::refute(page, date.at.day(options.timezone), &options)
    };
    let (published, renewed) = match published {
        Some(date) if refuted(&date) => (None, Some(date)),
        published => (published, None),
    };
    let updated = updated.or(renewed);
    let newer = |shown: &SourceDate| updated.as_ref().is_none_or(|said| witnesses.gap(said.at, shown.at) > 1);
    let updated =
        shown.updated.as_ref().map(Shown::source).filter(newer).or(updated).or_else(|| candidate.updated.clone());
    let later = |updated: &SourceDate| published.as_ref().is_none_or(|published| published.at != updated.at);
    let updated = updated.filter(later);
    (published, updated)
}

fn at(at: Option<Moment>, from: &str) -> Option<SourceDate> {
    at.map(|at| SourceDate { at, provenance: from.to_owned() })
}

/// All that can be read of what the page's metadata says.
fn all(said: &[Said], options: &Options) -> Vec<SourceDate> {
    said.iter().filter_map(|(text, from)| at(date::parse_absolute(text, options), from)).collect()
}

/// The date in the page's data for its own scripts, where that names one only.
fn stated_in_data(said: &Metadata, options: &Options) -> Option<Moment> {
    let mut moments = said.data.iter().filter_map(|text| date::parse_absolute(text, options));
    let first = moments.next()?;
    let day = first.day(options.timezone);
    moments.all(|other| other.day(options.timezone) == day).then_some(first)
}

/// Days that the page states beyond doubt, of its own and of others: they settle which of two numbers is the month.
fn times(page: &Page) -> Vec<NaiveDate> {
    let day = |node: &dom_query::NodeRef<'_>| node.attr("datetime")?.trim().get(..10)?.parse::<NaiveDate>().ok();
    page.named("time").filter(|node| node.has_attr("datetime")).take(MOST_TIMES).filter_map(|node| day(&node)).collect()
}

/// What says when the page was published, besides what it shows.
struct Witnesses<'a> {
    machine: Vec<SourceDate>,
    changed: Vec<SourceDate>,
    listed: Option<SourceDate>,
    address: Option<SourceDate>,
    period: Option<(i32, Option<u32>)>,
    options: &'a Options,
}

impl Witnesses<'_> {
    /// The date of publication that the witnesses agree on.
    fn published(&self, shown: &Visible) -> Option<SourceDate> {
        // A sentence that tells of the first publication is clearer than a date that says nothing of itself.
        let first = |near: &Shown| shown.first.as_ref().filter(|_| !near.says_published);
        let near = shown.published.as_ref().map(|near| first(near).unwrap_or(near));
        let Some(machine) = self.machine.first() else { return near.map(Shown::source) };
        let Some(near) = near else {
            // A page that was written anew keeps the day of its address.
            let first = self.address.as_ref().filter(|address| self.gap(address.at, machine.at) >= RENEWED);
            return first.cloned().or_else(|| self.beside_change(machine, shown));
        };
        // Machines know the minute, people the day: what both say is the machine's.
        let agreed = self.machine.iter().find(|one| self.gap(one.at, near.at).abs() <= 1);
        if let Some(agreed) = agreed {
            let timed = matches!((agreed.at, near.at), (Moment::Day(_), Moment::Instant(_)));
            return Some(if timed { near.source() } else { agreed.clone() });
        }
        if self.changed.iter().any(|one| self.gap(one.at, near.at).abs() <= 1) && !near.says_published {
            let renewed = self.gap(machine.at, near.at) >= RENEWED;
            return if renewed { self.settle(machine) } else { Some(machine.clone()) };
        }
        if self.confirmed(machine.at) {
            return Some(machine.clone());
        }
        // The date that stands under the title is the one that somebody looked at.
        Some(if near.is_sure() { near.source() } else { machine.clone() })
    }

    /// The machine's date where the page shows only when it was changed.
    fn beside_change(&self, machine: &SourceDate, shown: &Visible) -> Option<SourceDate> {
        let Some(updated) = shown.updated.as_ref().filter(|_| shown.updated_near) else { return Some(machine.clone()) };
        let gap = self.gap(machine.at, updated.at);
        // Nothing is changed before it is published, and a page that is no article by its type may be dated by its
        // frame.
        let impossible = gap < 0 || (gap >= RENEWED && machine.provenance == metadata::OTHER_PAGE);
        match gap {
            _ if impossible && !self.confirmed(machine.at) => at(Some(updated.at), "visible text (updated)"),
            RENEWED.. => self.settle(machine),
            _ => Some(machine.clone()),
        }
    }

    /// The date of a page that shows a much later one than its metadata says: only a third witness can tell.
    fn settle(&self, machine: &SourceDate) -> Option<SourceDate> {
        if self.confirmed(machine.at) {
            Some(machine.clone())
        } else {
            self.listed.clone().or_else(|| self.address.clone())
        }
    }

    /// Whether listing or address agree with a date.
    fn confirmed(&self, at: Moment) -> bool {
        let day = at.day(self.options.timezone);
        let agrees = |other: &SourceDate| self.gap(other.at, at).abs() <= 1;
        self.listed.iter().chain(&self.address).any(agrees)
            || self
                .period
                .is_some_and(|(year, month)| year == day.year() && month.is_none_or(|month| month == day.month()))
    }

    /// The date where neither metadata nor a line near the title name one.
    fn late(&self, shown: &Visible) -> Option<SourceDate> {
        // A page that contradicts itself has said all it knows.
        if !self.machine.is_empty() {
            return None;
        }
        let last = || shown.last.as_ref().or(shown.first.as_ref()).map(Shown::source);
        let only = || {
            let updated = shown.updated.as_ref()?;
            at(Some(updated.at), "visible text (updated)")
        };
        self.listed.clone().or_else(|| self.address.clone()).or_else(last).or_else(only)
    }

    /// Days from one moment to another.
    fn gap(&self, from: Moment, to: Moment) -> i64 {
        (to.day(self.options.timezone) - from.day(self.options.timezone)).num_days()
    }
}

/// Without a section that says so, a page in American English writes the month first.
fn in_doubt(page: &Page, said: &Metadata, options: Options, context: &Context) -> Options {
    if context.date_order_known {
        return options;
    }
    let language = said.language.as_deref().unwrap_or_default().to_lowercase().replace('_', "-");
    let abroad =
        page.url.host_str().and_then(|host| host.rsplit('.').next()).is_some_and(|end| end.len() == 2 && end != "us");
    let american = language.starts_with("en-us") || (language == "en" && !abroad);
    Options { order: if american { DateOrder::Mdy } else { options.order }, ..options }
}

/// The options of the date parser for a section.
pub(super) fn options(context: &Context) -> Options {
    Options { language: context.language, timezone: context.timezone, order: context.date_order, now: context.now }
}

/// The dates that an element chosen by hand states: in an attribute, else in its text.
fn stated(node: &dom_query::NodeRef<'_>, options: &Options) -> Stated {
    for name in ["datetime", "content", "data-datetime", "data-date", "title"] {
        if let Some(at) = attribute(node, name).and_then(|value| date::parse(&value, options)) {
            let label = date::parse_stated(&text_of(node), options);
            return Stated { published: Some(at), updated: label.updated.filter(|updated| *updated != at) };
        }
    }
    let line = text_of(node);
    if line.chars().count() > 160 { Stated::default() } else { date::parse_stated(&line, options) }
}
