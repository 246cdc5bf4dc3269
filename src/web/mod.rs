//! What bantin serves: feeds, pages, the subscription flow, health and metrics.
