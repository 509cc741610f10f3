//! What an app's pack says decides what its variables mean.

use std::fs;
use std::path::Path;

use super::support::{folder, root, run};
use super::{messages, strong, told, write};

/// A pack of one's own with rows, and a profile of it in production with what it says besides.
fn app(folder: &Path, pack: &str, profile: &str) {
    let head = "version = 1\ntitle = \"the shop\"\nother_controls = \"unknown\"\n";
    write(folder, "shop.toml", &format!("{head}{pack}"));
    let head = "version = 1\n[app]\nname = \"shop\"\nkind = \"./shop.toml\"\nurl = \"https://shop.example.com\"\n";
    write(folder, "security.toml", &format!("{head}{profile}"));
}

/// What is told of the variables in a file by the rules about variables.
fn about_variables(folder: &Path, text: &str) -> Vec<String> {
    write(folder, ".env", text);
    let mut told = messages(folder, &["--env-file", ".env"]);
    told.retain(|line| line.contains(" RND") && !line.contains(" RND004"));
    told
}

/// One file serves the app and Compose: what the pack says to be Compose's is no mistake, and no less a secret.
#[test]
fn variables_of_another_program_are_not_the_apps() {
    // InstaCRUD does not start with what it does not know.
    let own = format!("MODE=prod\nBASE_URL=https://crm.acme.dev\nSECRET_KEY={}\n", strong('1'));
    let compose = "DOMAIN=crm.acme.dev\nSSL_ENABLED=true\nADMIN_EMAIL=admin@acme.dev\nMONGO_PASSWORD=acme-2024\n";
    let folder = folder();
    let path = folder.path();
    let profile = |kind: &str| {
        format!("version = 1\n[app]\nname = \"acme\"\nkind = \"{kind}\"\nurl = \"https://crm.acme.dev\"\n")
    };
    write(path, "security.toml", &profile("instacrud"));
    write(path, ".env", &format!("{own}{compose}"));
    assert_eq!(told(path, &["--env-file", ".env", "--only", "RND002"]), [""; 0]);
    assert_eq!(told(path, &["--env-file", ".env", "--only", "SEC015"]), ["error SEC015 .env:7"]);
    // What neither of the two reads is told; the app's own is looked for behind the others.
    write(path, ".env", &format!("{own}{compose}DOMAINS=a\nEMAIL_DRIVER=file\n"));
    let codes = told(path, &["--env-file", ".env", "--only", "RND002"]);
    assert_eq!(codes, ["error RND002 .env:8", "error RND002 .env:9"]);
    // FastAPI's template has such variables as well, and its app goes on without them.
    let pack = root().join("examples/packs/fastapi-template/my-app.toml");
    fs::copy(pack, path.join("my-app.toml")).expect("the example is there");
    write(path, "security.toml", &profile("./my-app.toml"));
    write(path, ".env", "DOMAIN=acme.dev\nSTACK_NAME=acme\nPROJECT_NAME=Acme\n");
    assert_eq!(told(path, &["--env-file", ".env", "--only", "RND002"]), [""; 0]);
    // Where Compose hands the app its variables one by one, the file is Compose's alone.
    write(path, "security.toml", &profile("instacrud"));
    write(path, ".env", &format!("{own}{compose}BACKUP_HOUR=3\n"));
    write(path, "compose.yaml", "services:\n  acme:\n    environment: {MODE: prod, BACKUP_HOUR: '3'}\n");
    assert_eq!(told(path, &["--env-file", "compose.yaml", "--only", "RND002"]), [""; 0]);
}

