//! Standard error while work goes on: lines that stay, and below them a bar that does not.

use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Work shorter than this is not worth a bar.
const PATIENCE: Duration = Duration::from_millis(500);

/// Lines, and a bar below them. Copies share the bar, so that lines from anywhere do not run into it.
#[derive(Debug, Clone)]
pub struct Board {
    bars: MultiProgress,
    live: bool,
    colour: bool,
}

impl Board {
    /// Nothing but lines is shown unless it is `live`.
    pub(super) fn new(live: bool, colour: bool) -> Self {
        let target = if live { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self { bars: MultiProgress::with_draw_target(target), live, colour }
    }

    /// Whether a bar would be seen.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.live
    }

    /// Whether lines may be coloured.
    #[must_use]
    pub fn colour(&self) -> bool {
        self.colour
    }

    /// Writes a line above the bar. Its text must be fit to show.
    pub fn line(&self, text: &str) {
        // Nothing can be done about a standard error that is gone.
        self.bars.suspend(|| drop(io::stderr().write_all(format!("{text}\n").as_bytes())));
    }

    /// A bar for one piece of work.
    #[must_use]
    pub fn bar(&self) -> Bar {
        Bar { board: self.clone(), begun: Instant::now(), shown: None }
    }
}

/// The state of a piece of work. It goes away when this is dropped.
#[derive(Debug)]
pub struct Bar {
    board: Board,
    begun: Instant,
    shown: Option<(ProgressBar, bool)>,
}

impl Bar {
    /// `done` of `total` pieces are through; `words` say what they are.
    pub fn update(&mut self, words: &str, done: u64, total: Option<u64>) {
        if !self.board.live || self.begun.elapsed() < PATIENCE {
            return;
        }
        let measured = total.is_some();
        if self.shown.as_ref().is_none_or(|(_, before)| *before != measured) {
            self.clear();
            let bar = ProgressBar::new(total.unwrap_or(0)).with_style(style(measured)).with_position(done);
            self.shown = Some((self.board.bars.add(bar.with_message(words.to_owned())), measured));
        }
        if let Some((bar, _)) = &self.shown {
            bar.set_message(words.to_owned());
            bar.set_length(total.unwrap_or(0));
            bar.set_position(done);
        }
    }

    fn clear(&mut self) {
        if let Some((bar, _)) = self.shown.take() {
            bar.finish_and_clear();
            self.board.bars.remove(&bar);
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.clear();
    }
}

fn style(measured: bool) -> ProgressStyle {
    let template = match measured {
        true => "{spinner} [{bar:30}] {human_pos} of {human_len} {msg}",
        false => "{spinner} {msg}",
    };
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// A number with its digits in groups of three.
#[must_use]
pub fn thousands(number: u64) -> String {
    indicatif::HumanCount(number).to_string()
}
