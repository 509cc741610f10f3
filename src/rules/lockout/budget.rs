//! How many passwords can be tried against a lock.

/// A lock, as whoever guesses meets it. Times are in seconds.
///
/// Failures are counted from the first of them on, and forgotten when the window has passed. The lock that follows on
/// too many begins the count anew; each is twice as long as the one before, up to the longest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lock {
    /// Failures that lock.
    pub attempts: u32,
    /// How long failures are counted together.
    pub window: u64,
    /// The first lock's length.
    pub first: u64,
    /// The longest lock's length, `first` where locks do not grow.
    pub longest: u64,
}

impl Lock {
    /// The most guesses that it lets through within a time; none where there is no end to them.
    ///
    /// Guesses come in bursts: one less than locks, and then a window to wait; or as many as lock, and then the lock.
    /// Whoever guesses mixes the two as is best, and may end with a burst that locks. So for each number of locks, the
    /// time that they leave is filled with windows.
    pub fn guesses(self, time: u64) -> Option<u64> {
        let attempts = u64::from(self.attempts);
        let unlocked = attempts.checked_sub(1)?;
        if self.first == 0 || (self.window == 0 && unlocked > 0) {
            return None;
        }
        let (mut best, mut locks, mut spent, mut lock) = (0, 1, 0, self.first);
        while spent < time {
            let windows = (time - 1 - spent).checked_div(self.window).unwrap_or(0);
            best = best.max(locks * attempts + windows * unlocked);
            (locks, spent) = (locks + 1, spent.saturating_add(lock));
            lock = lock.saturating_mul(2).min(self.longest);
        }
        Some(best)
    }

    /// The most guesses within a time that never lock; none where there is no end to them.
    pub fn unlocked_guesses(self, time: u64) -> Option<u64> {
        let unlocked = u64::from(self.attempts).checked_sub(1)?;
        match (unlocked, self.window) {
            (0, _) => Some(0),
            (_, 0) => None,
            (unlocked, window) => Some(unlocked * time.div_ceil(window)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    const DAY: u64 = 86_400;

    /// Someone who tries everything: at each second, another guess or none.
    struct Attacker {
        lock: Lock,
        time: u64,
        known: HashMap<(u64, u32, u64, u64), u64>,
    }

    impl Attacker {
        /// The most guesses from now on, with so many failures counted until the window ends.
        fn best(&mut self, now: u64, failures: u32, ends: u64, next_lock: u64) -> u64 {
            if now >= self.time {
                return 0;
            }
            let state = (now, failures, ends, next_lock);
            if let Some(known) = self.known.get(&state) {
                return *known;
            }
            let (counted, end) =
                if failures == 0 || now >= ends { (1, now + self.lock.window) } else { (failures + 1, ends) };
            let guess = 1 + if counted == self.lock.attempts {
                self.best(now + next_lock, 0, 0, (next_lock * 2).min(self.lock.longest))
            } else {
                self.best(now, counted, end, next_lock)
            };
            let best = guess.max(self.best(now + 1, failures, ends, next_lock));
            self.known.insert(state, best);
            best
        }
    }

    fn simulated(lock: Lock, time: u64) -> u64 {
        Attacker { lock, time, known: HashMap::new() }.best(0, 0, 0, lock.first)
    }

    proptest! {
        #[test]
        fn the_sum_is_what_the_best_attacker_reaches(
            attempts in 1_u32..6, window in 1_u64..12, first in 1_u64..12, longer in 0_u64..40, time in 0_u64..60,
        ) {
            let lock = Lock { attempts, window, first, longest: first + longer };
            prop_assert_eq!(lock.guesses(time), Some(simulated(lock, time)), "{:?} in {}", lock, time);
        }

        #[test]
        fn a_stricter_lock_lets_no_more_through(
            attempts in 1_u32..200, window in 1_u64..DAY, first in 1_u64..DAY, longer in 0_u64..DAY, more in 0_u64..DAY,
        ) {
            let lock = Lock { attempts, window, first, longest: first + longer };
            let stricter = [
                Lock { window: window + more, ..lock },
                Lock { longest: lock.longest + more, ..lock },
                Lock { attempts: attempts.div_ceil(2), ..lock },
            ];
            for stricter in stricter {
                prop_assert!(stricter.guesses(DAY) <= lock.guesses(DAY), "{:?} beside {:?}", stricter, lock);
            }
            prop_assert!(lock.unlocked_guesses(DAY) <= lock.guesses(DAY));
        }

        #[test]
        fn no_profile_is_too_much(attempts in any::<u32>(), window in any::<u64>(), first in 60..u64::MAX) {
            let lock = Lock { attempts, window, first, longest: first };
            let _ = (lock.guesses(DAY), lock.unlocked_guesses(DAY));
        }
    }

    #[test]
    fn known_settings_add_up() {
        let day = |attempts, window, first, longest| Lock { attempts, window, first, longest }.guesses(DAY);
        // CRUDAuth's own: 4 in each minute never lock. A lock of a minute costs no more than waiting: one at the start, one
        // at the end.
        assert_eq!(day(5, 60, 60, 3_600), Some(4 * 1_440 + 2));
        // Each burst of 10 locks until the next.
        assert_eq!(day(10, 3_600, 3_600, 3_600), Some(24 * 10));
        assert_eq!(day(5, 3_600, 1_800, 1_800), Some(48 * 5));
        assert_eq!(day(1, 0, 3_600, 3_600), Some(24));
        // A lock of no length, failures that are forgotten at once, and a lock after none.
        assert_eq!((day(5, 60, 0, 0), day(5, 0, 60, 60), day(0, 60, 60, 60)), (None, None, None));
    }
}
