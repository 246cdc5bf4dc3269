//! `bantin run`: the daemon.

use std::sync::Arc;

use super::DONE;
use crate::app::App;
use crate::app::reload::Reload;
use crate::clock::Clock;
use crate::config::Config;
use crate::lifecycle;

pub(super) async fn run(config: Arc<Config>, clock: Clock) -> anyhow::Result<u8> {
    let cancel = lifecycle::stop_on_signal();
    let reload = Reload::new(config.file.clone(), lifecycle::hangups());
    let app = App::build(config, clock).await?;
    let listener = app.listen().await?;
    app.run(listener, Some(reload), cancel).await?;
    Ok(DONE)
}
