//! The word that a mistyped one most likely meant: `origns` is near `origins`.

/// The known word that a mistyped one most likely meant.
///
/// Distance counts a swap of neighbours as one mistake; more than a third of
/// the word's length (at least one) is no longer "the same word", so nothing is
/// offered rather than something silly.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest_seen(word, known.into_iter().map(|known| (known, Glance::of(known))))
}

/// The same of words that were glanced at before: there are many others to compare them with.
pub fn nearest_seen<'a>(word: &str, known: impl IntoIterator<Item = (&'a str, Glance)>) -> Option<&'a str> {
    let glance = Glance::of(word);
    let mut nearest: Option<(usize, &str)> = None;
    for (candidate, seen) in known {
        let most = (candidate.len().max(word.len()) / 3).max(1);
        // What takes more mistakes than another is not the nearest.
        let most = nearest.map_or(most, |(mistakes, _)| most.min(mistakes));
        if let Some(mistakes) = mistakes((word, glance), (candidate, seen), most)
            && nearest.is_none_or(|nearest| (mistakes, candidate) < nearest)
        {
            nearest = Some((mistakes, candidate));
        }
    }
    nearest.map(|(_, candidate)| candidate)
}

/// Whether a word is most likely a slip of the fingers for another: one mistake, or one in eight letters. Less is made of
/// it than of a word that has to be in a list, because this one may be right as it is.
pub fn is_slip(word: &str, known: &str) -> bool {
    Glance::of(word).may_be_slip(Glance::of(known)) && distance(word, known, most_slips(word.len())).is_some()
}

/// What tells at a glance that a word is no slip for another: its length, and how often it has which characters. For files of
/// thousands of names, of which next to none is a slip.
#[derive(Clone, Copy, Debug)]
pub struct Glance {
    length: usize,
    /// The letters, without capitals, digits and signs, one bit for each: those that it has, those that it has twice, three
    /// times, and four times.
    characters: [u64; 4],
}

impl Glance {
    /// The glance at a word.
    pub fn of(word: &str) -> Self {
        let bit = |byte: u8| match byte {
            b'a'..=b'z' => byte - b'a',
            b'A'..=b'Z' => byte - b'A',
            b'0'..=b'9' => 26 + byte - b'0',
            b'-' | b'_' => 36,
            // Different characters may share a bit: then there is less to tell by.
            other => 37 + other % 27,
        };
        let mut characters = [0; 4];
        for byte in word.as_bytes() {
            let mut again = 1 << bit(*byte);
            for times in &mut characters {
                let had = *times & again;
                *times |= again;
                again = had;
                if again == 0 {
                    break;
                }
            }
        }
        Self { length: word.len(), characters }
    }

    /// Whether the word may be a slip for a known one, as [`is_slip`] has it.
    #[inline]
    pub fn may_be_slip(self, known: Self) -> bool {
        self.may_be_near(known, most_slips(self.length))
    }

    /// Whether so many mistakes may make the one word out of the other: each character that one of the two has more often
    /// takes one for each time.
    #[inline]
    fn may_be_near(self, known: Self, most: usize) -> bool {
        if self.length.abs_diff(known.length) > most {
            return false;
        }
        let mut only_here = 0;
        self.characters.iter().zip(known.characters).all(|(here, there)| {
            only_here += (here & !there).count_ones() as usize;
            // What the other has more often, it has besides as many as these.
            only_here.max((only_here + known.length).saturating_sub(self.length)) <= most
        })
    }
}

/// How many mistakes make a slip in a word of this length.
fn most_slips(length: usize) -> usize {
    (length / 8).max(1)
}

/// A byte without what people mix up.
#[inline]
fn plain(byte: u8) -> u8 {
    if byte == b'-' { b'_' } else { byte.to_ascii_lowercase() }
}

/// How many mistakes make the one word out of the other, if no more than so many. Writing a word out, or shortening it,
/// is one: "production" for "prod".
fn mistakes((word, glance): (&str, Glance), (known, seen): (&str, Glance), most: usize) -> Option<usize> {
    let begins_alike = || word.bytes().zip(known.bytes()).all(|(a, b)| plain(a) == plain(b));
    if let ([first, _, _, ..], [other, _, _, ..]) = (word.as_bytes(), known.as_bytes())
        && plain(*first) == plain(*other)
        && begins_alike()
    {
        return Some(1);
    }
    // Most words need no counting.
    if glance.may_be_near(seen, most) { distance(word, known, most) } else { None }
}

