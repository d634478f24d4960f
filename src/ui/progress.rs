//! A bar while a large file is unpacked: on a terminal only, and only when it takes long.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Work shorter than this is not worth a bar.
const PATIENCE: Duration = Duration::from_millis(500);

/// Progress of one piece of work, in bytes. The bar goes away when this is dropped.
#[derive(Debug)]
pub struct Progress {
    begun: Instant,
    what: String,
    enabled: bool,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// `what`: the words beside the bar; nothing is shown unless `enabled`.
    pub(super) fn new(what: String, enabled: bool) -> Self {
        Self { begun: Instant::now(), what, enabled, bar: None }
    }

    /// `done` bytes of `total` are through.
    pub fn update(&mut self, done: u64, total: Option<u64>) {
        if !self.enabled || self.begun.elapsed() < PATIENCE {
            return;
        }
        let what = &self.what;
        let bar = self.bar.get_or_insert_with(|| bar(what.clone(), total));
        bar.set_position(done);
    }
}

fn bar(what: String, total: Option<u64>) -> ProgressBar {
    let template = match total {
        Some(_) => "{msg} [{bar:30}] {bytes} of {total_bytes}, {eta} left",
        None => "{msg} {spinner} {bytes}",
    };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr()).with_style(style);
    bar.set_message(what);
    bar
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
