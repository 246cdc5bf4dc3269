//! The demo: a sample news site, a local Telegram view and a local mailbox on loopback, and the daemon
//! reading and feeding them like any other.