/// The routes, the secrets with their purposes, and how mail is secured are the pack's and the file's, and not the starter's.
#[test]
fn a_profile_is_begun_from_what_the_pack_says() {
    let folder = folder();
    let path = folder.path();
    let pack = "[routes]\nsign_in = [\"/anmelden\"]\n[variables]\n\
                STORE_KEY = { field = \"secrets.store.source\", purpose = \"encryption\", required = true }\n\
                STAFF = { field = \"secrets.staff.source\", purpose = \"admin\", required = true }\n\
                SMTP_HOST = { field = \"email.smtp.host\" }\n\
                SMTP_TLS = { field = \"email.smtp.security\", encoding = \"bool\", values = { starttls = \"true\", implicit = \"false\", none = \"false\" }, default = \"true\" }\n\
                SMTP_SSL = { field = \"email.smtp.security\", encoding = \"bool\", values = { starttls = \"false\", implicit = \"true\", none = \"false\" }, default = \"false\" }\n";
    app(path, pack, "");
    fs::remove_file(path.join("security.toml")).expect("it was written");
    for (lines, security) in
        [("SMTP_TLS=False", "none"), ("SMTP_TLS=0\nSMTP_SSL=on", "implicit"), ("SMTP_SSL=no", "starttls")]
    {
        write(
            path,
            ".env",
            &format!("STORE_KEY={}\nSTAFF={}\nSMTP_HOST=mail.acme.dev\n{lines}\n", strong('1'), strong('2')),
        );
        let ran = run(path, &["init", "--app", "./shop.toml", "--from", ".env"]);
        assert!(ran.out.starts_with("wrote security.toml"), "{}{}", ran.out, ran.err);
        let profile = fs::read_to_string(path.join("security.toml")).expect("it was written");
        fs::remove_file(path.join("security.toml")).expect("it was written");
        let profile: toml::Table = profile.parse().expect("it is TOML");
        let secrets = profile["secrets"].as_table().expect("a table");
        assert_eq!(secrets.keys().collect::<Vec<_>>(), ["staff", "store"], "the pack knows no other");
        assert_eq!(secrets["store"]["purpose"].as_str(), Some("encryption"));
        assert_eq!(secrets["staff"]["purpose"].as_str(), Some("admin"));
        let sign_in = &profile["rate_limits"]["routes"]["sign_in"];
        assert_eq!(sign_in.get("paths"), None, "they are the pack's");
        let smtp = profile["email"]["smtp"]["security"].as_str().unwrap_or("starttls");
        assert_eq!(smtp, security, "{lines}");
    }
}

/// Django matches an origin with its scheme, and takes one without for no origin at all.
#[test]
fn a_list_of_origins_has_schemes() {
    let folder = folder();
    let path = folder.path();
    let pack = "readers = [\"django-environ\"]\n[variables]\n\
                CSRF_TRUSTED_ORIGINS = { field = \"app.url\", encoding = \"origin\" }\n\
                ALLOWED_HOSTS = { field = \"app.url\", encoding = \"host\" }\n";
    app(path, pack, "");
    for (line, expected) in [
        ("CSRF_TRUSTED_ORIGINS=https://shop.example.com", ""),
        ("CSRF_TRUSTED_ORIGINS=https://*.example.com,https://b.example", ""),
        ("CSRF_TRUSTED_ORIGINS=shop.example.com", "error RND001"),
        ("CSRF_TRUSTED_ORIGINS=https://shop.example.com,b.example", "error RND001"),
        ("CSRF_TRUSTED_ORIGINS=http://shop.example.com", "warning RND003"),
        ("CSRF_TRUSTED_ORIGINS='https://shop.example.com, https://b.example'", "error RND001"),
        ("ALLOWED_HOSTS=shop.example.com,b.example", ""),
        ("ALLOWED_HOSTS='shop.example.com, b.example'", "error RND001"),
    ] {
        let told = about_variables(path, &format!("{line}\n"));
        assert!(
            told.iter().all(|one| one.starts_with(expected)) && told.is_empty() == expected.is_empty(),
            "{line}: {told:#?}"
        );
    }
    // The right name among them does not make up for everyone's.
    for (line, is_told) in [
        ("ALLOWED_HOSTS=shop.example.com,*", true),
        ("ALLOWED_HOSTS=shop.example.com,.co.uk", true),
        ("ALLOWED_HOSTS=.example.com", false),
        ("CSRF_TRUSTED_ORIGINS=https://shop.example.com,https://*.com", true),
        ("CSRF_TRUSTED_ORIGINS=https://*.example.com", false),
    ] {
        write(path, ".env", &format!("{line}\n"));
        let told = messages(path, &["--env-file", ".env", "--mode", "prod"]);
        assert_eq!(told.iter().any(|line| line.starts_with("warning PRX006")), is_told, "{line}: {told:#?}");
    }
}

