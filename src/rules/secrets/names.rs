//! What the name of a variable says about it: whether it looks like a secret's, what such a secret is for, and whether a
//! front end's bundler publishes it.

use std::borrow::Cow;

use super::begins;
use crate::profile::SecretPurpose;

/// Declares questions about words: whether one is among these.
macro_rules! questions {
    ($($(#[$doc:meta])+ $name:ident: $($word:literal)+;)+) => {$(
        $(#[$doc])+
        fn $name(word: &str) -> bool {
            matches!(word, $($word)|+)
        }
    )+};
}

questions! {
    /// What a name ends in that is a secret's.
    is_secrets: "SECRET" "SECRETS" "KEY" "KEYS" "TOKEN" "TOKENS" "PASSWORD" "PASSWORDS" "PASSWD" "PASS" "PWD" "PW"
        "PASSPHRASE" "PASSCODE" "CREDENTIAL" "CREDENTIALS" "CREDS" "SALT" "PEPPER" "APIKEY" "SECRETKEY" "PRIVATEKEY"
        "APITOKEN" "MASTERKEY" "AUTH" "PGPASSWORD"
        // A password or a secret in German, French, Spanish, Portuguese, Italian, Dutch, Polish and Turkish.
        "PASSWORT" "KENNWORT" "GEHEIMNIS" "PASSE" "MDP" "CONTRASENA" "SECRETO" "SENHA" "SEGREDO" "PAROLA" "WACHTWOORD"
        "HASLO" "SIFRE";
    /// Of these, those that mean something else as well: a decision process, a word of speech.
    is_of_two_meanings: "MDP" "PAROLA";
    /// What sends mail.
    is_for_mail: "SMTP" "MAIL" "EMAIL" "IMAP";
    /// What may stand behind that, and changes nothing.
    is_qualifier: "PREVIOUS" "PREV" "OLD" "NEW" "NEXT" "CURRENT" "FALLBACK" "FALLBACKS" "PRIMARY" "SECONDARY" "BASE" "DEV"
        "DEVELOPMENT" "TEST" "TESTING" "STAGING" "STAGE" "PROD" "PRODUCTION" "LIVE" "LOCAL" "SANDBOX" "VALUE" "PLAIN" "RAW"
        "DEFAULT" "BASE64" "B64" "HEX" "PEM" "V1" "V2";
    /// What may stand before `KEY`, `KEYS`, `TOKEN` or `AUTH` in a name that is no secret's: the public half of a pair, what
    /// a page shows to everyone, and keys that are no keys of locks.
    is_public: "PUBLIC" "PUB" "PUBLISHABLE" "SITE" "ANON" "PRIMARY" "FOREIGN" "PARTITION" "SORT" "RANGE" "HASH" "CACHE"
        "ROUTING" "IDEMPOTENCY" "OBJECT" "SHORTCUT" "HOT" "REGISTRY" "LOOKUP" "INDEX" "GROUP" "COUNT" "MAX" "NUM" "PAD"
        "EOS" "BOS" "STOP" "INPUT" "OUTPUT" "USE" "ENABLE" "DISABLE" "REQUIRE" "BASIC" "WITH";
    /// What makes the whole name say something about a secret, wherever it stands: it is a switch, or what a check asks for.
    is_about: "ENABLE" "ENABLED" "DISABLE" "DISABLED" "REQUIRE" "REQUIRED" "ALLOW" "VALIDATE" "PER" "MAX" "MIN" "NUM";
    /// What encrypts.
    is_for_encryption: "ENCRYPTION" "ENCRYPT" "CRYPTO" "CRYPT" "CIPHER" "AES" "FERNET" "MASTER" "MASTERKEY" "ENC" "KEK" "DEK";
    /// What signs.
    is_for_signing: "JWT" "JWS" "SIGN" "SIGNING" "SIGNATURE" "SESSION" "SESSIONS" "COOKIE" "COOKIES" "HMAC" "CSRF" "XSRF"
        "NEXTAUTH";
    /// Who may do anything.
    is_for_admins: "ADMIN" "ADMINISTRATOR" "SUPERUSER" "ROOT";
    /// Servers that ask for passwords.
    is_for_databases: "DB" "DATABASE" "POSTGRES" "POSTGRESQL" "PG" "PGPASSWORD" "MYSQL" "MARIADB" "MONGO" "MONGODB" "REDIS"
        "VALKEY" "MSSQL" "SA" "RABBITMQ" "AMQP" "CLICKHOUSE" "ELASTIC" "ELASTICSEARCH" "NEO4J" "CASSANDRA" "COUCHDB";
    /// What may stand before the names of frameworks' keys, when they are the app's own and no other service's.
    is_own: "DJANGO" "FLASK" "RAILS" "FASTAPI" "NUXT" "NEXT" "APP" "SERVER" "BACKEND" "WEB";
}

/// Whether words are the name of a key with which frameworks sign: Django and Flask, Rails, Symfony and others, Auth.js.
fn is_frameworks(words: &[&str]) -> bool {
    matches!(words, ["SECRET"] | ["SECRET", "KEY"] | ["SECRET", "KEY", "BASE"] | ["APP" | "AUTH" | "TOKEN", "SECRET"])
}

/// A question about a word.
type Question = fn(&str) -> bool;

/// What a word says that a secret is for, the first that is found; where none does, it opens another service.
const PURPOSES: [(SecretPurpose, Question); 4] = [
    (SecretPurpose::Encryption, is_for_encryption),
    (SecretPurpose::Signing, is_for_signing),
    (SecretPurpose::Admin, is_for_admins),
    (SecretPurpose::Database, is_for_databases),
];

/// What front ends' bundlers publish by the beginning of a variable's name: Vite, Next.js, Create React App; Svelte, Astro and
/// Rsbuild; Nuxt, Expo, Gatsby, Vue CLI, Storybook, ngx-env for Angular, Laravel Mix, Bun, Taro, Snowpack, Razzle, Gridsome,
/// Redwood, Waku, Plasmo.
const PUBLISHED: [&str; 19] = [
    "VITE_",
    "NEXT_PUBLIC_",
    "REACT_APP_",
    "PUBLIC_",
    "NUXT_PUBLIC_",
    "EXPO_PUBLIC_",
    "GATSBY_",
    "VUE_APP_",
    "STORYBOOK_",
    "NG_APP_",
    "MIX_",
    "BUN_PUBLIC_",
    "TARO_APP_",
    "SNOWPACK_PUBLIC_",
    "RAZZLE_",
    "GRIDSOME_",
    "REDWOOD_ENV_",
    "WAKU_PUBLIC_",
    "PLASMO_PUBLIC_",
];

/// The prefix by which a bundler would put a variable into its scripts, and what is left of the name.
pub(super) fn published_by(name: &str) -> Option<(&'static str, &str)> {
    let prefix = PUBLISHED.into_iter().find(|prefix| begins(name, prefix))?;
    Some((prefix, &name[prefix.len()..]))
}

/// Whether a variable of this name looks like a secret's.
pub fn is_secrets_name(name: &str) -> bool {
    purpose(name).is_some()
}

/// What a secret is for that has a name like this; one that opens another service, where the name says nothing.
pub fn purpose_of(name: &str) -> SecretPurpose {
    purpose(name).unwrap_or(SecretPurpose::Api)
}

/// What a secret is for that has a name like this; none where the name is no secret's.
pub(in crate::rules) fn purpose(name: &str) -> Option<SecretPurpose> {
    let name = spelled(name);
    // The folder that a shell is in, and was in.
    if matches!(&*name, "PWD" | "OLDPWD" | "OLD_PWD") {
        return None;
    }
    let words = name.split('_').filter(|word| !word.is_empty());
    let is_behind = |word: &&str| is_qualifier(word) || word.as_bytes().iter().all(u8::is_ascii_digit);
    // Most names of a file end here.
    let is_secret = |last: &str| is_secrets(last) || glued(last);
    words.clone().rfind(|word| !is_behind(word)).filter(|last| is_secret(last))?;
    let words: Vec<&str> = words.collect();
    let end = words.iter().rposition(|word| !is_behind(word))? + 1;
    let (last, before) = words[..end].split_last()?;
    let can_be_public = matches!(*last, "KEY" | "KEYS" | "TOKEN" | "TOKENS" | "AUTH");
    // A key of a lock is a name under which one is held.
    let is_of_a_lock = |word: &str| word == "LOCK" && matches!(*last, "KEY" | "KEYS");
    let shown = can_be_public && before.last().is_some_and(|word| is_public(word) || is_of_a_lock(word));
    let lets_in = |word: &&str| is_for_databases(word) || is_for_admins(word) || is_for_mail(word);
    let is_a_word = || is_of_two_meanings(last) && !before.iter().any(lets_in);
    // `SMTP_AUTH` says how, `REDIS_AUTH` is a password.
    let is_a_way = || *last == "AUTH" && meant_for(before) != SecretPurpose::Database;
    let is_one = !shown && !words.iter().any(|word| is_about(word)) && !is_a_way() && !is_a_word();
    is_one.then(|| meant_for(&words[..end]))
}

/// Whether one word ends in a secret's, as in `DBPASSWORD`.
fn glued(word: &str) -> bool {
    ["PASSWORD", "SECRET", "PASSWD", "APIKEY", "SECRETKEY", "PRIVATEKEY"].iter().any(|end| word.ends_with(end))
}

fn meant_for(words: &[&str]) -> SecretPurpose {
    let has = |is: Question| words.iter().any(|word| is(word));
    let by_word = PURPOSES.into_iter().find(|(_, is)| has(*is)).map(|(purpose, _)| purpose);
    // With Laravel's key cookies are encrypted and links signed, and what a database keeps is encrypted.
    if words == ["APP", "KEY"] {
        return SecretPurpose::Encryption;
    }
    let frameworks = || {
        let behind_own = words.split_first().filter(|(first, _)| is_own(first)).map(|(_, rest)| rest);
        (behind_own.is_some_and(is_frameworks) || is_frameworks(words)).then_some(SecretPurpose::Signing)
    };
    by_word.or_else(frameworks).unwrap_or(SecretPurpose::Api)
}

/// A name in capitals, its words parted by `_`: `dbPassword` has two, as `DB_PASSWORD` has.
pub fn spelled(name: &str) -> Cow<'_, str> {
    // As most names are written.
    if name.as_bytes().iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_') {
        return Cow::Borrowed(name);
    }
    let mut spelled = String::with_capacity(name.len() + 4);
    let mut was_small = false;
    for c in name.chars() {
        if !c.is_ascii_alphanumeric() || (was_small && c.is_ascii_uppercase()) {
            spelled.push('_');
        }
        if c.is_ascii_alphanumeric() {
            spelled.push(c.to_ascii_uppercase());
        }
        was_small = c.is_ascii_lowercase();
    }
    Cow::Owned(spelled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_told_from_others() {
        use SecretPurpose::{Admin, Api, Database, Encryption, Signing};
        for (names, expected) in [
            (
                "SECRET_KEY DJANGO_SECRET_KEY SECRET_KEY_BASE JWT_SECRET JWT_REFRESH_SECRET SESSION_SECRET APP_SECRET \
              COOKIE_SECRET NEXTAUTH_SECRET CSRF_SECRET SECRET jwtSecret SECRET_KEY_PREVIOUS",
                Some(Signing),
            ),
            (
                "ENCRYPTION_KEY DB_ENCRYPTION_KEY FERNET_KEY MASTER_KEY MEILI_MASTER_KEY CREDENTIAL_ENCRYPTION_SECRET \
              VAULT_ENC_KEY AES_KEY_256",
                Some(Encryption),
            ),
            (
                "POSTGRES_PASSWORD DB_PASS DATABASE_PASSWORD MYSQL_PASSWORD REDIS_AUTH MONGO_PWD PGPASSWORD dbPassword \
              SA_PASSWORD REDIS_PASSWORD_1 DB_PWD DB_MDP DB_PASSWORT POSTGRES_SENHA MYSQL_MOT_DE_PASSE",
                Some(Database),
            ),
            ("ADMIN_PASSWORD DJANGO_SUPERUSER_PASSWORD MINIO_ROOT_PASSWORD MYSQL_ROOT_PASSWORD", Some(Admin)),
            (
                "STRIPE_SECRET_KEY GOOGLE_CLIENT_SECRET OPENAI_API_KEY GITHUB_TOKEN SMTP_PASSWORD AWS_SECRET_ACCESS_KEY \
              WEBHOOK_SECRET HCAPTCHA_SECRET DEEP_INFRA_KEY BOT_TOKEN TWILIO_AUTH_TOKEN EMAIL_HOST_PASSWORD \
              AWS_CREDENTIALS SENTRY_AUTH_TOKEN PASSWORD API_TOKEN_PROD PRIVATE_KEY STRIPE_APIKEY HASH_SALT SMTP_MDP SMART_LOCK_TOKEN",
                Some(Api),
            ),
            (
                "VAPID_PUBLIC_KEY TURNSTILE_SITE_KEY STRIPE_PUBLISHABLE_KEY SUPABASE_ANON_KEY AWS_ACCESS_KEY_ID KEY_ID \
              KEY_PREFIX CACHE_KEY_PREFIX TOKEN_EXPIRY ACCESS_TOKEN_EXPIRE_MINUTES PASSWORD_MIN_LENGTH PASSWORD_HASHER \
              SECRET_NAME TOKEN_ISSUER JWT_ALGORITHM API_KEY_HEADER SSL_KEY_FILE MAX_TOKENS PASSWORD_RESET_URL \
              ENABLE_API_TOKEN REQUIRE_PASSWORD PRIMARY_KEY SORT_KEY PASSWORD_RESET_TIMEOUT TOKEN_URL KEYCLOAK_REALM \
              MONKEY AUTHOR COMPASS BYPASS AUTH PWD pwd OLD_PWD SUDOKU_MDP MDP NGINX_PAROLA LOCK_KEY HOTKEY SMTP_AUTH MAX_REQUESTS_PER_KEY SECRETS_PATH TOKENIZERS_PARALLELISM BASIC_AUTH_USER USE_AUTH",
                None,
            ),
        ] {
            for name in names.split_whitespace() {
                assert_eq!(purpose(name), expected, "{name}");
            }
        }
    }

    #[test]
    fn what_bundlers_publish_is_known_by_its_prefix() {
        assert_eq!(published_by("VITE_API_SECRET"), Some(("VITE_", "API_SECRET")));
        assert_eq!(published_by("NEXT_PUBLIC_KEY"), Some(("NEXT_PUBLIC_", "KEY")));
        assert_eq!(published_by("INVITE_SECRET"), None);
    }
}
