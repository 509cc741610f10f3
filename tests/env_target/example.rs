//! `.env.example`, which everybody reads: it names what the app needs, and holds nothing that is in use.

use std::fs;

use super::support::{folder, run};
use super::{example, read, render};

/// Characters that chance might have made, others in each run.
fn made_up(length: usize) -> String {
    use std::hash::{BuildHasher, RandomState};
    let [one, two, three, four] = [1, 2, 3, 4].map(|part| RandomState::new().hash_one(part));
    let digits = format!("{one:016x}{two:016x}{three:016x}{four:016x}");
    digits[..length].to_owned()
}

#[test]
fn a_live_value_in_an_example_is_an_error_and_shown_nowhere() {
    let live = made_up(64);
    for line in [
        format!("SECRET_KEY={live}\n"),
        format!("SECRET_KEY='{live}' # the real one\n"),
        format!("export MONGO_URL=mongodb://shop:{live}@db/shop\n"),
        format!("DEEP_INFRA_KEY={live}\n"),
        // Not of the pack: known by its name.
        format!("STRIPE_WEBHOOK_SECRET={live}\n"),
        // In no variable that counts, and known by its form.
        format!("# SECRET_KEY={live}\n"),
        format!("# MONGO_URL=mongodb://shop:{live}@db/shop\n"),
        format!("MINE=ghp_{}\n", &live[..36]),
        format!("AUTH=\"Bearer {live}\"\n"),
    ] {
        let folder = folder();
        example("instacrud", folder.path());
        fs::write(folder.path().join(".env.example"), &line).expect("a file can be written");
        for with in
            [&["--example"][..], &["--example", "--stdout"], &["--example", "--diff"], &["--example", "--check"]]
        {
            let ran = render(folder.path(), with);
            assert_eq!(ran.code, Some(1), "{with:?} {line}{}", ran.err);
            assert!(ran.err.contains("SEC008") && ran.err.contains("a live secret"), "{with:?}: {}", ran.err);
            let shown = format!("{}{}", ran.out, ran.err);
            assert!(!shown.contains(&live[..36]), "{with:?}: {shown}");
        }
        assert_eq!(read(folder.path(), ".env.example"), line);
    }
}

#[test]
fn what_everybody_gives_as_an_example_may_stay_and_is_masked() {
    let folder = folder();
    example("instacrud", folder.path());
    let text = "# ask Ada for hunter2-and-more\nSECRET_KEY=change-me-in-production\nMONGO_URL=mongodb://test:test@db/\nMINE=${OTHER}\n\
                STRIPE_WEBHOOK_SECRET=whsec_xxxxxxxxxxxx\nPUBLIC_NOTE='hello, everyone'\n";
    fs::write(folder.path().join(".env.example"), text).expect("a file can be written");
    let ran = render(folder.path(), &["--example", "--stdout"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    for hidden in ["hunter2", "change-me", "test:test", "whsec_", "hello"] {
        assert!(!ran.out.contains(hidden), "{hidden}: {}", ran.out);
    }
    // What is made of the profile alone is nobody's secret.
    assert!(ran.out.contains("\nMODE=prod\n") && ran.out.contains("\nBREVO_API_KEY=\n"), "{}", ran.out);
    assert!(ran.out.contains("# email.api_key: what the service that it opens gave you"), "{}", ran.out);
}

/// Whatever a row says besides, the app does not start without it.
#[test]
fn what_the_app_needs_is_named_and_its_absence_told() {
    let pack = "version = 1\ntitle = \"the shop\"\nother_controls = \"unknown\"\n[variables]\n\
                SITE_URL = { field = \"app.url\", required = true }\nCONTACT = { field = \"email.from\", required = true }\n\
                REGION = { required = true, note = \"eu or us\" }\nLICENCE_KEY = { required = true, secret = true }\n\
                SESSION_KEY = { field = \"secrets.session.source\", required = true }\n\
                OLD = { required = true, ignored = \"it has no use\" }\nTHEIRS = { required = true, read_by = \"Compose\" }\n\
                NICE = {}\n";
    let profile = "version = 1\n[app]\nname = \"shop\"\nkind = \"./shop.toml\"\nmode = \"dev\"\n";
    let folder = folder();
    fs::write(folder.path().join("shop.toml"), pack).expect("a file can be written");
    fs::write(folder.path().join("security.toml"), profile).expect("a file can be written");
    assert_eq!(render(folder.path(), &["--example"]).code, Some(0));
    let example = read(folder.path(), ".env.example");
    for name in ["SITE_URL", "CONTACT", "REGION", "LICENCE_KEY", "SESSION_KEY"] {
        assert!(example.contains(&format!("\n{name}=\n")), "{name}: {example}");
    }
    assert!(!example.contains("OLD") && !example.contains("THEIRS") && !example.contains("NICE"), "{example}");

    let told = |text: &str| {
        fs::write(folder.path().join(".env"), text).expect("a file can be written");
        let ran = run(folder.path(), &["check", "--env-file", ".env", "--format", "json"]);
        let report: serde_json::Value = serde_json::from_str(&ran.out).expect("it is JSON");
        let findings = report["findings"].as_array().into_iter().flatten();
        let all = ["SITE_URL", "CONTACT", "REGION", "LICENCE_KEY", "SESSION_KEY", "OLD", "THEIRS"];
        let named = |message: &str| all.into_iter().find(|name| message.contains(&format!("`{name}`")));
        let errors = findings.filter(|one| one["severity"] == "error");
        errors.filter_map(|one| named(one["message"].as_str()?)).collect::<std::collections::BTreeSet<_>>()
    };
    let needed = ["CONTACT", "LICENCE_KEY", "REGION", "SESSION_KEY", "SITE_URL"];
    assert_eq!(told("NICE=1\n"), needed.into());
    let all = format!(
        "SITE_URL=http://localhost\nCONTACT=a@b.example\nREGION=eu\nLICENCE_KEY={}\nSESSION_KEY={}\n",
        made_up(32),
        made_up(64)
    );
    assert!(
        !told(&all).iter().any(|name| ["SITE_URL", "CONTACT", "REGION", "LICENCE_KEY"].contains(name)),
        "{:?}",
        told(&all)
    );
}
