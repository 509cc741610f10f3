//! What a finding is across runs: a digest by which a baseline knows it again.

use std::collections::BTreeMap;
use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::check::Checked;
use crate::finding::Finding;
use crate::source::{KeyPath, Segment, portable};

/// What a finding is, whatever line it stands on: its rule, its file, its key and what is wrong, without the numbers in
/// those. `"http://a.example.com" is no origin` at `cors.origins[1]` stays the same finding when another origin is put
/// before it, and `120 days ago` does when it is 121. A message holds no secret, so neither does this.
///
/// `file` is the finding's file, as whoever keeps the fingerprint names it.
pub(super) fn of(finding: &Finding, file: &str) -> String {
    let mut hasher = Sha256::new();
    let message: String = finding.message.chars().filter(|c| !c.is_ascii_digit()).collect();
    let key = KeyPath::new(finding.place.key.segments().iter().map(unnumbered).collect()).to_string();
    for part in [finding.code, file, &key, &message] {
        // The length first, so that no two lists of parts are the same bytes.
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let digest = hasher.finalize();
    digest[..16].iter().fold(String::with_capacity(32), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes everything");
        text
    })
}

fn unnumbered(segment: &Segment) -> Segment {
    match segment {
        Segment::Key(key) => Segment::Key(key.clone()),
        Segment::Index(_) => Segment::Index(0),
    }
}

/// Fingerprints of a run's findings, each another: what is found twice is counted.
#[derive(Debug, Default)]
pub struct Fingerprints(BTreeMap<String, usize>);

impl Fingerprints {
    /// The fingerprint of the run's next finding.
    pub fn next(&mut self, finding: &Finding, checked: &Checked) -> String {
        let fingerprint = of(finding, &portable(&checked.sources[finding.place.source].name()));
        let count = self.0.entry(fingerprint.clone()).or_default();
        *count += 1;
        if *count == 1 { fingerprint } else { format!("{fingerprint}:{count}") }
    }
}
