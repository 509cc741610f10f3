//! What a message says to write, where the place tells what was meant: the words that somebody can copy.

mod support;

use std::fs;

use support::{Ran, folder, run};

const HEAD: &str = "version = 1\n\n[app]\nname = \"shop\"\nkind = \"generic\"\nmode = \"dev\"\n";

/// Checks a profile in a folder of its own.
fn check(profile: &str) -> Ran {
    let folder = folder();
    fs::write(folder.path().join("security.toml"), profile).expect("a file can be written");
    let ran = run(folder.path(), &["check", "--format", "json"]);
    assert!(!ran.err.contains("panicked"), "{}", ran.err);
    ran
}

/// The helps of what is wrong in it.
fn helps(profile: &str) -> Vec<String> {
    let report: serde_json::Value =
        serde_json::from_str(&check(profile).out).expect("standard output is one JSON document");
    let help = |finding: &serde_json::Value| finding["help"].as_str().unwrap_or_default().to_owned();
    report["findings"].as_array().expect("findings are a list").iter().map(help).collect()
}

/// Asks that each of these lines, behind a minimal profile, is told this.
fn told(cases: &[(&str, &str)]) {
    for (lines, words) in cases {
        let helps = helps(&format!("{HEAD}{lines}\n"));
        assert!(helps.iter().any(|help| help.contains(words)), "{lines}\nis not told {words:?}, but {helps:#?}");
    }
}

#[test]
fn a_value_of_the_wrong_type_is_told_as_it_has_to_be_written() {
    told(&[
        ("[hsts]\nmax_age = 31536000", "\"1y\""),
        ("[hsts]\nmax_age = 300", "\"5m\""),
        ("max_body = 10485760", "\"10MiB\""),
        ("[rate_limits.routes.x]\nlimit = 5", "\"5/min\""),
        ("[targets.nginx]\nversion = 1.22", "`\"1.22\"`"),
        ("[tls]\nmin_version = 1.2", "`\"1.2\"`"),
        ("[tls]\nterminate = false", "`\"off\"`"),
        ("[api_docs]\npaths = \"/docs\"", "`[\"/docs\"]`"),
        (
            "[cors]\norigins = \"https://a.example, https://b.example\"",
            "`[\"https://a.example\", \"https://b.example\"]`",
        ),
        ("frontend_url = [\"https://a.example\"]", "`\"https://a.example\"`"),
        ("workers = \"4\"", "`4`, without quotes"),
        ("[email.smtp]\nhost = \"x.example\"\nport = \"587\"", "`587`, without quotes"),
        ("debug = \"false\"", "`false`, without quotes"),
        ("[cors]\ncredentials = 1", "`true`, without quotes"),
        ("[hsts]\nenabled = \"on\"", "`true`, without quotes"),
    ]);
}

#[test]
fn a_unit_of_another_program_is_told_as_ours() {
    told(&[
        ("timeout = \"1 minute\"", "write \"1m\""),
        ("timeout = \"90 sec\"", "write \"90s\""),
        ("[hsts]\nmax_age = \"12 months\"", "write \"360d\""),
        ("[hsts]\nmax_age = \"1yr\"", "write \"1y\""),
        ("[hsts]\nmax_age = \"52w\"", "write \"364d\""),
        ("[hsts]\nmax_age = \"31536000\"", "write \"1y\", if 31536000 seconds are meant"),
        ("max_body = \"10M\"", "\"10MiB\""),
        ("max_body = \"512 kb\"", "\"512KiB\""),
        ("max_body = \"1048576\"", "\"1MiB\", if 1048576 bytes are meant"),
        ("[rate_limits.routes.x]\nlimit = \"5 per minute\"", "write \"5/min\""),
        ("[rate_limits.routes.x]\nlimit = \"5r/m\"", "write \"5/min\""),
        ("[rate_limits.routes.x]\nlimit = \"100/hour\"", "write \"100/h\""),
        ("[rate_limits.routes.x]\nlimit = \"10\"", "\"10/min\", if a minute is meant"),
    ]);
}

