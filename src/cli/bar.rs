//! How far a run over many profiles is, for somebody who waits at a terminal: shown after half a second, and gone at the end.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use super::complain;

/// Nobody is shown anything sooner.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often it moves.
const PACE: Duration = Duration::from_millis(100);
/// Fewer profiles are checked before anybody could read it, and do not pay for a look at the clock.
const WORTH: usize = 100;
/// How many columns the bar itself has.
const COLUMNS: usize = 24;

/// A line on standard error that is written over and over.
pub(super) struct Bar {
    total: usize,
    done: usize,
    /// When it is to be drawn next; none where it never is.
    next: Option<Instant>,
    is_shown: bool,
}

impl Bar {
    /// One for so many profiles, where somebody is there to see it.
    pub(super) fn of(total: usize) -> Self {
        let is_seen = total >= WORTH
            && std::io::stderr().is_terminal()
            && std::env::var_os("TERM").is_some_and(|term| term != "dumb");
        Self { total, done: 0, next: is_seen.then(|| Instant::now() + PATIENCE), is_shown: false }
    }

    /// One profile more is done.
    pub(super) fn step(&mut self) {
        self.done += 1;
        let Some(next) = self.next else { return };
        let now = Instant::now();
        if now >= next {
            self.next = Some(now + PACE);
            self.is_shown = true;
            complain(&format!("\r{}", line(self.done, self.total)));
        }
    }

    /// Makes room for what is to be printed.
    pub(super) fn clear(&mut self) {
        if std::mem::take(&mut self.is_shown) {
            complain("\r\u{1b}[K");
        }
    }
}

fn line(done: usize, total: usize) -> String {
    let full = (done * COLUMNS / total.max(1)).min(COLUMNS);
    format!("[{}{}] {done} of {total} profiles", "#".repeat(full), " ".repeat(COLUMNS - full))
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn the_bar_fills_up() {
        assert_eq!(line(0, 200), format!("[{}] 0 of 200 profiles", " ".repeat(24)));
        assert_eq!(line(100, 200), format!("[{}{}] 100 of 200 profiles", "#".repeat(12), " ".repeat(12)));
        assert_eq!(line(200, 200), format!("[{}] 200 of 200 profiles", "#".repeat(24)));
    }
}
