//! What one look saw, as figures.

use std::collections::HashSet;

use super::garbled;
use crate::article::text;
use crate::source::Listing;

/// The figures of a listing.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Run {
    /// The kind of source that read it.
    pub kind: String,
    /// Articles listed.
    pub items: u32,
    /// Of these, how many with a date.
    pub dated: u32,
    /// With a picture.
    pub pictured: u32,
    /// With a lead or a body.
    pub worded: u32,
    /// Different titles.
    pub titles: u32,
    /// Titles in broken letters.
    pub garbled: u32,
    /// Known to be this section's, by address or by title.
    pub known: u32,
    /// Known by title alone: they stand under new addresses.
    pub moved: u32,
    /// Known by address, but under a title that is not theirs.
    pub renamed: u32,
    /// Whether there is a next page.
    pub next: bool,
}

impl Run {
    /// The figures a listing gives by itself.
    pub fn of(listing: &Listing) -> Self {
        let items = &listing.candidates;
        let count = |that: &dyn Fn(&crate::article::Candidate) -> bool| small(items.iter().filter(|c| that(c)).count());
        let titles: HashSet<String> = items
            .iter()
            .filter_map(|c| c.title.as_deref())
            .map(text::match_key)
            .filter(|title| !title.is_empty())
            .collect();
        Self {
            kind: listing.kind.to_owned(),
            items: small(items.len()),
            dated: count(&|c| c.published.is_some()),
            pictured: count(&|c| c.image.is_some()),
            worded: count(&|c| c.lead.is_some() || c.body.is_some()),
            titles: small(titles.len()),
            garbled: count(&|c| c.title.as_deref().is_some_and(garbled::is)),
            known: 0,
            moved: 0,
            renamed: 0,
            next: listing.next.is_some(),
        }
    }
}

/// A count that fits.
pub fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