#[test]
fn a_table_of_which_one_value_is_written_is_told_whole() {
    told(&[
        ("[rate_limits.routes]\nlogin = \"10/min\"", "`login = { limit = \"10/min\" }`"),
        ("[rate_limits.routes]\nlogin = \"10/min\"", "its keys are limit"),
        ("[rate_limits.routes]\nlogin = \"10/min\"", "`sign_in`"),
        ("[rate_limits.routes]\nregister = 3", "`sign_up`"),
        ("[rate_limits.routes]\nexport = [\"/export\"]", "its keys are limit"),
        ("[rate_limits]\nroutes = \"5/min\"", "`[rate_limits.routes.NAME]`"),
        ("[cookies]\nsession = \"strict\"", "`session = { same_site = \"strict\" }`"),
        ("[cookies]\nsession = true", "`session = { secure = true }`"),
        ("[secrets]\nsecret_key = \"env:SECRET_KEY\"", "`secret_key = { source = \"env:SECRET_KEY\" }`"),
        ("[targets]\nnginx = \"1.22.1\"", "`nginx = { version = \"1.22.1\" }`"),
        ("[modes]\ntest = \"prod\"", "`[modes.test]` section"),
    ]);
    // What is in the right form is told its right name, too.
    let prod = format!("{HEAD}[rate_limits.routes.login]\nlimit = \"10/min\"\npaths = [\"/login\"]\n")
        .replace("\"dev\"", "\"prod\"");
    assert!(helps(&prod).iter().any(|help| help.contains("if `login` is that route, give it the name `sign_in`")));
}

#[test]
fn a_key_in_the_wrong_place_is_told_its_own() {
    told(&[
        ("[lockout]\nhttp_port = 8080", "`[targets.nginx]` and `[targets.caddy]`"),
        ("[proxy]\nupstream = \"127.0.0.1:8000\"", "`[app]`"),
        ("[email]\nport = 587", "`[email.smtp]`"),
        ("[headers]\nsame_site = \"lax\"", "`[cookies.NAME]`"),
        ("[tls]\ncert = \"/etc/ssl/a.pem\"", "`[tls.certificate]`"),
        ("hsts = { enabled = true }", "at the top of the profile"),
        ("[app.cors]\norigins = []", "at the top of the profile"),
        ("[modes.test]\nworkers = 1", "`[app]`"),
        // The near one goes first, and one that is nowhere is told what is known.
        ("[passwords]\nminlength = 12", "did you mean `min_length`?"),
        ("[hsts]\nfrobnicate = 1", "known here: enabled, max_age"),
    ]);
    // A value tells which of several keys of a name is meant.
    let top = |line: &str| helps(&HEAD.replace("\n[app]", &format!("{line}\n[app]"))).concat();
    assert_eq!(top("url = \"https://a.example\""), "`url` is a key of `[app]`: write it there");
    let references = top("url = \"env:DATABASE_URL\"");
    assert!(references.contains("`[state]`") && references.contains("`[database]`") && !references.contains("`[app]`"));
}

/// What was meant is known, so that nothing is missing besides.
#[test]
fn a_slip_in_a_key_that_has_to_be_there_is_one_complaint() {
    let entries = "[secrets.key]\nsource = \"env:KEY\"\npurpose = \"signing\"\n\
                   [rate_limits.routes.sign_in]\nlimit = \"5/min\"\npaths = [\"/in\"]\n\
                   [[waivers]]\nrule = \"COR007\"\nreason = \"they move in January\"\nexpires = 2027-01-31\n";
    for (right, slip) in [
        ("version = 1", "versoin = 1"),
        ("[app]", "[ap]"),
        ("name = ", "nam = "),
        ("kind = ", "type = "),
        ("source = ", "sorce = "),
        ("limit = ", "rate = "),
        ("rule = ", "code = "),
        ("reason = ", "why = "),
    ] {
        let text = format!("{HEAD}{entries}").replacen(right, slip, 1);
        let meant = right.trim_matches(['[', ']', ' ', '1']).trim_end_matches(" =");
        let [help] = &helps(&text)[..] else { panic!("{slip}: {:?}", helps(&text)) };
        assert!(help.starts_with(&format!("did you mean `{meant}`?")), "{slip}: {help}");
    }
    // What is meant for nothing leaves the key missing.
    assert_eq!(helps(&HEAD.replacen("name = ", "frobnicate = ", 1)).len(), 2);
    // A list of modes is no overlay.
    told(&[("[[waivers]]\nmodes = [\"staging\"]", "known here: rule, key, reason, expires")]);
}

