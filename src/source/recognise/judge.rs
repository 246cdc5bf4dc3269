//! Whether what another address lists is the section's: held against the list of the section's own page. A site-wide
//! feed on a section's page is not the section's.

use std::collections::HashSet;

use url::Url;

use super::scope::{Scope, is_front, scope};
use super::{LIST, SURE};
use crate::article::{Candidate, canonical};

/// A way that is the section's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// How sure that is, 0 to 100.
    pub confidence: u8,
    /// Whether it stands for more than the section.
    pub shared: bool,
    /// The measure, in words.
    pub why: String,
}

/// Most articles compared.
const COMPARED: usize = 15;

/// Holds what `way` lists (`found`) against what the page of `section` lists (`page`); the reason when it is not the
/// section's.
pub fn judge(section: &Url, page: &[Candidate], way: &Url, found: &[Candidate]) -> Result<Match, String> {
    if found.is_empty() {
        return Err("it lists nothing".to_owned());
    }
    let (scope, front) = (scope(section, way), is_front(section));
    let shared = scope == Scope::Site && !front;
    if page.len() < LIST {
        let confidence = if scope == Scope::Own || front { SURE } else { SURE / 2 };
        let why = "the page itself lists nothing to hold it against".to_owned();
        return Ok(Match { confidence, shared: false, why });
    }
    let on_page: HashSet<String> = page.iter().map(|candidate| canonical::key(&candidate.url)).collect();
    let keys: Vec<String> = found.iter().map(|candidate| canonical::key(&candidate.url)).collect();
    let count = on_page.len().min(keys.len()).min(COMPARED);
    let matched = keys.iter().take(count).filter(|key| on_page.contains(*key)).count();
    let told = format!("{matched} of its newest {count} articles are on the page");
    // A front page shows what it likes; a site's feed is its own all the same.
    let needed = match (front, scope) {
        (true, _) => 20,
        (false, Scope::Own) => 50,
        (false, Scope::Named) => 75,
        (false, Scope::Site) => 90,
    };
    if matched * 100 < count * needed || matched < LIST.min(count) {
        return Err(if shared {
            format!("it stands for the whole site, not for this section: only {told}")
        } else {
            format!("it is not this section's: only {told}")
        });
    }
    if keys.len() < 5 && page.len() >= 2 * keys.len() {
        return Err(format!("it lists only {} articles, the page {}", keys.len(), page.len()));
    }
    let listed: HashSet<&String> = keys.iter().collect();
    if !front && !page.iter().take(5).any(|candidate| listed.contains(&canonical::key(&candidate.url))) {
        return Err("it is behind the page: none of the page's first articles is in it".to_owned());
    }
    let share = u8::try_from(matched * 100 / count.max(1)).unwrap_or(100);
    let confidence =
        if shared { SURE } else { SURE + u8::try_from(u32::from(100 - SURE) * u32::from(share) / 100).unwrap_or(0) };
    Ok(Match { confidence, shared, why: told })
}
