//! What the sample site does while the demo runs: `sample/demo.toml`, in order.

use serde::Deserialize;

/// The script of the sample site.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// Articles that appear one after another.
    #[serde(default)]
    pub publish: Vec<Publish>,
    /// Corrections.
    #[serde(default)]
    pub correct: Vec<Correct>,
    /// Withdrawals.
    #[serde(default)]
    pub withdraw: Vec<Withdraw>,
}

/// An article that does not exist until its turn comes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publish {
    /// The article.
    pub id: String,
    /// The section's folder on the site.
    pub section: String,
}

/// A correction of an article that is out.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Correct {
    /// The article.
    pub id: String,
    /// The words to be replaced, as they stand in the page's HTML.
    pub find: String,
    /// What takes their place.
    pub replace: String,
    /// After how many publications.
    pub after: usize,
}

/// A withdrawal of an article that is out.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdraw {
    /// The article.
    pub id: String,
    /// After how many publications.
    pub after: usize,
}

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// What toml says is wrong, with line and column.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }
}