/// Somebody who comes from Django, FastAPI, Spring, Express or nginx writes its words and keys first.
#[test]
fn words_and_keys_of_other_programs_are_told_as_ours() {
    told(&[
        // Words.
        ("[database]\nengine = \"mssql\"", "leave `engine` out"),
        ("[database]\nengine = \"postgresql+asyncpg\"", "did you mean \"postgresql\"?"),
        ("[database]\ntls = \"VERIFY_FULL\"", "did you mean \"verify-full\"?"),
        ("[database]\ntls = \"prefer\"", "goes on in plain text"),
        ("[tls]\nmin_version = \"TLSv1.2\"", "did you mean \"1.2\"?"),
        ("[tls]\nterminate = \"cloudflare\"", "did you mean \"upstream\"?"),
        ("[tls.certificate]\nissuer = \"letsencrypt\"", "did you mean \"acme\"?"),
        ("[cookies.a]\nsame_site = \"Lax\"", "did you mean \"lax\"?"),
        ("[cookies.a]\npurpose = \"csrftoken\"", "did you mean \"csrf\"?"),
        ("[headers]\nframe_options = \"sameorigin\"", "did you mean \"SAMEORIGIN\"?"),
        ("[headers]\nframe_options = \"ALLOW-FROM\"", "`frame-ancestors`"),
        ("[passwords]\nhash = \"PBKDF2PasswordHasher\"", "did you mean \"pbkdf2-sha256\"?"),
        ("[state]\nbackend = \"valkey\"", "did you mean \"redis\"?"),
        ("[email]\ncarrier = \"sendgrid\"", "did you mean \"smtp\"?"),
        ("[email.smtp]\nhost = \"mail.example.org\"\nsecurity = \"tls\"", "port 587"),
        ("[secrets.key]\nsource = \"env:KEY\"\npurpose = \"jwt\"", "did you mean \"signing\"?"),
        ("sign_in = [\"webauthn\"]", "did you mean \"passkey\"?"),
        ("[targets.env]\nreaders = [\"pydantic\"]", "did you mean \"pydantic-settings\"?"),
        // Keys of the same section.
        ("[cors]\nallow_origins = [\"https://a.example\"]", "did you mean `origins`?"),
        ("[cors]\nallowedOrigins = [\"https://a.example\"]", "did you mean `origins`?"),
        ("[cors]\nsupports_credentials = true", "did you mean `credentials`?"),
        ("[hsts]\nseconds = 31536000", "did you mean `max_age`?"),
        ("[lockout]\nfailure_limit = 5", "did you mean `attempts`?"),
        ("[database]\ndialect = \"mysql\"", "did you mean `engine`?"),
        ("[rate_limits.routes.a]\nrate = \"5/min\"", "did you mean `limit`?"),
        ("[waivers]\n", "`[[waivers]]`"),
        ("[modes.production]\n", "did you mean `prod`?"),
        // Keys of another section, and sections.
        ("SECURE_HSTS_SECONDS = 31536000", "`SECURE_HSTS_SECONDS` is `hsts.max_age` here"),
        ("SESSION_COOKIE_SECURE = true", "`SESSION_COOKIE_SECURE` is `cookies.NAME.secure` here"),
        ("[proxy]\nALLOWED_HOSTS = [\"a.example\"]", "`ALLOWED_HOSTS` is `app.aliases` here"),
        ("client_max_body_size = \"10m\"", "did you mean `max_body`?"),
        ("[headers]\nserver_tokens = false", "did you mean `hide_server`?"),
        ("[proxy]\nproxy_pass = \"http://127.0.0.1:8000\"", "`proxy_pass` is `app.upstream` here"),
        ("[tls]\nssl_certificate_key = \"/a/b.pem\"", "`ssl_certificate_key` is `tls.certificate.key` here"),
        ("[tls]\nssl_protocols = \"TLSv1.2 TLSv1.3\"", "did you mean `min_version`?"),
        ("[proxy]\ntrust_proxy = 1", "did you mean `hops`?"),
        ("[nginx]\nversion = \"1.22.1\"", "`nginx` is `targets.nginx` here"),
        ("[jwt]\nalgorithm = \"HS256\"", "did you mean `tokens`?"),
        ("[csp]\ndefault_src = \"self\"", "`csp` is `headers.content_security_policy` here"),
        ("[ratelimit]\nenabled = true", "did you mean `rate_limits`?"),
    ]);
    // A secret behind another program's name for its key is shown as little as behind ours.
    let ran = check(&format!("{HEAD}[email.smtp]\nhost = \"mail.example.org\"\npass = \"hunter2-not-real\"\n"));
    assert!(ran.out.contains("did you mean `password`?") && !ran.out.contains("hunter2"), "{}", ran.out);
}

