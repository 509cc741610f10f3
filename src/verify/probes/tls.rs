//! TLS: the certificates, and what the server takes beside what the guideline does.

use super::super::certificate::{Flaw, Judged};
use super::super::hello::{Hello, Said, Version};
use super::super::inquiry::Inquiry;
use super::super::outcome::{Outcome, shown};
use super::super::wire::Trouble;
use super::suites::{GROUPS, INTERMEDIATE, MODERN, SHORT, WEAK, is_of_tls_1_2, name, number};
use crate::plan::Tls;
use crate::profile::{Guideline, Issuer, TlsVersion};
use crate::rules::Rule;
use crate::rules::certificates::{TLS005, TLS009, TLS010, TLS013};
use crate::rules::tls::{TLS001, TLS002, TLS003};

/// Of what is taken and should not be, so much is looked for.
const MOST: usize = 8;

/// A certificate with fewer days left, or with half of what is left when ACME clients renew (certbot and Caddy: a third of its
/// life), is late.
const LATE: i64 = 14;

pub(super) fn probe(inquiry: &mut Inquiry<'_>, tls: &Tls<'_>) -> Outcome {
    let mut outcome = Outcome::default();
    let hosts: Vec<String> = inquiry.site.hosts().map(str::to_owned).collect();
    for host in &hosts {
        if let Some(judged) = inquiry.certificate(host) {
            certificate(inquiry, host, host, &judged, &mut outcome);
        }
    }
    let host = &inquiry.site.host;
    for elsewhere in &inquiry.elsewhere {
        if let Some(judged) = &elsewhere.judged {
            certificate(inquiry, host, &format!("{host} at {}", elsewhere.address), judged, &mut outcome);
        }
    }
    // Of a CDN or balancer nothing is known but that it should not take what is deprecated.
    let (lowest, guideline) = match tls {
        Tls::Upstream => (TlsVersion::V1_2, None),
        Tls::Here { lowest, groups, .. } => (*lowest, Some(groups.unwrap_or(&Guideline::GROUPS))),
    };
    if let Err(trouble) = versions(inquiry, lowest, &mut outcome) {
        outcome.miss(&trouble);
    }
    if let Some(asked) = guideline {
        let done = suites(inquiry, lowest, &mut outcome).and_then(|()| groups(inquiry, asked, &mut outcome));
        if let Err(trouble) = done {
            outcome.miss(&trouble);
        }
    }
    outcome.seen.dedup();
    outcome
}

/// Tells what is wrong with the certificate of a host, which may be shown at one of its addresses alone: `shown_by` says where.
fn certificate(inquiry: &Inquiry<'_>, host: &str, shown_by: &str, judged: &Judged, outcome: &mut Outcome) {
    let settings = &inquiry.plan.policy.tls.certificate;
    let Some(authorities) = inquiry.asked.authorities.as_ref() else { return };
    let mut is_good = true;
    for flaw in &judged.flaws {
        let (rule, key): (&'static Rule, &str) = match flaw {
            // As the profile says.
            Flaw::SelfSigned { .. } if settings.issuer == Issuer::SelfSigned => continue,
            Flaw::SelfSigned { .. } | Flaw::Unknown { .. } => (&TLS010, "tls.certificate.issuer"),
            // An authority of one's own signs without one between, and is trusted only where it is named.
            Flaw::Incomplete { .. } if settings.issuer == Issuer::Private && !authorities.are_named() => {
                (&TLS010, "tls.certificate.issuer")
            }
            Flaw::Incomplete { .. } => (&TLS013, "tls.certificate.cert"),
            Flaw::Expired { .. } | Flaw::NotYet => (&TLS009, "tls.certificate.cert"),
            Flaw::OtherHost { .. } | Flaw::Unreadable => (&TLS001, "tls.certificate.cert"),
            Flaw::Unstapled => (&TLS005, "tls.certificate.stapling"),
        };
        is_good = false;
        // Of several hosts with one certificate, the first is told.
        outcome.breach_once_with(rule, key, flaw.told(shown_by), flaw.help(host, authorities));
        if matches!(flaw, Flaw::Expired { .. } | Flaw::NotYet | Flaw::Unstapled) {
            outcome.is_outage();
        }
    }
    if let Some(lifetime) = settings.lifetime {
        let asked = i64::try_from(lifetime.as_seconds().div_ceil(24 * 60 * 60)).unwrap_or(i64::MAX);
        // Authorities round up.
        if judged.days > asked + 1 {
            let message = format!("{shown_by} shows a certificate for {} days, and {lifetime} is written", judged.days);
            outcome.breach(&TLS009, "tls.certificate.lifetime", message);
        }
    }
    if is_good && judged.left < LATE.min(judged.days / 6) {
        let left = match judged.left {
            ..=0 => "today".to_owned(),
            1 => "in a day".to_owned(),
            days => format!("in {days} days"),
        };
        let help = "renew it, and reload what shows it. ACME clients renew when a third of its life is left, so that one which is this \
                    late has failed to: see its log";
        let message = format!("{shown_by} shows a certificate that ends {left}, and is not renewed yet");
        outcome.breach_once_with(&TLS009, "tls.certificate.cert", message, Some(help.to_owned()));
    }
    if is_good {
        outcome.see(format!("{shown_by}: a certificate of {}, {} days left", shown(&judged.issuer), judged.left));
    }
}

