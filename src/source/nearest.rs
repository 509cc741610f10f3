/// The known word that a mistyped one most likely meant.
///
/// Distance counts a swap of neighbours as one mistake; more than a third of
/// the word's length (at least one) is no longer "the same word", so nothing is
/// offered rather than something silly.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_ascii_lowercase().replace('-', "_");
    known
        .into_iter()
        .map(|candidate| (mistakes(&word, &candidate.replace('-', "_")), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.len().max(word.len()) / 3).max(1))
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many mistakes make the one word out of the other. Writing a word out, or shortening it, is one: "production" for
/// "prod".
fn mistakes(word: &str, known: &str) -> usize {
    let shortened = word.len().min(known.len()) >= 3 && (word.starts_with(known) || known.starts_with(word));
    if shortened { 1 } else { distance(word, known) }
}

/// Optimal string alignment distance, by bytes: keys are ASCII.
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut cost = (last[j] + usize::from(x != y)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i - 1] == *y && b[j - 1] == *x {
                cost = cost.min(before[j - 1] + 1);
            }
            row.push(cost);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn typos_find_their_word_and_nonsense_finds_none() {
        let known = ["enabled", "max_age", "include_subdomains", "preload"];
        assert_eq!(nearest("enabld", known), Some("enabled"));
        assert_eq!(nearest("max-age", known), Some("max_age"));
        assert_eq!(nearest("mxa_age", known), Some("max_age"));
        assert_eq!(nearest("include_sub_domains", known), Some("include_subdomains"));
        assert_eq!(nearest("zzz", known), None);
        assert_eq!(nearest("production", ["dev", "prod"]), Some("prod"));
    }
}