#[test]
fn what_is_no_toml_is_told_in_its_own_words() {
    for (line, words) in [
        ("name=a", "`name = \"a\"`"),
        ("mode = prod", "`mode = \"prod\"`"),
        ("max_age = 1y", "`max_age = \"1y\"`"),
        ("trusted = 10.0.0.0/8", "in quotes: `trusted = \"…\"`"),
        ("origins = [https://a.example]", "every element in quotes"),
        ("enabled = True", "`enabled = true`"),
        ("enabled = off", "`enabled = false`"),
        ("name = “shop”", "straight quotes"),
        ("name = \"shop", "close the text"),
        ("domain = null", "take `domain` out"),
        ("name =", "write a value"),
        ("name: \"shop\"", "write `=`"),
        ("name == \"shop\"", "write one `=`"),
        ("workers = 4,", "leave it out"),
        ("[app", "close the name of the section"),
        ("// a comment", "`#`"),
        ("enabled", "write `=` and a value"),
    ] {
        let helps = helps(&format!("{line}\n"));
        assert!(helps.iter().any(|help| help.contains(words)), "{line}\nis not told {words:?}, but {helps:#?}");
    }
    // What may be a secret is not repeated.
    for line in ["url = hunter2-not-real", "secret_key = hunter2-not-real", "password = hunter2-not-real"] {
        let ran = check(&format!("[state]\n{line}\n"));
        assert!(ran.code == Some(1) && !ran.out.contains("hunter2"), "{line}\n{}", ran.out);
    }
}

#[test]
fn an_app_of_ones_own_is_generic() {
    let kind = |kind: &str| helps(&HEAD.replace("generic", kind)).concat();
    for app in ["fastapi", "django", "rails", "my app", "none"] {
        assert!(kind(app).contains("write \"generic\", for any other app"), "{app}: {}", kind(app));
    }
    assert!(kind("fastcm").contains("did you mean \"fastcms\"?"));
    assert!(kind("my-app.toml").contains("\"./my-app.toml\""));
}

#[test]
fn a_cdn_is_trusted_by_its_name() {
    let profile = |trusted: &str| {
        let app = HEAD.replace("\"dev\"", "\"prod\"\nurl = \"https://a.example\"");
        format!(
            "{app}[tls]\nterminate = \"upstream\"\n[proxy]\nhops = 2\ntrusted = {trusted}\n[targets]\nnginx = {{ version = \"1.22.1\" }}\ncaddy = {{ version = \"2.8.4\" }}\n"
        )
    };
    let folder = folder();
    let path = folder.path();
    for (trusted, network, title) in [
        ("[\"cloudflare\"]", "173.245.48.0/20", "Cloudflare"),
        ("[\"10.0.0.0/8\", \"fastly\"]", "151.101.0.0/16", "10.0.0.0/8, Fastly"),
    ] {
        fs::write(path.join("security.toml"), profile(trusted)).expect("a file can be written");
        let found = run(path, &["check", "--format", "json"]).out;
        assert!(!found.contains("PRF003") && !found.contains("PRX00"), "{found}");
        let plan = run(path, &["plan"]).out;
        assert!(plan.contains(&format!("as told by {title}")) && plan.contains("published on 2026-"), "{plan}");
        let dev = ["render", "--target", "nginx", "--target", "caddy", "--mode", "dev", "--stdout"];
        let rendered = run(path, &dev);
        assert!(rendered.out.matches(network).count() >= 2, "{}{}", rendered.out, rendered.err);
    }
    // A place in the list is a place in the profile, whatever stands before it.
    fs::write(path.join("security.toml"), profile("[\"cloudflare\", \"0.0.0.0/0\"]")).expect("a file can be written");
    let found = run(path, &["check", "--only", "PRX002", "--format", "json"]).out;
    assert!(found.contains("\"key\": \"proxy.trusted[1]\""), "{found}");
    told(&[
        ("[proxy]\nhops = 2\ntrusted = [\"cloudfront\"]", "\"cloudflare\" or \"fastly\""),
        ("[proxy]\nhops = 2\ntrusted = [\"CloudFlare\"]", "did you mean \"cloudflare\"?"),
    ]);
}