/// Each row is read both ways: a file that says what the profile says is silent, and one that does not is told.
#[test]
fn a_pack_says_what_the_app_reads() {
    const NONE: &str = "";
    let smtp = "[email]\nenabled = true\nfrom = \"a@shop.example.com\"\n";
    // What the pack says, what the profile says, a line that is right, one that is not, and what that brings.
    for (pack, profile, right, wrong, brings) in [
        // The hosts follow from the URL.
        (
            "HOSTS = { field = \"app.url\", encoding = \"host\" }",
            NONE,
            "HOSTS=a.example,shop.example.com",
            "HOSTS=shop.example",
            "RND003",
        ),
        // Lists in other forms.
        (
            "ORIGINS = { field = \"cors.origins\", encoding = \"blanks\" }",
            "[cors]\norigins = [\"https://a.example\", \"https://b.example\"]\n",
            "ORIGINS='https://a.example https://b.example'",
            "ORIGINS='https://a.example'",
            "RND003",
        ),
        (
            "METHODS = { field = \"cors.methods\", encoding = \"blanks\" }",
            "[cors]\norigins = [\"https://a.example\"]\nmethods = [\"GET\", \"PUT\"]\n",
            "METHODS='GET PUT'",
            "METHODS='[\"GET\",\"PUT\"]'",
            "RND001",
        ),
        // Lengths of time in other units.
        (
            "TTL = { field = \"tokens.access_ttl\", encoding = \"hours\" }",
            "[tokens]\naccess_ttl = \"1h\"\n",
            "TTL=1",
            "TTL=60",
            "RND003",
        ),
        (
            "IDLE = { field = \"sessions.idle_timeout\", encoding = \"milliseconds\" }",
            "[sessions]\nidle_timeout = \"30m\"\n",
            "IDLE=1800000",
            "IDLE=1800",
            "RND001",
        ),
        // Other names for one variable.
        (
            "TTL = { field = \"tokens.access_ttl\", encoding = \"minutes\", aliases = [\"JWT_MINUTES\"] }",
            "[tokens]\naccess_ttl = \"15m\"\n",
            "JWT_MINUTES=15",
            "JWT_MINUTES=60",
            "RND003",
        ),
        // Mail by a service's API, or by none of the carriers that have names.
        (
            "MAIL = { field = \"email.carrier\", values = { api = \"postmark\", smtp = \"smtp\" } }",
            &format!("{smtp}carrier = \"api\"\napi_key = \"env:POSTMARK_TOKEN\"\n"),
            "MAIL=postmark\nPOSTMARK_TOKEN=STRONG",
            "MAIL=smtp\nPOSTMARK_TOKEN=STRONG",
            "RND003",
        ),
        (
            "MAIL = { field = \"email.carrier\", values = { api = \"ses\", file = \"console\" } }",
            &format!("{smtp}carrier = \"api\"\napi_key = \"env:SES_KEY\"\n"),
            "MAIL=ses\nSES_KEY=STRONG",
            "MAIL=sendmail\nSES_KEY=STRONG",
            "RND001",
        ),
        // Names with patterns are no slips, others are.
        ("SHOP_MODE = {}\n[former]\nSHOP_STAGE = \"SHOP_MODE\"", NONE, "SHOP_MODE=1", "SHOP_STAGE=1", "RND002"),
    ] {
        let folder = folder();
        app(folder.path(), &format!("[variables]\n{pack}\n"), profile);
        let [right, wrong] = [right, wrong].map(|lines| format!("{lines}\n").replace("STRONG", &strong('3')));
        assert_eq!(about_variables(folder.path(), &right), [""; 0], "{pack}: {right}");
        // Where a rule says more than that the two differ, it speaks.
        write(folder.path(), ".env", &wrong);
        let told = messages(folder.path(), &["--env-file", ".env"]);
        let is_told = |line: &String| line.contains(brings) || line.contains("(told by `");
        assert!(told.iter().any(|line| line.contains(" .env:") && is_told(line)), "{pack}: {wrong}: {told:#?}");
    }
    // Of what is partly fixed, the rest can still be asked for, and what is asked otherwise is a gap.
    for (fixed, says, is_gap) in [
        ("[fixed.cors]\nmethods = [\"*\"]\nheaders = [\"*\"]\n", "methods = [\"GET\"]\n", true),
        ("[fixed.cors]\ncredentials = true\n", "credentials = true\n", false),
        ("[fixed.cors]\ncredentials = true\n", "credentials = false\n", true),
    ] {
        let folder = folder();
        let pack = format!(
            "[controls]\ncors = \"setting\"\n{fixed}[variables]\nORIGINS = {{ field = \"cors.origins\", encoding = \"csv\" }}\n"
        );
        app(folder.path(), &pack, &format!("[cors]\nenforced_by = \"app\"\norigins = [\"https://a.example\"]\n{says}"));
        let plan = run(folder.path(), &["plan"]).out;
        let told = about_variables(folder.path(), "ORIGINS=https://a.example\n");
        let is_told = !plan.contains("no gaps") || told.iter().any(|line| line.contains("in its code"));
        assert_eq!(is_told, is_gap, "{fixed}{says}: {plan}{told:#?}");
        assert_eq!(about_variables(folder.path(), "ORIGINS=https://b.example\n").len(), 1 + told.len(), "{fixed}");
    }
    // A limit of the app's own over several periods is compared with what is asked for.
    for (asked, is_told) in [("20/15min", false), ("20/h", true), ("30/15min", false)] {
        let folder = folder();
        let pack =
            "[limits]\nstore = \"state\"\nability = \"fixed\"\n[limits.routes]\nsign_in = { limit = \"20/15min\" }\n";
        let routes = format!(
            "[rate_limits]\nenforced_by = \"app\"\n[rate_limits.routes.sign_in]\nlimit = \"{asked}\"\npaths = [\"/login\"]\n"
        );
        app(folder.path(), pack, &routes);
        let told = messages(folder.path(), &[]);
        let is_there = told.iter().any(|line| line.contains(" RAT003 "));
        assert_eq!(is_there, is_told, "{asked}: {told:#?}");
    }
}

