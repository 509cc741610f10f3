//! Packs of one's own: the examples are clean and render, and what the page about packs shows is true.

mod support;

use std::fs;
use std::path::Path;

use seccfg::apps::AppPack;
use seccfg::source::Source;
use support::{Ran, folder, root, run};

/// The examples, each a folder with a pack and a profile.
const EXAMPLES: [&str; 6] = ["cookiecutter-django", "django", "express", "fastapi", "fastapi-template", "next-auth"];

/// The day on which waivers and rotations are judged.
const TODAY: [&str; 2] = ["--today", "2026-11-21"];

fn example(name: &str, file: &str) -> String {
    fs::read_to_string(root().join("examples/packs").join(name).join(file)).expect("the example is there")
}

/// The fenced blocks of the page, of a kind.
fn blocks(kind: &str) -> Vec<String> {
    let page = fs::read_to_string(root().join("docs/app-packs.md")).expect("the page is there");
    let fence = format!("```{kind}\n");
    let blocks = page.split(&fence).skip(1).filter_map(|rest| rest.split_once("```"));
    blocks.map(|(block, _)| block.to_owned()).collect()
}

fn write(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).expect("a file can be written");
}

#[test]
fn each_example_is_clean_in_every_mode_and_renders() {
    for name in EXAMPLES {
        let folder = folder();
        for file in ["my-app.toml", "security.toml"] {
            write(folder.path(), file, &example(name, file));
        }
        let ran = |args: &[&str]| -> Ran {
            let ran = run(folder.path(), &[args, &TODAY].concat());
            assert_eq!(ran.code, Some(0), "{name}: {args:?}\n{}{}", ran.out, ran.err);
            ran
        };
        let checked = ran(&["check", "--all-modes"]).out;
        assert!(checked.starts_with("security.toml: no findings") && checked.lines().count() == 1, "{name}: {checked}");
        ran(&["render", "--target", "nginx"]);
        ran(&["render", "--target", "env", "--example"]);
        let rendered = fs::read_to_string(folder.path().join(".env.example")).expect("it was rendered");
        let source = Source::new("my-app.toml", example(name, "my-app.toml"));
        let pack = AppPack::read(&source).expect("the pack is sound");
        let told: Vec<&str> = rendered.lines().filter_map(|line| Some(line.split_once('=')?.0)).collect();
        let rows = pack.variables.all();
        let unknown = told.iter().find(|told| !rows.keys().any(|known| known.as_str() == **told));
        assert_eq!(unknown, None, "{name} does not read it");
        let missing = rows.iter().find(|(known, row)| row.required && !told.contains(&known.as_str()));
        assert!(missing.is_none(), "{name} does not start without {missing:?}");
    }
}

#[test]
fn the_page_shows_the_examples_and_what_is_whole_by_itself() {
    let files = ["my-app.toml", "security.toml"];
    let files: Vec<String> = EXAMPLES.iter().flat_map(|name| files.map(|file| example(name, file))).collect();
    let (excerpts, whole): (Vec<_>, Vec<_>) =
        blocks("toml").into_iter().partition(|block| files.iter().any(|file| file.contains(block.as_str())));
    assert!(excerpts.len() > 10);
    let [pack, profile] = &whole[..] else { panic!("in no example, besides the two: {whole:#?}") };

    let folder = folder();
    write(folder.path(), "my-app.toml", pack);
    write(folder.path(), "security.toml", profile);
    let ran = run(folder.path(), &["check"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), "security.toml: no findings\n"), "{}", ran.err);

    let mistake = "\n[variables]\nTOKEN_MINUTES = { field = \"tokens.access_ttl\", encoding = \"minuts\" }\n";
    write(folder.path(), "my-app.toml", &(pack.clone() + mistake));
    let ran = run(folder.path(), &["check"]);
    assert_eq!(blocks("console"), [format!("$ seccfg check\n{}", ran.out)]);
}
