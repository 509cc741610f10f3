//! A `.env` file that git is about to commit. No profile is asked: what a commit holds is in every clone, whoever reads it.

use std::path::Path;

use super::Checked;
use crate::compose;
use crate::finding::{Finding, Label};
use crate::policy::{Environment, Variable};
use crate::rules::secrets::keeping::SEC008;
use crate::rules::secrets::subject::kept_in;
use crate::source::Source;

/// Which secrets a commit of the file would hold, in comments, too.
pub fn staged(source: Source) -> Checked {
    let environment = Environment::alone(&source, &[]);
    let secrets = environment.secrets().collect();
    let mut findings: Vec<Finding> =
        kept_in(&environment).map(|variable| finding(&source.path, &variable, 0)).collect();
    for (start, text) in comments(&source.text) {
        let comment = Source::new(&source.path, text);
        findings.extend(
            kept_in(&Environment::alone(&comment, &[])).map(|variable| finding(&source.path, &variable, start)),
        );
    }
    findings.sort_by(|a, b| a.order().cmp(&b.order()));
    Checked { secrets, is_profile: false, judged: true, ..Checked::unread(source, findings) }
}

/// Lines that are comments, without their mark, and where each begins.
fn comments(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut end = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        end += line.len();
        let comment = line.trim_start().strip_prefix('#')?;
        Some((end - comment.len(), comment))
    })
}

/// A variable that holds a secret, in a text that begins at this byte of the file.
fn finding(path: &Path, variable: &Variable<'_>, start: usize) -> Finding {
    const OF_A_FILE: &str = "take the file out of the commit with `git rm --cached`, and add it to `.gitignore`; leave the value \
                             empty in an example. If it was ever pushed, replace the secret";
    const OF_COMPOSE: &str = "write `${NAME}` in its place, and the value in a `.env` file that git ignores. If it was ever \
                              pushed, replace the secret";
    let help = if compose::is_one(path) { OF_COMPOSE } else { OF_A_FILE };
    let name = if variable.is_plainly_named { format!("`{}`", variable.name) } else { "a secret".to_owned() };
    let place = Label::of_text(start + variable.span.start..start + variable.span.end, "a secret");
    SEC008.finding(place).saying(format!("git is about to commit {name}"), help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;

    fn found(text: &str) -> Vec<String> {
        staged(Source::new(".env", text)).findings.into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn a_secret_in_any_form_is_told_and_its_value_is_not() {
        let secret = random::hex(16).expect("the system gives random bytes");
        for line in [
            format!("SECRET_KEY={secret}"),
            format!("export SECRET_KEY=\"{secret}\""),
            format!("DATABASE_URL=postgresql://shop:{secret}@db/shop"),
            format!("STRIPE=sk_live_{secret}"),
            format!("ADMIN_PASSWORD={}", &secret[..12]),
            format!("SECRET_KEY={secret}\nSECRET_KEY="),
            format!("# it's the old one\n  # SECRET_KEY={secret}"),
        ] {
            let found = found(&format!("DEBUG=false\n{line}\n"));
            assert!(
                matches!(&found[..], [one] if one.starts_with("git is about to commit `") && !one.contains(&secret)),
                "{line}: {found:?}"
            );
        }
    }

    #[test]
    fn examples_and_what_is_no_secret_may_be_committed() {
        for text in [
            "",
            "SECRET_KEY=\nADMIN_PASSWORD=changeme\nDATABASE_URL=postgresql://user:password@localhost/db\n",
            "SECRET_KEY=your-secret-key-here\nAPI_KEY=<key>\nDEBUG=true\nAPP_URL=https://shop.example.com\n",
            "PASSWORD_MIN_LENGTH=15\nSECRET_KEY=${OTHER}\nSECRET_KEY_FILE=/run/secrets/key\n",
        ] {
            assert_eq!(found(text), Vec::<String>::new(), "{text}");
        }
    }
}
