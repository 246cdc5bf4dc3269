//! Known articles under new addresses (promise 4): a candidate nobody knows by its address may be a recent article
//! of the section whose old address is no longer listed. It becomes an alias of it, never news. What tells them is the
//! title, the name in the address, and, once the page is read, its own title and its text.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use url::Url;

use super::push::PUSHED;
use crate::article::{Candidate, Reading, SourceDate, alike, feed_date, fingerprint};
use crate::store::{Print, Recent};

/// How far apart the dates of one article may lie under its two addresses.
const APART_MS: i64 = 2 * 86_400_000;
/// The same for a title that comes back again and again.
const COLUMN_APART_MS: i64 = 6 * 3_600_000;
/// Share of its words by which a title of a list that moved as a whole is known again.
const SIMILAR: usize = 80;
/// The same for an article of its own whose address keeps its name.
const SIMILAR_NAMED: usize = 90;
/// Shortest name in an address that tells an article.
const NAME: usize = 12;
/// From how many unknown candidates on a list may have moved as a whole.
const MANY: usize = 5;
/// In how many bits the fingerprints of one text may differ; and on a list that moved as a whole, where the frame
/// around the text is another.
const BITS: u32 = 3;
const BITS_MOVED: u32 = 6;

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

/// Which candidates are which recent articles: (place in the list, article). Only those are meant that are not `listed`
/// under an address that is known. `recent` has the newest first.
pub(super) fn moved(
    unknown: &[Unknown<'_>],
    recent: &[Recent],
    listed: &HashSet<i64>,
    as_a_whole: bool,
    now: DateTime<Utc>,
    zone: Tz,
) -> Vec<(usize, i64)> {
    let keys: Vec<String> =
        unknown.iter().map(|one| alike::key(one.candidate.title.as_deref().unwrap_or_default())).collect();
    // Mostly one article is new: then no key is made of the titles of all others.
    let key_of = |title: &str| match keys.len() {
        0..4 => keys.iter().find(|key| alike::has_key(title, key)).cloned(),
        _ => Some(alike::key(title)),
    };
    let mut titles: HashMap<String, usize> = HashMap::new();
    let mut by_title: HashMap<String, Vec<&Recent>> = HashMap::new();
    let mut by_hash: HashMap<&str, Vec<&Recent>> = HashMap::new();
    let mut by_name: HashMap<String, Vec<&Recent>> = HashMap::new();
    let mut words: Vec<(&Recent, alike::Words)> = Vec::new();
    for one in recent {
        let key = key_of(&one.title);
        if let Some(key) = &key {
            *titles.entry(key.clone()).or_default() += 1;
        }
        if listed.contains(&one.article_id) {
            continue;
        }
        if let Some(key) = key {
            by_title.entry(key).or_default().push(one);
        }
        // The mark of what was pushed says nothing about the article.
        if one.listing_hash != PUSHED {
            by_hash.entry(&one.listing_hash).or_default().push(one);
        }
        if let Some(name) = Url::parse(&one.source_url).ok().and_then(|url| name(&url)) {
            by_name.entry(name).or_default().push(one);
        }
        if as_a_whole {
            words.push((one, alike::Words::of(&one.title)));
        }
    }
    let mut used = HashSet::new();
    let mut found = Vec::new();
    for (one, key) in unknown.iter().zip(&keys) {
        let title = one.candidate.title.as_deref().unwrap_or_default();
        let free = |recent: &&Recent| !used.contains(&recent.article_id);
        let apart = |recent: &Recent| apart(recent.feed_date, one.candidate.published.as_ref(), now, zone);
        let mut same: Vec<&Recent> = Vec::new();
        if !key.is_empty() {
            same.extend(by_title.get(key).into_iter().chain(by_hash.get(one.hash)).flatten().copied().filter(free));
        }
        if same.is_empty()
            && let Some([only]) = name(&one.candidate.url).and_then(|name| by_name.get(&name)).map(Vec::as_slice)
            && free(only)
            && fingerprint::numbers(&only.title) == fingerprint::numbers(title)
            && (as_a_whole || alike::similar(&only.title, title, SIMILAR_NAMED))
        {
            same.push(only);
        }
        // Titles that come back every week are told apart by their dates; a list that moved keeps its order.
        let most = if titles.get(key).is_some_and(|times| *times > 1) { COLUMN_APART_MS } else { APART_MS };
        let near = same.iter().find(|recent| apart(recent) <= most);
        if let Some(recent) = near.or_else(|| same.first().filter(|_| as_a_whole)) {
            used.insert(recent.article_id);
            found.push((one.at, recent.article_id));
        }
    }
    if as_a_whole {
        reworded(unknown, &words, used, &mut found);
    }
    found
}

/// The rest of a list that moved as a whole, by titles that share most of their words. Only where most of the list is
/// known by its titles at all: else such titles are alike by chance.
fn reworded(
    unknown: &[Unknown<'_>],
    words: &[(&Recent, alike::Words)],
    mut used: HashSet<i64>,
    found: &mut Vec<(usize, i64)>,
) {
    let places: HashSet<usize> = found.iter().map(|(at, _)| *at).collect();
    let mut more = Vec::new();
    for one in unknown.iter().filter(|one| !places.contains(&one.at)) {
        let title = one.candidate.title.as_deref().unwrap_or_default();
        if alike::key(title).is_empty() {
            continue;
        }
        let (own, numbers) = (alike::Words::of(title), fingerprint::numbers(title));
        // Titles of one pattern differ in their numbers.
        let alike = |recent: &Recent, words: &alike::Words| {
            alike::same(&recent.title, title)
                || (words.share(&own, SIMILAR) && fingerprint::numbers(&recent.title) == numbers)
        };
        let mut free = words.iter().filter(|(recent, _)| !used.contains(&recent.article_id));
        if let Some((recent, _)) = free.find(|(recent, words)| alike(recent, words)) {
            used.insert(recent.article_id);
            more.push((one.at, recent.article_id));
        }
    }
    if (found.len() + more.len()) * 2 >= unknown.len() {
        found.extend(more);
        found.sort_unstable();
    }
}

/// Which article a page that was read is, by its own title and text. `listed` are those that stand in the list under
/// other addresses.
pub(super) fn by_reading(
    reading: &Reading,
    prints: &[Print],
    listed: &HashSet<i64>,
    as_a_whole: bool,
    now: DateTime<Utc>,
    zone: Tz,
) -> Option<i64> {
    let key = alike::key(&reading.title);
    if !key.is_empty() {
        let same: Vec<&Print> = prints.iter().filter(|print| alike::has_key(&print.title, &key)).collect();
        let most = if same.len() > 1 { COLUMN_APART_MS } else { APART_MS };
        let mut free = same.into_iter().filter(|print| !listed.contains(&print.article_id));
        let near = |print: &&Print| apart(print.feed_date, reading.published.as_ref(), now, zone) <= most;
        let found = if as_a_whole { free.clone().find(near).or_else(|| free.next()) } else { free.find(near) };
        if let Some(print) = found {
            return Some(print.article_id);
        }
    }
    let bits = if as_a_whole { BITS_MOVED } else { BITS };
    let own = fingerprint::of(&reading.text)?;
    let near = |to: u64| {
        prints.iter().filter(move |print| print.fingerprint.is_some_and(|one| fingerprint::distance(one, to) <= bits))
    };
    // Where the articles of a section are of one pattern, the text does not tell which it is.
    let (mut all, numbers) = (near(own), fingerprint::numbers(&reading.title));
    let (only, None) = (all.next()?, all.next()) else { return None };
    let is_telling = near(only.fingerprint?).count() == 1 && fingerprint::numbers(&only.title) == numbers;
    (is_telling && !listed.contains(&only.article_id)).then_some(only.article_id)
}

/// How far apart two dates lie, in milliseconds; of an article without a date it is now.
fn apart(feed_date_ms: i64, published: Option<&SourceDate>, now: DateTime<Utc>, zone: Tz) -> i64 {
    (feed_date(published.map(|date| date.at), now, zone).timestamp_millis() - feed_date_ms).abs()
}

/// The name that an address gives an article: the words of its last part, without ending and numbers.
fn name(url: &Url) -> Option<String> {
    let last = url.path_segments()?.rfind(|part| !part.is_empty())?;
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    let words = stem.split(|c: char| !c.is_alphanumeric());
    let words: Vec<String> = words.filter(|w| w.chars().any(char::is_alphabetic)).map(str::to_lowercase).collect();
    let name = words.join("-");
    (words.len() >= 3 && name.len() >= NAME).then_some(name)
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
        moved(&unknown, recent, &HashSet::new(), as_a_whole, now, chrono_tz::Asia::Ho_Chi_Minh)
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

    #[test]
    fn what_was_pushed_is_not_what_was_pushed_before() {
        let known = [Recent { listing_hash: PUSHED.into(), ..recent(7, "Cầu mới thông xe", 100 * DAY) }];
        let candidate = candidate("Giá lúa tăng trở lại", Some(100 * DAY));
        let unknown = [Unknown { at: 0, candidate: &candidate, hash: PUSHED }];
        let now = DateTime::from_timestamp_millis(100 * DAY).unwrap();
        assert_eq!(moved(&unknown, &known, &HashSet::new(), false, now, chrono_tz::Asia::Ho_Chi_Minh), []);
    }

    #[test]
    fn a_column_is_news_every_day() {
        let day = |n: i64| recent(n, "Dự báo thời tiết đêm nay và ngày mai", n * DAY);
        let known = [day(11), day(10), day(9)];
        let today = [candidate("Dự báo thời tiết đêm nay và ngày mai", Some(12 * DAY))];
        assert_eq!(find(&today, &known, false, 12 * DAY), []);
        let again = [candidate("Dự báo thời tiết đêm nay và ngày mai", Some(11 * DAY + 60_000))];
        assert_eq!(find(&again, &known, false, 12 * DAY), [(0, 11)]);
    }

    #[test]
    fn the_name_in_an_address_tells() {
        let mut known = recent(5, "Khởi công tuyến đường ven biển", 10 * DAY);
        known.source_url = "https://www.example.vn/tin/khoi-cong-tuyen-duong-ven-bien-1234.html".into();
        let mut moved = candidate("Tuyến đường ven biển đã được khởi công sáng nay", Some(10 * DAY));
        moved.url = "https://moi.example.vn/2026/11/khoi-cong-tuyen-duong-ven-bien".parse().unwrap();
        assert_eq!(find(&[moved.clone()], std::slice::from_ref(&known), true, 11 * DAY), [(0, 5)]);
        assert_eq!(find(&[moved], &[known], false, 11 * DAY), [], "alone it is a new report on the same matter");
    }

    #[test]
    fn the_text_tells_where_texts_differ() {
        let text = |n: usize| (0..60).map(|w| format!("từ{}", w * 7919 % 97 + n * 100)).collect::<Vec<_>>().join(" ");
        let print = |id: i64, n: usize| Print {
            article_id: id,
            title: format!("Bài {n} của chuyên mục"),
            feed_date: 0,
            fingerprint: fingerprint::of(&text(n)),
        };
        let known = [print(1, 1), print(2, 2), print(3, 3)];
        let reading = |title: &str, n| Reading { title: title.into(), text: text(n), ..Reading::default() };
        let now = DateTime::from_timestamp_millis(40 * DAY).unwrap();
        let find = |reading: &Reading, prints: &[Print], listed: &[i64]| {
            by_reading(reading, prints, &listed.iter().copied().collect(), true, now, chrono_tz::UTC)
        };
        assert_eq!(find(&reading("Tựa khác hẳn, 2 điều", 2), &known, &[]), Some(2));
        assert_eq!(find(&reading("Tựa khác hẳn, 2 điều", 2), &known, &[2]), None, "it is listed beside it");
        assert_eq!(find(&reading("Tựa khác hẳn, 4 điều", 2), &known, &[]), None, "another number");
        assert_eq!(find(&reading("Tựa khác hẳn, 2 điều", 9), &known, &[]), None, "another text");
        let pattern = [print(1, 1), Print { article_id: 4, ..print(1, 1) }];
        assert_eq!(find(&reading("Tựa khác hẳn, 1 điều", 1), &pattern, &[]), None, "texts of one pattern");
    }
}