/// Optimal string alignment distance, by bytes, if it is no more than so much: keys are ASCII.
fn distance(a: &str, b: &str, most: usize) -> Option<usize> {
    let b: Vec<u8> = b.bytes().map(plain).collect();
    let mut rows: [Vec<usize>; 3] = [vec![0; b.len() + 1], vec![0; b.len() + 1], (0..=b.len()).collect()];
    let mut behind = None;
    let mut cheapest_before = 0;
    for (i, x) in a.bytes().map(plain).enumerate() {
        rows.rotate_left(1);
        let [before, last, row] = &mut rows;
        row[0] = i + 1;
        let mut cheapest = row[0];
        for (j, y) in b.iter().enumerate() {
            let mut cost = (last[j] + usize::from(x != *y)).min(last[j + 1] + 1).min(row[j] + 1);
            if j > 0 && behind == Some(*y) && b[j - 1] == x {
                cost = cost.min(before[j - 1] + 1);
            }
            row[j + 1] = cost;
            cheapest = cheapest.min(cost);
        }
        // What follows costs as much as one of these rows, and a swap one more than the row before.
        if cheapest > most && cheapest_before >= most {
            return None;
        }
        (behind, cheapest_before) = (Some(x), cheapest);
    }
    Some(rows[2][b.len()]).filter(|mistakes| *mistakes <= most)
}

#[cfg(test)]
mod tests {
    use super::{Glance, distance, is_slip, most_slips, nearest};

    #[test]
    fn typos_find_their_word_and_nonsense_finds_none() {
        let known = ["enabled", "max_age", "include_subdomains", "preload"];
        assert_eq!(nearest("enabld", known), Some("enabled"));
        assert_eq!(nearest("max-age", known), Some("max_age"));
        assert_eq!(nearest("mxa_age", known), Some("max_age"));
        assert_eq!(nearest("include_sub_domains", known), Some("include_subdomains"));
        assert_eq!(nearest("zzz", known), None);
        assert_eq!(nearest("production", ["dev", "prod"]), Some("prod"));
        assert_eq!(nearest("hs256", ["EdDSA", "HS256"]), Some("HS256"));
    }

    /// What a glance rules out, counting the mistakes rules out, too.
    #[test]
    fn a_glance_overlooks_no_slip() {
        let words = [
            "MODE",
            "mode",
            "MOED",
            "M0DE",
            "MODES",
            "BASE_URL",
            "BASE-URL",
            "BASEURL",
            "SECRET_KEY",
            "SERCET_KEYS",
            "CORS_ALLOW_ORIGINS",
            "CORS_ALOW_ORIGIN",
            "CORS_ALLOW_METHODS",
            "SMTP_HOST",
            "SMTP_PORT",
            "",
            "_",
            "aaaaaaaaaaaaaaaa",
            "aaaaaaaabaaaaaac",
            "aaabaaaa",
        ];
        for word in words {
            for known in words {
                let most = most_slips(word.len());
                let whole = distance(word, known, usize::MAX).expect("nothing is more");
                // Where the count may end early, it is none the less the same.
                for most in 0..20 {
                    assert_eq!(
                        distance(word, known, most),
                        Some(whole).filter(|whole| *whole <= most),
                        "{word} {known}"
                    );
                    let may_be_near = Glance::of(word).may_be_near(Glance::of(known), most);
                    assert!(whole > most || may_be_near, "{word} {known}");
                }
                let is_near = word.len().abs_diff(known.len()) <= most && whole <= most;
                assert!(!is_near || Glance::of(word).may_be_slip(Glance::of(known)), "{word} {known}");
                assert_eq!(is_slip(word, known), is_near, "{word} {known}");
            }
        }
    }

    #[test]
    fn a_slip_is_less_than_another_word() {
        for (word, known) in [
            ("CORS_ALLOW_ORIGIN", "CORS_ALLOW_ORIGINS"),
            ("SERCET_KEY", "SECRET_KEY"),
            ("mode", "MODE"),
            ("TURNSTYLE_SECRETKEY", "TURNSTILE_SECRET_KEY"),
        ] {
            assert!(is_slip(word, known), "{word}");
        }
        for (word, known) in [
            ("SECRET_KEY_OLD", "SECRET_KEY"),
            ("SMTP_HOST", "SMTP_PORT"),
            ("DB_HOST", "APP_HOST"),
            ("POSTGRES_PASSWORD", "SMTP_PASSWORD"),
        ] {
            assert!(!is_slip(word, known), "{word}");
        }
    }
}
