//! When each section is looked at next, and how long it waits in trouble: what a section's loop takes over when
//! another configuration comes into force and says nothing new of the section.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};

use super::backoff::Backoff;
use crate::config::Section;

/// The plans of the sections that wait for their time. A section that is being looked at has none.
#[derive(Debug, Default)]
pub struct Plans(Mutex<HashMap<String, Plan>>);

/// What a section waits for.
#[derive(Debug)]
pub(super) struct Plan {
    /// What was configured when it was made.
    pub(super) section: Arc<Section>,
    /// How it fared.
    pub(super) backoff: Backoff,
    /// When it is looked at next.
    pub(super) at: DateTime<Utc>,
}

impl Plans {
    /// Keeps what a section waits for.
    pub(super) fn keep(&self, plan: Plan) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(plan.section.slug.clone(), plan);
    }

    /// What the section waits for, unless its configuration is another now; taken out.
    pub(super) fn take(&self, section: &Section) -> Option<Plan> {
        let plan = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&section.slug)?;
        (*plan.section == *section).then_some(plan)
    }
}
