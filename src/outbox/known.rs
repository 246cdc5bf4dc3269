//! What the outbox remembers from one claim to the next, so that a batch costs a statement or two however many rows it
//! has: the slugs of the sections, and the articles that are being sent, each as long as the store says it is unchanged.
//! An article that is the same is the same [`Arc`]: by that a channel knows what it has rendered already.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Outbox;
use crate::article::Article;
use crate::store::Result;

/// Most articles that are remembered; a batch of digests may need as many.
const MOST: usize = 256;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Known {
    slugs: Mutex<Arc<HashMap<i64, String>>>,
    articles: Mutex<HashMap<i64, (String, Arc<Article>)>>,
}

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Outbox {
    /// The slugs of the sections by their keys; asked anew when one of `wanted` is not among them.
    pub(super) async fn slugs(&self, wanted: impl Iterator<Item = i64>) -> Result<Arc<HashMap<i64, String>>> {
        let known = locked(&self.known.slugs).clone();
        let mut wanted = wanted;
        if wanted.all(|id| known.contains_key(&id)) {
            return Ok(known);
        }
        let fresh: HashMap<i64, String> =
            self.store.section_ids().await?.into_iter().map(|(slug, id)| (id, slug)).collect();
        let fresh = Arc::new(fresh);
        *locked(&self.known.slugs) = fresh.clone();
        Ok(fresh)
    }

    /// Articles as they are now, by their keys.
    pub(super) async fn articles_now(&self, mut ids: Vec<i64>) -> Result<HashMap<i64, Arc<Article>>> {
        ids.sort_unstable();
        ids.dedup();
        let mut out = HashMap::with_capacity(ids.len());
        if ids.is_empty() {
            return Ok(out);
        }
        let states = self.store.article_states(&ids).await?;
        let mut missing = Vec::new();
        {
            let known = locked(&self.known.articles);
            for (id, state) in &states {
                match known.get(id) {
                    Some((same, article)) if same == state => {
                        out.insert(*id, article.clone());
                    }
                    _ => missing.push(*id),
                }
            }
        }
        if missing.is_empty() {
            return Ok(out);
        }
        let fresh: Vec<Arc<Article>> = self.store.articles(&missing).await?.into_iter().map(Arc::new).collect();
        let mut known = locked(&self.known.articles);
        if known.len() + fresh.len() > MOST {
            known.clear();
        }
        for article in fresh {
            if let Some(state) = states.get(&article.id) {
                known.insert(article.id, (state.clone(), article.clone()));
            }
            out.insert(article.id, article);
        }
        Ok(out)
    }
}
