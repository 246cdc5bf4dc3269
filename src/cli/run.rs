//! `bantin run`: the daemon.

use std::sync::Arc;

use secrecy::ExposeSecret as _;

use super::DONE;
use crate::app::App;
use crate::app::reload::Reload;
use crate::clock::Clock;
use crate::config::Config;
use crate::lifecycle;
use crate::store::DaemonLock;

pub(super) async fn run(config: Arc<Config>, clock: Clock) -> anyhow::Result<u8> {
    let cancel = lifecycle::stop_on_signal();
    lifecycle::outlive_full_disks();
    // Held as long as the daemon runs, and taken before anything is opened: a second daemon on the same SQLite file
    // refuses to start and changes nothing.
    let _lock = DaemonLock::take(config.database.expose_secret())?;
    let reload = Reload::new(config.file.clone(), lifecycle::hangups());
    let app = App::build(config, clock).await?;
    app.store.check_whole().await?;
    let listener = app.listen().await?;
    app.run(listener, Some(reload), cancel).await?;
    Ok(DONE)
}
