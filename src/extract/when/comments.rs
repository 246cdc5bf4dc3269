//! The readers' comments as witnesses: nobody comments on what is not published yet.

use chrono::NaiveDate;
use dom_query::NodeRef;

use crate::extract::date::{self, Options};
use crate::extract::page::{Page, attribute, text_of};
use crate::fetch::bound::Walk as _;

/// Most elements of comments that are looked at.
const MOST: usize = 400;
/// Most characters of a line that is a comment's date.
const SHORT: usize = 48;
/// Days by which a comment must be older than a date to refute it: day and month may be read the wrong way round.
const A_YEAR: i64 = 366;

/// Whether a comment was written so long before that day that the article cannot be from then.
pub(super) fn refute(page: &Page, day: NaiveDate, options: &Options) -> bool {
    let boxes = page.marked("[class*=comment]");
    boxes.iter().take(MOST).any(|node| {
        let said = attribute(node, "datetime").or_else(|| {
            // A whole comment may tell of any day.
            let short = node.below().filter(NodeRef::is_text).take(4).count() < 4;
            short.then(|| text_of(node)).filter(|text| text.chars().count() <= SHORT)
        });
        let at = said.and_then(|said| date::parse_absolute(&said, options));
        at.is_some_and(|at| (day - at.day(options.timezone)).num_days() >= A_YEAR)
    })
}
