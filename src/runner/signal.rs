//! Signals: the first asks for a clean stop, the second ends the process.

use crate::sync::Stop;
use crate::ui::INTERRUPTED;

/// Listens for SIGINT, SIGTERM and SIGHUP, and for Ctrl-C and the like on Windows.
///
/// Whoever starts the program may have it ignore some of them, as `nohup` does; then all are left as they are. A sync that is
/// killed goes on from its working database like a stopped one.
pub(super) fn listen(stop: &Stop) {
    let stop = stop.clone();
    let listening = ctrlc::try_set_handler(move || {
        if stop.requested() {
            std::process::exit(i32::from(INTERRUPTED));
        }
        stop.request();
        log::warn!("Stopping as soon as the work at hand is done; another signal ends it at once");
    });
    if let Err(error) = listening {
        log::debug!("signals are left as they are: {error}");
    }
}
