//! What an app is told in its variables.

use std::collections::BTreeMap;

use super::*;
use crate::apps::Packs;
use crate::check::{Modes, Opened};
use crate::plan::Target;
use crate::source::Source;

const APP: &str = "version = 1\n[app]\nname = \"shop\"\nkind = \"fastcms\"\nurl = \"https://shop.example.com\"\n";

/// What the app is told behind some edges, or why it cannot be.
fn told(sections: &str, edges: &[Target]) -> Result<Vec<Assignment>, String> {
    planned(sections, edges, |plans| assignments(plans).map_err(|error| error.to_string()))
}

/// What comes of the plans behind some edges.
fn planned<T>(sections: &str, edges: &[Target], of_plans: impl FnOnce(&[Plan<'_>]) -> T) -> T {
    let source = Source::new("security.toml", format!("{APP}{sections}"));
    let opened = Opened::read(&source, &[], &Packs::default());
    assert!(opened.is_sound(), "{}", source.text);
    let policy = opened.policy(opened.modes(Modes::Own)[0]).expect("a profile");
    of_plans(&opened.plans(&policy, edges))
}

fn content(told: &[Assignment], name: &str) -> Option<Content> {
    told.iter().find(|one| one.name == name).map(|one| one.content.clone())
}

#[test]
fn what_the_edge_does_the_app_leaves_off() {
    let sections = "[cors]\norigins = [\"https://a.example\"]\n[targets.kubernetes]\ngateway = { name = \"edge\" }\n";
    let origins = |told: Vec<Assignment>| content(&told, "CORS_ORIGINS");
    assert_eq!(told(sections, &[Target::Nginx]).map(origins), Ok(Some(Content::Public("[]".to_owned()))));
    let app = sections.replace("[cors]\n", "[cors]\nenforced_by = \"app\"\n");
    let listed = Content::Public("[\"https://a.example\"]".to_owned());
    assert_eq!(told(&app, &[Target::Nginx]).map(origins), Ok(Some(listed)));
    let differ = told(sections, &[Target::Nginx, Target::Kubernetes]);
    assert!(differ.is_err_and(|error| error.contains("one thing behind nginx and another behind kubernetes")));
}

#[test]
fn where_a_secret_is_to_be_had_follows_from_what_it_is_for() {
    let sections = "[secrets.secret_key]\nsource = \"env:SECRET_KEY\"\nprevious = \"env:SECRET_KEY_PREVIOUS\"\n\
                    [secrets.admin_password]\nsource = \"env:ADMIN_PASSWORD\"\npurpose = \"admin\"\n\
                    [secrets.maps]\nsource = \"env:MAPS_KEY\"\npurpose = \"api\"\n\
                    [database]\nurl = \"env:DATABASE_URL\"\n\
                    [oauth.google]\nclient_id = \"abc.apps.example\"\n\
                    [oauth.github]\nclient_secret = \"file:/run/secrets/github\"\n\
                    [email.smtp]\nhost = \"smtp.example.com\"\npassword = \"env:SMTP_PASSWORD\"\n\
                    [state]\nurl = \"env:REDIS_URL\"\n";
    let told = told(sections, &[]).expect("every value has a form");
    let file = FilePath::parse("/run/secrets/github").expect("a path");
    for (name, content) in [
        ("SECRET_KEY", Some(Content::Secret(Origin::Made))),
        ("GITHUB_CLIENT_SECRET", Some(Content::Secret(Origin::File(file)))),
        // No code reads these.
        ("SECRET_KEY_PREVIOUS", None),
        ("ADMIN_PASSWORD", None),
        ("MAPS_KEY", Some(Content::Secret(Origin::Given))),
        ("DATABASE_URL", Some(Content::Secret(Origin::Given))),
        ("GOOGLE_CLIENT_ID", Some(Content::Public("abc.apps.example".to_owned()))),
        // Mail is off, and state is in memory.
        ("SMTP_PASSWORD", None),
        ("REDIS_URL", None),
    ] {
        assert_eq!(self::content(&told, name), content, "{name}");
    }
    let later = format!("release = \"pages-2026\"\n{sections}");
    let told = self::told(&later, &[]).expect("every value has a form");
    assert_eq!(content(&told, "SECRET_KEY_PREVIOUS"), Some(Content::Secret(Origin::Before)));
}

#[test]
fn an_app_that_minds_no_capitals_has_one_variable() {
    let text = "secret_key=1\ndebug=true\nDebug=on\n";
    planned("[secrets.secret_key]\nsource = \"env:secret_key\"\n", &[], |plans| {
        let told = assignments(plans).expect("every value has a form");
        let merged = merge(&plans[0], &told, text, &BTreeMap::new()).expect("nothing is open");
        assert!(merged.starts_with("secret_key=1\ndebug=false\nDebug=false\n"), "{merged}");
        assert!(!merged.contains("DEBUG="), "{merged}");
        assert_eq!(missing(&plans[0], &told, text), []);
    });
}
