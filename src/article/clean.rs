//! The last cleaning of HTML before it is stored: an allow-list, absolute addresses, nothing that runs.
