//! How it is known what a finding says.

use std::cell::LazyCell;

use crate::finding::Finding;
use crate::plan::{Evidence, Known, Plan};

/// Says of each finding that will be told how it is known. What stands in an `.env` file, the app is told.
pub(super) fn say_how_known(findings: &mut [Finding], plans: &[Plan<'_>], is_told: impl Fn(&Finding) -> bool) {
    let known = LazyCell::new(|| Known::new(plans));
    for finding in findings.iter_mut().filter(|finding| finding.evidence.is_none() && is_told(finding)) {
        let is_in_a_file = finding.place.source != 0;
        finding.evidence =
            if is_in_a_file { Some(Evidence::Held) } else { known.of_finding(&finding.place.key, &finding.targets) };
    }
}
