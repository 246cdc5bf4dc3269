//! Known articles under new addresses (promise 4): a candidate nobody knows by its address may be a recent article
//! of the section whose old address is no longer listed. It becomes an alias of it, never news.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::article::{Candidate, SourceDate, alike, feed_date};
use crate::store::Recent;

/// How far apart the dates of one article may lie under its two addresses.
const APART_MS: i64 = 2 * 86_400_000;
/// Share of its words by which a title of a list that moved as a whole is known again.
const SIMILAR: usize = 80;
/// From how many unknown candidates on a list may have moved as a whole.
const MANY: usize = 5;

/// A candidate nobody knows by its address.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unknown<'a> {
    /// Its place in the list.
    pub(super) at: usize,
    /// The candidate.
    pub(super) candidate: &'a Candidate,
    /// Hash of its entry.
    pub(super) hash: &'a str,
}

/// Whether a list of `all`, of which `unknown` are not known, looks like one that moved as a whole.
pub(super) fn is_move(unknown: usize, all: usize) -> bool {
    unknown >= MANY && unknown * 10 >= all * 7
}

/// Which candidates are which recent articles: (place in the list, article). `gone` are those recent ones that are no
/// longer listed under an address that is known, the newest first.
pub(super) fn moved(
    unknown: &[Unknown<'_>],
    gone: &[&Recent],
    as_a_whole: bool,
    now: DateTime<Utc>,
    zone: Tz,
) -> Vec<(usize, i64)> {
    let mut by_title: HashMap<String, Vec<&Recent>> = HashMap::new();
    let mut by_hash: HashMap<&str, Vec<&Recent>> = HashMap::new();
    for recent in gone {
        by_title.entry(alike::key(&recent.title)).or_default().push(recent);
        by_hash.entry(&recent.listing_hash).or_default().push(recent);
    }
    let mut used = HashSet::new();
    let mut found = Vec::new();
    for one in unknown {
        let Some(title) = one.candidate.title.as_deref() else { continue };
        let key = alike::key(title);
        if key.is_empty() {
            continue;
        }
        let is_near = |recent: &Recent| near(recent, one.candidate.published.as_ref(), now, zone);
        let same = by_title.get(&key).into_iter().chain(by_hash.get(one.hash)).flatten().copied();
        let mut free: Vec<&Recent> = same.filter(|recent| !used.contains(&recent.article_id)).collect();
        if free.is_empty() && as_a_whole {
            let all = gone.iter().copied().filter(|recent| !used.contains(&recent.article_id));
            free = all
                .filter(|recent| alike::same(&recent.title, title) || alike::similar(&recent.title, title, SIMILAR))
                .collect();
        }
        // Titles that come back every week are told apart by their dates; a list that moved keeps its order.
        let taken = free.iter().find(|recent| is_near(recent)).or_else(|| free.first().filter(|_| as_a_whole));
        if let Some(recent) = taken {
            used.insert(recent.article_id);
            found.push((one.at, recent.article_id));
        }
    }
    found
}

fn near(recent: &Recent, published: Option<&SourceDate>, now: DateTime<Utc>, zone: Tz) -> bool {
    let at = feed_date(published.map(|date| date.at), now, zone).timestamp_millis();
    (at - recent.feed_date).abs() <= APART_MS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::Moment;

    const DAY: i64 = 86_400_000;

    fn recent(article_id: i64, title: &str, feed_date: i64) -> Recent {
        Recent { article_id, title: title.into(), feed_date, source_url: String::new(), listing_hash: String::new() }
    }

    fn candidate(title: &str, published: Option<i64>) -> Candidate {
        let at = |ms| Moment::Instant(DateTime::from_timestamp_millis(ms).unwrap().fixed_offset());
        let date = |ms| SourceDate { at: at(ms), provenance: "test".into() };
        let url = "https://example.vn/moi/1".parse().unwrap();
        Candidate { title: Some(title.into()), published: published.map(date), ..Candidate::of(url) }
    }

    fn find(candidates: &[Candidate], recent: &[Recent], as_a_whole: bool, now_ms: i64) -> Vec<(usize, i64)> {
        let unknown: Vec<_> =
            candidates.iter().enumerate().map(|(at, candidate)| Unknown { at, candidate, hash: "-" }).collect();
        let now = DateTime::from_timestamp_millis(now_ms).unwrap();
        moved(&unknown, &recent.iter().collect::<Vec<_>>(), as_a_whole, now, chrono_tz::Asia::Ho_Chi_Minh)
    }

    #[test]
    fn a_title_of_the_same_days_is_the_same_article() {
        let known = [recent(7, "Hội nghị tổng kết công tác năm", 100 * DAY)];
        let moved = [candidate("HỘI NGHỊ tổng kết công tác năm", Some(101 * DAY))];
        assert_eq!(find(&moved, &known, false, 110 * DAY), [(0, 7)]);
        let weekly = [candidate("Hội nghị tổng kết công tác năm", Some(107 * DAY))];
        assert_eq!(find(&weekly, &known, false, 107 * DAY), [], "a title that comes back a week later is news");
        let undated = [candidate("Hội nghị tổng kết công tác năm", None)];
        assert_eq!(find(&undated, &known, false, 107 * DAY), []);
        assert_eq!(find(&undated, &known, false, 101 * DAY), [(0, 7)]);
    }

    #[test]
    fn a_list_that_moved_as_a_whole_keeps_its_order() {
        let known = [
            recent(3, "Lịch công tác tuần của lãnh đạo", 30 * DAY),
            recent(2, "Lịch công tác tuần của lãnh đạo", 23 * DAY),
        ];
        let moved =
            [candidate("Lịch công tác tuần của lãnh đạo", None), candidate("Lịch công tác tuần của lãnh đạo", None)];
        assert_eq!(find(&moved, &known, true, 40 * DAY), [(0, 3), (1, 2)]);
        let reworded = [candidate("Lịch công tác tuần này của lãnh đạo", None)];
        assert_eq!(find(&reworded, &known, true, 40 * DAY), [(0, 3)]);
    }
}
