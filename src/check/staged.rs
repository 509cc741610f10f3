//! A `.env` file that git is about to commit. No profile is asked: what a commit holds is in every clone, whoever reads it.

use std::path::Path;

use super::Checked;
use crate::compose;
use crate::finding::{Finding, Label};
use crate::policy::Environment;
use crate::rules::secrets::committed::{Committed, committed};
use crate::rules::secrets::keeping::SEC008;
use crate::source::Source;

/// Which secrets a commit of the file would hold, in whatever line.
pub fn staged(source: Source) -> Checked {
    let secrets = Environment::alone(&source, &[]).secrets().collect();
    let mut findings: Vec<Finding> =
        committed(&source, |_| false).iter().map(|secret| finding(&source.path, secret)).collect();
    findings.sort_by(|a, b| a.order().cmp(&b.order()));
    Checked { secrets, is_profile: false, judged: true, ..Checked::unread(source, findings) }
}

fn finding(path: &Path, secret: &Committed) -> Finding {
    const OF_A_FILE: &str = "take the file out of the commit with `git rm --cached`, and add it to `.gitignore`. If it was ever \
                             pushed, replace the secret";
    const OF_AN_EXAMPLE: &str =
        "leave the value empty, and `git add` the file again. If it was ever pushed, replace the secret";
    const OF_COMPOSE: &str = "write `${NAME}` in its place, and the value in a `.env` file that git ignores. If it was ever \
                              pushed, replace the secret";
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_example = ["example", "sample", "template", "dist"].iter().any(|word| name.contains(word));
    let help = match (compose::is_one(path), is_example) {
        (true, _) => OF_COMPOSE,
        (false, true) => OF_AN_EXAMPLE,
        (false, false) => OF_A_FILE,
    };
    let name = secret.name.as_ref().map_or_else(|| "a secret".to_owned(), |name| format!("`{name}`"));
    let place = Label::of_text(secret.span, "a secret");
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

    /// In whatever form a line has it.
    #[test]
    fn a_line_that_is_no_assignment_is_looked_through() {
        let key = random::hex(20).expect("the system gives random bytes");
        let odd = format!("{}&$!@#(-_=+){}", &key[..12], &key[12..24]);
        let telegrams = format!("{}:AA{}", 7_123_456_789_u64, &key[..33]);
        for line in [
            format!("SECRET_KEY: {key}"),
            format!("#SECRET_KEY: {key}"),
            format!("# SECRET_KEY: '{odd}'"),
            format!("# rotated, was SECRET_KEY={key}"),
            format!("SECRET_KEY=old # {key}"),
            format!("SECRET_KEY=${{SECRET_KEY:-{key}}}"),
            format!("A=1 SECRET_KEY={key}"),
            format!("SECRET_KEY=\\\n{key}"),
            format!("setx SECRET_KEY {key}"),
            format!("Environment=SECRET_KEY={key}"),
            format!("secret-key={key}"),
            format!("SECRET.KEY={key}"),
            format!("CONFIG={{\"password\":\"{key}\"}}"),
            format!("{{\"key_file\":\"-----BEGIN PRIVATE KEY-----\\n{key}{key}\\n-----END PRIVATE KEY-----\\n\"}}"),
            format!("URL=https://x.example/?token={key}"),
            format!("AUTH=\"Bearer {key}\""),
            format!("HOOK=https://hooks.slack.com/services/T0{}/B0{}/{}", &key[..8], &key[8..16], &key[..24]),
            format!("# https://discord.com/api/webhooks/1234567890/{key}"),
            format!("MAPS=AIzaSy{}", &key[..33]),
            format!("BOT={telegrams}"),
            format!("# was ghp_{}", &key[..36]),
            format!("# old: postgresql://shop:{key}@db/shop"),
        ] {
            let found = found(&format!("DEBUG=false\n{line}\nPORT=8000\n"));
            assert!(matches!(&found[..], [one] if !one.contains(&key)), "{line}: {found:?}");
        }
    }

    #[test]
    fn examples_and_what_is_no_secret_may_be_committed() {
        for text in [
            "",
            "KMS_KEY=arn:aws:kms:eu-west-1:123456789012:key/8f3a1c0d-9e7b-4264-8d91-c07be3f85d26",
            "# pinned at commit 3b9bd64e34b2ba2d78bea4a0e75e81cf989e1544 because of the token bug",
            "# USDC token: 0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48",
            "# fingerprint of the deploy key: SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
            "# auth: client_id=8f3A1c0d9E7b42648D91c07bE3f85d26 (public), client_secret in vault",
            "SECRET_KEY=\nADMIN_PASSWORD=changeme\nDATABASE_URL=postgresql://user:password@localhost/db\n",
            "SECRET_KEY=your-secret-key-here\nAPI_KEY=<key>\nDEBUG=true\nAPP_URL=https://shop.example.com\n",
            "# openssl rand -hex 32 makes a SECRET_KEY; the token is at https://docs.example.com/en/2026/tokens-and-keys-101\n",
            "# image shop@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\nCLIENT_ID=8f3a1c0d-9e7b-4264-8d91-c07be3f85d26\n",
            "DATABASE_URL='Server=db.example.net;Database=shop;User Id=shop;Password={{password}};Encrypt=false'\n",
            "DATABASE_URL=postgresql://shop:${PASSWORD:-changeme}@db.example.net/shop?sslmode=verify-full\n",
            "# {\"password\": \"changeme\"}\n# see https://hooks.slack.com/services/T000/B000/XXXXXXXXXXXXXXXXXXXXXXXX\n",
            "PASSWORD_MIN_LENGTH=15\nSECRET_KEY=${OTHER}\nSECRET_KEY_FILE=/run/secrets/key\n",
        ] {
            assert_eq!(found(text), Vec::<String>::new(), "{text}");
        }
    }
}