/// What is settled otherwise than a profile asks is told, also of an app of which else nothing is known.
#[test]
fn what_is_settled_in_code_is_told_of_an_unknown_app() {
    for (fixed, says, code) in [
        ("[fixed.lockout]\nenabled = false\n", "[lockout]\nenabled = true\n", "RND004"),
        ("[fixed.tokens]\naccess_ttl = \"7d\"\n", "[tokens]\naccess_ttl = \"15m\"\n", "RND004"),
        ("[fixed.passwords]\nmin_length = 6\n", "[passwords]\nmin_length = 15\n", "RND004"),
        ("[fixed.app]\ndebug = true\n", "", "RND001"),
    ] {
        let folder = folder();
        app(folder.path(), fixed, says);
        let told = messages(folder.path(), &["--mode", "prod"]);
        assert!(told.iter().any(|line| line.starts_with(&format!("error {code}"))), "{fixed}: {told:#?}");
    }
}

/// What a pack leaves open is taken as it is of an app without one; what it knows, or says that the app does without, is not.
#[test]
fn variables_that_a_pack_does_not_name_are_taken_or_told() {
    let folder = folder();
    let path = folder.path();
    let file = format!(
        "APP_URL=https://shop.acme.dev\nSTRIPE_SECRET_KEY={}\nDATABASE_URL=postgresql://shop:{}@db.acme.dev/shop\n\
         REDIS_URL=rediss://:{}@r.acme.dev:6380/0\nSMTP_HOST=mail.acme.dev\nCOLOR=red\n",
        strong('1'),
        strong('2'),
        strong('3')
    );
    let begun = |pack: &str| {
        app(path, pack, "");
        fs::remove_file(path.join("security.toml")).expect("it was written");
        write(path, ".env", &file);
        let ran = run(path, &["init", "--app", "./shop.toml", "--from", ".env"]);
        let profile = fs::read_to_string(path.join("security.toml")).expect("it was written");
        let left = ran.out.lines().find(|line| line.starts_with("not in the profile")).unwrap_or_default().to_owned();
        (profile.parse::<toml::Table>().expect("it is TOML"), left)
    };
    let at = |profile: &toml::Table, way: &[&str]| {
        let mut value = Some(toml::Value::Table(profile.clone()));
        for step in way {
            value = value.and_then(|value| value.get(step).cloned());
        }
        value.and_then(|value| value.as_str().map(str::to_owned))
    };
    let (profile, left) = begun("[variables]\nMODE = { field = \"app.mode\" }\n");
    for (way, expected) in [
        (&["app", "url"][..], "https://shop.acme.dev"),
        (&["database", "url"], "env:DATABASE_URL"),
        (&["state", "url"], "env:REDIS_URL"),
        (&["state", "backend"], "redis"),
        (&["email", "smtp", "host"], "mail.acme.dev"),
        (&["secrets", "stripe_secret_key", "source"], "env:STRIPE_SECRET_KEY"),
    ] {
        assert_eq!(at(&profile, way).as_deref(), Some(expected), "{way:?}");
    }
    assert_eq!(left, "not in the profile: COLOR (not known of the shop)");
    // What the app has another variable for, this one does not say.
    let (profile, left) = begun(
        "[variables]\nCACHE = { field = \"state.url\" }\nDB = { field = \"database.url\" }\nPLACE = { field = \"app.url\" }\n",
    );
    assert_eq!((at(&profile, &["state", "url"]), at(&profile, &["database", "url"])), (None, None));
    assert!(
        left.contains("APP_URL") && at(&profile, &["secrets", "redis_url", "source"]).is_some(),
        "{left}\n{profile}"
    );
    // Nor what it does without.
    let (profile, left) = begun("unknown_variables = \"ignored\"\n");
    assert!(at(&profile, &["state", "url"]).is_none() && left.contains("APP_URL"), "{left}\n{profile}");
}

/// A file that nobody named is not in the profile, and that is told.
#[test]
fn a_file_beside_that_nobody_named_is_told() {
    let folder = folder();
    let path = folder.path();
    let told = "not looked at: .env; `init --from .env` begins with what it says";
    assert!(!run(path, &["init", "--out", "a.toml"]).out.contains("not looked at"));
    write(path, ".env", "A=1\n");
    assert!(run(path, &["init", "--out", "b.toml"]).out.contains(told));
    assert!(!run(path, &["init", "--out", "c.toml", "--from", ".env"]).out.contains("not looked at"));
}