fn greet(inquiry: &mut Inquiry<'_>, hello: &Hello) -> Result<Said, Trouble> {
    let (host, port) = (inquiry.site.host.clone(), inquiry.site.port);
    inquiry.patient(|client| client.greet(&host, port, hello))
}

/// Versions below the lowest that is let in.
fn versions(inquiry: &mut Inquiry<'_>, lowest: TlsVersion, outcome: &mut Outcome) -> Result<(), Trouble> {
    let all: Vec<u16> = INTERMEDIATE.into_iter().chain(WEAK.map(|(number, _)| number)).collect();
    let groups = GROUPS.map(|(number, _)| number).to_vec();
    let mut taken = Vec::new();
    let mut version = Version::TLS_1_1;
    while let Said::Chose { version: chosen, .. } =
        greet(inquiry, &Hello { version, suites: all.clone(), groups: groups.clone() })?
    {
        taken.push(chosen.to_string());
        if chosen <= Version::TLS_1_0 {
            break;
        }
        version = Version(chosen.0 - 1);
    }
    if !taken.is_empty() {
        let message = format!("{} is taken, which RFC 8996 forbids", taken.join(" and "));
        outcome.breach(&TLS002, "tls.min_version", message);
    }
    let (host, port) = (inquiry.site.host.clone(), inquiry.site.port);
    let old = Hello { version: Version::TLS_1_1, suites: all.clone(), groups: groups.clone() };
    for address in inquiry.answering() {
        if let (Ok(Said::Chose { version, .. }), _) = inquiry.at(address, |client| client.greet(&host, port, &old)) {
            let message = format!("{version} is taken at {address}, which RFC 8996 forbids");
            outcome.breach_once(&TLS002, "tls.min_version", message);
        }
    }
    if lowest == TlsVersion::V1_3
        && let Said::Chose { version, .. } = greet(inquiry, &Hello { version: Version::TLS_1_2, suites: all, groups })?
    {
        outcome.breach(&TLS003, "tls.min_version", format!("{version} is taken, and 1.3 is the lowest that is let in"));
    }
    outcome.see(format!("nothing below TLS {lowest}"));
    Ok(())
}

/// Suites that the guideline does not take.
fn suites(inquiry: &mut Inquiry<'_>, lowest: TlsVersion, outcome: &mut Outcome) -> Result<(), Trouble> {
    let mut taken = taken(inquiry, Version::TLS_1_3, SHORT.to_vec())?;
    if lowest < TlsVersion::V1_3 {
        // The suites of older versions go with these.
        let takes_old = outcome.breaches.iter().any(|breach| breach.rule.code == TLS002.code);
        let offered = WEAK.into_iter().filter(|(_, name)| !takes_old || is_of_tls_1_2(name));
        taken.extend(self::taken(inquiry, Version::TLS_1_2, offered.collect())?);
    }
    if taken.is_empty() {
        outcome.see("no suite beyond the guideline's");
    } else {
        let message = format!("suites are taken that the guideline does not have: {}", taken.join(", "));
        outcome.breach(&TLS003, "tls.guideline", message);
    }
    Ok(())
}

/// The names of the suites that the server takes out of some.
fn taken(
    inquiry: &mut Inquiry<'_>,
    version: Version,
    mut offered: Vec<(u16, &'static str)>,
) -> Result<Vec<&'static str>, Trouble> {
    let mut taken = Vec::new();
    let groups = GROUPS.map(|(number, _)| number).to_vec();
    while taken.len() < MOST {
        let suites = offered.iter().map(|(number, _)| *number).collect();
        let said = greet(inquiry, &Hello { version, suites, groups: groups.clone() })?;
        let Said::Chose { suite, .. } = said else { break };
        let Some(index) = offered.iter().position(|(number, _)| *number == suite) else { break };
        taken.push(offered.remove(index).1);
    }
    Ok(taken)
}

/// Groups that are not asked for.
fn groups(inquiry: &mut Inquiry<'_>, asked: &[crate::profile::Group], outcome: &mut Outcome) -> Result<(), Trouble> {
    let good: Vec<u16> = asked.iter().map(|group| number(*group)).collect();
    let mut offered: Vec<u16> =
        GROUPS.iter().map(|(number, _)| *number).filter(|number| !good.contains(number)).collect();
    let mut taken = Vec::new();
    while taken.len() < MOST
        && let Said::Chose { group: Some(group), .. } =
            greet(inquiry, &Hello { version: Version::TLS_1_3, suites: MODERN.to_vec(), groups: offered.clone() })?
        && offered.contains(&group)
    {
        offered.retain(|other| *other != group);
        taken.push(name(group, &GROUPS));
    }
    if taken.is_empty() {
        outcome.see("no group beyond those asked for");
    } else {
        let message = format!("key exchange groups are taken that are not asked for: {}", taken.join(", "));
        outcome.breach(&TLS003, "tls.groups", message);
    }
    Ok(())
}