#[test]
fn a_schedule_is_written_in_one_step() {
    let prod = HEAD.replace("\"dev\"", "\"prod\"");
    let profile = format!("{prod}[secrets.secret_key]\nsource = \"env:SECRET_KEY\"\npurpose = \"signing\"\n");
    let folder = folder();
    fs::write(folder.path().join("security.toml"), &profile).expect("a file can be written");
    let only = ["check", "--only", "ROT001", "--today", "2026-11-28"];
    let ran = run(folder.path(), &only);
    assert!(
        ran.out.contains("`rotate_every = \"90d\"`") && ran.out.contains("`rotated_at = 2026-11-28`"),
        "{}",
        ran.out
    );
    let mended = format!("{profile}rotate_every = \"90d\"\nrotated_at = 2026-11-28\n");
    fs::write(folder.path().join("security.toml"), mended).expect("a file can be written");
    assert_eq!(run(folder.path(), &only).out, "security.toml: no findings\n");
}

/// A waiver is for a key, whether or not the profile says it: of one that fits no finding, the finding's key is told.
#[test]
fn a_waiver_for_another_key_is_told_the_right_one() {
    let cluster = |key: &str| {
        format!(
            "[targets.kubernetes]\nimage = \"shop@sha256:{}\"\n[[waivers]]\nrule = \"K8S006\"\nkey = \"{key}\"\nreason = \"the gateway \
             is named by the platform's overlay\"\nexpires = 2027-01-31\n",
            "0a".repeat(32)
        )
    };
    let origins = "[cors]\norigins = [\"https://a.example.com\"]\n[[waivers]]\nrule = \"COR005\"\nkey = \"cors.origins[0]\"\nreason = \"x\"\n";
    told(&[
        (&cluster("targets.kubernetes.image"), "something at `targets.kubernetes.gateway`: write that as its `key`"),
        (origins, "write \"cors.origins\""),
    ]);
    // The key is absent from the profile, and what is waived is that nobody wrote it.
    let helps = helps(&format!("{HEAD}{}", cluster("targets.kubernetes.gateway")));
    assert_eq!(helps, Vec::<String>::new());
}

/// What is said to write where mail is off is what a check asks for where it is on.
#[test]
fn who_switches_mail_on_is_told_all_that_it_takes() {
    let prod = HEAD.replace("\"dev\"", "\"prod\"");
    let limit = "[rate_limits.routes.password_reset]\nlimit = \"5/min\"\npaths = [\"/reset\"]\n";
    let help = |email: &str, code: &str| {
        let folder = folder();
        fs::write(folder.path().join("security.toml"), format!("{prod}{limit}[email]\n{email}"))
            .expect("a file can be written");
        let ran = run(folder.path(), &["check", "--only", code, "--format", "json"]);
        let report: serde_json::Value = serde_json::from_str(&ran.out).expect("it is JSON");
        report["findings"][0]["help"].as_str().map(str::to_owned)
    };
    for rest in ["", "carrier = \"smtp\"\n", "carrier = \"file\"\n", "from = \"shop@shop.example.com\"\n"] {
        let off = help(&format!("enabled = false\n{rest}"), "EML004").expect("mail is off");
        let on = help(&format!("enabled = true\n{rest}"), "EML001").expect("nothing carries it");
        let on = on.split("; `email = {").next().unwrap_or_default();
        assert!(off.starts_with("set `email.enabled = true`; ") && off.contains(on), "{rest}\n{off}\n{on}");
    }
    let smtp = "enabled = false\nfrom = \"shop@shop.example.com\"\n[email.smtp]\nhost = \"mail.shop.example.com\"\n";
    assert_eq!(help(smtp, "EML004").as_deref(), Some("set `email.enabled = true`"));
    assert_eq!(help(&smtp.replace("false", "true"), "EML001"), None);
}
