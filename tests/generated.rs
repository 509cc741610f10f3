//! Everything generated is fresh: the schemas, the reference of all keys, the pages of the rules, what their fixtures are
//! told, the checklists, what the examples render to, and the picture of what the broken one is told.
//!
//! `SECCFG_RENEW=1 cargo test --test generated` writes what differs instead of failing.

#[path = "support/fixture.rs"]
mod fixture;

#[path = "support/told.rs"]
mod told;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use seccfg::apps::{AppPack, Demand, OwnChecklist, Packs};
use seccfg::check::{Modes, Opened, Options, check};
use seccfg::plan::{Evidence, Target};
use seccfg::profile::vocabulary::{Absent, Key, Kind};
use seccfg::profile::{AppKind, EnforcedBy, Mode, Read, schema};
use seccfg::report::markdown::prose;
use seccfg::source::Source;
use seccfg::targets::{self, Output};
use seccfg::{apps, report, rules, verify};
use serde_json::{Value, json};

/// Whether files that differ are written instead of told.
fn renew() -> bool {
    std::env::var_os("SECCFG_RENEW").is_some()
}

fn assert_none(stale: &[String]) {
    assert!(stale.is_empty(), "{}\nrun: SECCFG_RENEW=1 cargo test --test generated", stale.join("\n"));
}

/// Compares a generated file with that in the repository, or writes it.
fn stale((path, text): &(PathBuf, String)) -> Option<String> {
    if fs::read_to_string(path).ok().as_deref() == Some(text) {
        return None;
    }
    if !renew() {
        return Some(format!("{} is stale", path.display()));
    }
    fs::create_dir_all(path.parent().expect("a file stands in a folder")).expect("the folder can be made");
    fs::write(path, text).expect("the file can be written");
    None
}

/// The same for all files of a folder, where nothing else may stand.
fn fresh(folder: &str, files: &[(PathBuf, String)]) {
    let mut stale: Vec<String> = files.iter().filter_map(stale).collect();
    let wanted: BTreeSet<&PathBuf> = files.iter().map(|(path, _)| path).collect();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_file() && !wanted.contains(&path) {
            if renew() {
                fs::remove_file(&path).expect("the file can be removed");
            } else {
                stale.push(format!("{} is left over", path.display()));
            }
        }
    }
    assert_none(&stale);
}

fn pretty(schema: &Value) -> String {
    serde_json::to_string_pretty(schema).expect("a schema is JSON") + "\n"
}

#[test]
fn schemas_are_fresh() {
    let file = |name: &str, schema: Value| (Path::new("schemas").join(name), pretty(&schema));
    fresh(
        "schemas",
        &[
            file("security.schema.json", schema::profile()),
            file("app.schema.json", apps::schema::pack()),
            file("report.schema.json", schema::of::<report::json::Report>("seccfg report")),
            file("score.schema.json", schema::of::<report::score::listed::Listing>("seccfg score")),
            file("plan.schema.json", schema::of::<report::plan::Listing>("seccfg plan")),
            file("seen.schema.json", schema::of::<verify::seen::Seen>("seccfg verify --out")),
            file("rollout.schema.json", schema::of::<report::rollout::Listing<'_>>("seccfg plan --from")),
        ],
    );
}

/// What a pack says at a place of this kind, without what goes without saying: keys that say their defaults.
fn beyond(kind: &Kind, said: Value) -> Value {
    match (kind, said) {
        (Kind::Section(section), Value::Object(mut said)) => {
            let entry = |key: &Key| {
                let said = said.remove(key.name).filter(|said| !said.is_null())?;
                let is_default = matches!(&key.absent, Absent::Default(default) if default() == said);
                let told = beyond(key.kind, said);
                let is_empty = matches!(key.absent, Absent::Section) && told == json!({});
                (!is_default && !is_empty).then(|| (key.name.to_owned(), told))
            };
            section.keys.iter().filter_map(entry).collect()
        }
        (Kind::Entries { each, .. }, Value::Object(said)) => {
            said.into_iter().map(|(name, said)| (name, beyond(each, said))).collect()
        }
        (_, said) => said,
    }
}

/// A file of apps, as data.
fn app_file(path: &Path) -> toml::Table {
    let text = fs::read_to_string(path).expect("the file is there");
    text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What a pack says: that in a file, or that in the binary.
fn said(pack: &AppPack) -> Value {
    serde_json::to_value(pack).expect("a pack is data")
}

/// A value in the form of `src/apps/short.rs`.
fn short_form(said: &Value) -> String {
    match said {
        Value::String(text) => {
            assert!(!text.contains('\n'), "a line ends a text: {text}");
            format!("\"{text}\n")
        }
        Value::Array(list) => format!("[\n{}]\n", list.iter().map(short_form).collect::<String>()),
        Value::Object(table) => {
            let entries = table.iter().map(|(key, said)| {
                assert!(!key.contains([' ', '\n']), "a blank ends a key: {key}");
                format!("{key} {}", short_form(said))
            });
            format!("{{\n{}}}\n", entries.collect::<String>())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => format!("{said}\n"),
    }
}

/// Most checks ask a pack in the binary for the facts of its newest release, and nothing of others nor of where a fact was
/// read. They read `apps/short`, which has just those facts: with the whole text, a check of one profile would spend more time
/// on the pack than on the profile.
#[test]
fn the_short_packs_are_fresh() {
    let read = |name: &str, text: String| {
        AppPack::read(&Source::new(name, text)).unwrap_or_else(|problems| panic!("{name}: {problems:?}"))
    };
    let mut files = Vec::new();
    for kind in AppKind::KNOWN {
        let name = format!("{kind}.toml");
        let mut whole = app_file(&Path::new("apps").join(&name));
        let variables = |table: &mut toml::Table| table.remove("variables").and_then(|rows| rows.try_into().ok());
        let own: toml::Table = variables(&mut whole).unwrap_or_default();
        let path = Path::new("apps/variables").join(&name);
        let others = if path.exists() { variables(&mut app_file(&path)) } else { None };
        let all: toml::Table = own.clone().into_iter().chain(others.unwrap_or_default()).collect();
        whole.insert("variables".to_owned(), all.into());
        let pack = said(&read(&name, whole.to_string()));
        if !renew() {
            assert_eq!(AppPack::embedded(kind).map(|embedded| said(&embedded)), Some(pack.clone()), "{kind}");
        }
        let mut short = beyond(&AppPack::KIND, pack);
        if let Some(rows) = short.get_mut("variables").and_then(Value::as_object_mut) {
            rows.retain(|name, _| own.contains_key(name));
        }
        let entries = short.as_object().into_iter().flatten();
        let lines = entries.map(|(key, said)| format!("{key} {}", short_form(said)));
        files.push((Path::new("apps/short").join(format!("{kind}.txt")), lines.collect()));
    }
    fresh("apps/short", &files);
}

/// The page of a rule, with the first of its fixtures of each kind as examples.
fn page(rule: &rules::Rule) -> String {
    let fixtures = fixture::of(rule.code);
    let example = |fails: bool, heading: &str| {
        let path = fixtures.iter().find(|path| fixture::fails(path) == fails)?;
        let text = String::from_utf8_lossy(&fs::read(path).ok()?).into_owned();
        let base = if text.starts_with("# Over prod.toml") {
            "What differs from [a profile that is clean in production](../../tests/fixtures/prod.toml).\n\n"
        } else {
            ""
        };
        let env = fs::read_to_string(path.with_extension("env")).ok();
        let env = env.map(|env| {
            format!(
                "\nWith this `.env`, where `{{{{…}}}}` stands for random digits:\n\n```sh\n{}\n```\n",
                env.trim_end()
            )
        });
        let manifest = fs::read_to_string(path.with_extension("yaml")).ok();
        let manifest = manifest.map(|text| format!("\nBeside this manifest:\n\n```yaml\n{}\n```\n", text.trim_end()));
        let composed = fs::read_to_string(path.with_extension("compose.yaml")).ok();
        let composed = composed.map(|text| format!("\nWith this Compose file:\n\n```yaml\n{}\n```\n", text.trim_end()));
        let beside = env.into_iter().chain(composed).chain(manifest).collect::<String>();
        Some(format!("\n## {heading}\n\n{base}```toml\n{}\n```\n{beside}", text.trim_end()))
    };
    let examples = [(true, format!("Gives {}", rule.code)), (false, "Gives nothing".to_owned())];
    let examples = examples.iter().filter_map(|(fails, heading)| example(*fails, heading));
    rules::page(rule) + &examples.collect::<String>()
}

#[test]
fn pages_of_the_rules_are_fresh() {
    let folder = Path::new("docs/rules");
    let mut files: Vec<(PathBuf, String)> =
        rules::all().map(|rule| (folder.join(format!("{}.md", rule.code)), page(rule))).collect();
    files.push((folder.join("README.md"), rules::index()));
    fresh("docs/rules", &files);
}

#[test]
fn the_reference_of_all_keys_is_fresh() {
    assert_none(stale(&(PathBuf::from("docs/reference.md"), rules::reference())).as_slice());
}

/// What every failing fixture is told, a file for each rule: a change of words, of a place or of a fix is read as text.
#[test]
fn what_is_told_is_fresh() {
    let folder = Path::new("tests/findings");
    let of = |rule: &rules::Rule| {
        let failing = fixture::of(rule.code).into_iter().filter(|path| fixture::fails(path));
        let told: Vec<String> = failing.map(|path| told::told(&path)).collect();
        (folder.join(format!("{}.txt", rule.code)), told.join("\n"))
    };
    fresh("tests/findings", &rules::all().map(of).collect::<Vec<_>>());
}

/// What every fixture and every example gives in every mode, a line each: the one place that shows which rules a change
/// of a rule reaches.
#[test]
fn the_matrix_is_fresh() {
    let mut matrix = String::new();
    let examples = [
        "broken",
        "crudauth",
        "fastcms",
        "generic",
        "instacrud",
        "kubernetes/crudauth",
        "kubernetes/fastcms",
        "kubernetes/instacrud",
    ]
    .map(|name| Path::new("examples").join(name).join("security.toml"));
    let bases = [PathBuf::from("tests/fixtures/prod.toml")];
    let fixtures = rules::all().flat_map(|rule| fixture::of(rule.code));
    for path in examples.into_iter().chain(bases).chain(fixtures) {
        let name = path.strip_prefix("tests/rules").unwrap_or(&path).display().to_string();
        matrix.push_str(name.trim_end_matches(".toml"));
        for mode in Mode::ALL {
            let mut options = Options { modes: Modes::One(*mode), ..fixture::options(&path) };
            if options.env_files.iter().all(|file| file.mode != Some(*mode)) {
                for file in &mut options.env_files {
                    file.mode = file.mode.or(Some(*mode));
                }
            }
            let found = check(Source::new(&path, fixture::profile(&path)), &options).findings;
            let codes: BTreeSet<&str> = found.iter().map(|finding| finding.code).collect();
            let codes: Vec<&str> = codes.into_iter().collect();
            let codes = if codes.is_empty() { "-".to_owned() } else { codes.join(" ") };
            matrix.extend([" | ", mode.as_str(), " ", &codes]);
        }
        matrix.push('\n');
    }
    assert_none(stale(&(PathBuf::from("tests/matrix.txt"), matrix)).as_slice());
}

/// What answers a line of a checklist.
fn answer(line: &Demand) -> String {
    let rule = |code: &str| match rules::by_code(code) {
        Some(_) => format!("[{code}](rules/{code}.md)"),
        None => code.to_owned(),
    };
    let rules = line.rules.iter().map(|code| rule(code.as_str())).collect::<Vec<_>>().join(" ");
    let means = line.means().into_iter().map(|means| prose(&means));
    std::iter::once(rules).filter(|rules| !rules.is_empty()).chain(means).collect::<Vec<_>>().join("<br>")
}

/// The part of docs/checklists.md that is made from the checklists stands between these lines.
const CHECKLISTS: [&str; 2] = ["<!-- from apps/checklists, begin -->\n", "<!-- from apps/checklists, end -->\n"];

#[test]
fn the_checklists_are_fresh() {
    let mut tables = String::new();
    for system in OwnChecklist::ALL {
        let checklist = OwnChecklist::of(system).expect("it is listed");
        let (title, read_from) = (prose(&checklist.title), prose(&checklist.read_from));
        let rows = checklist.lines.iter().map(|line| format!("| {} | {} |\n", prose(&line.says), answer(line)));
        tables.extend([
            format!("\n## {title}\n\nFrom {read_from}.\n\n| what is asked for | what answers it |\n| --- | --- |\n"),
            rows.collect(),
        ]);
    }
    let page = fs::read_to_string("docs/checklists.md").expect("the page is there");
    let [begin, end] = CHECKLISTS.map(|line| page.find(line).expect("the page has the checklists' lines"));
    let fresh = format!("{}{}{tables}\n{}", &page[..begin], CHECKLISTS[0], &page[end..]);
    assert_none(stale(&(PathBuf::from("docs/checklists.md"), fresh)).as_slice());
}

/// The score's page shows what the program prints of an example.
#[test]
fn the_page_of_the_score_is_fresh() {
    let path = Path::new("examples/instacrud/security.toml");
    let source = Source::new(path, fs::read_to_string(path).expect("the example is there"));
    let opened = Opened::read(&source, &[], &Packs::default());
    let policy = opened.policy(Mode::Prod).expect("the example is a profile");
    let plans = opened.plans(&policy, &[]);
    let page = fs::read_to_string("docs/score.md").expect("the page is there");
    let (before, rest) = page.split_once("$ seccfg score examples/instacrud\n").expect("the page has an example");
    let (_, after) = rest.split_once("```").expect("the example ends");
    let shown = report::score::Scored::new(&plans[0], opened.waivers()).human(None);
    let fresh = format!("{before}$ seccfg score examples/instacrud\n{shown}```{after}");
    assert_none(stale(&(PathBuf::from("docs/score.md"), fresh)).as_slice());
}

/// What an example renders to, in the mode that it means.
fn rendered_is_fresh(example: &str, outputs: &[Output]) {
    let folder = Path::new("examples").join(example);
    let path = folder.join("security.toml");
    let source = Source::new(&path, fs::read_to_string(&path).expect("the example is there"));
    let opened = Opened::read(&source, &[], &Packs::default());
    let mode = opened.modes(Modes::Own)[0];
    let policy = opened.policy(mode).expect("the example is a profile");
    for output in outputs {
        let plans = opened.plans(&policy, &[output.edge().unwrap_or(Target::Nginx)]);
        let files = targets::render(*output, &plans, targets::Style::default()).expect("the example renders");
        let files: Vec<_> = files.into_iter().map(|artifact| (folder.join(artifact.path), artifact.text)).collect();
        match output {
            Output::Env | Output::Crudauth => assert_none(&files.iter().filter_map(stale).collect::<Vec<_>>()),
            Output::Nginx | Output::Caddy | Output::Kubernetes => {
                fresh(&folder.join(output.as_str()).display().to_string(), &files);
            }
        }
    }
}

#[test]
fn the_rendered_examples_are_fresh() {
    for example in ["fastcms", "instacrud"] {
        rendered_is_fresh(example, &[Output::Nginx, Output::Env]);
    }
    // The others ask for limits that the stock Caddy does not have.
    rendered_is_fresh("generic", &[Output::Nginx, Output::Caddy, Output::Env]);
    rendered_is_fresh("crudauth", &[Output::Nginx, Output::Crudauth, Output::Env]);
    for example in ["kubernetes/crudauth", "kubernetes/fastcms", "kubernetes/instacrud"] {
        rendered_is_fresh(example, &[Output::Kubernetes]);
    }
}

/// What gateways are asked for, to show what each of them can do.
const EVERYTHING: &str = r#"
version = 1
[app]
name = "shop"
kind = "generic"
url = "https://shop.example.com"
max_body = "10MiB"
aliases = ["www.shop.example.com"]
aliases_redirect = true
[services.frontend]
upstream = "web:3000"
paths = ["/"]
[services.files]
root = "/srv/files"
paths = ["/files/"]
[locations.slow]
paths = ["/slow/"]
timeout = "5m"
[locations.events]
paths = ["/events"]
stream = true
[locations.idle]
paths = ["/idle"]
idle_timeout = "5m"
[locations.upload]
paths = ["/upload"]
max_body = "1GiB"
[cors]
enforced_by = "proxy"
origins = ["https://www.example.com"]
[cookies.session]
secure = true
[rate_limits]
enforced_by = "proxy"
[rate_limits.routes.by_address]
limit = "5/min"
paths = ["/login"]
[rate_limits.routes.by_the_hour]
limit = "90/h"
paths = ["/export"]
[rate_limits.routes.with_a_burst]
limit = "5/min"
burst = 20
paths = ["/search"]
[headers]
frame_options = "DENY"
no_store = ["/api/"]
[access.inside]
paths = ["/metrics"]
networks = ["192.0.2.0/24"]
[health]
path = "/healthz"
[ip_filter]
enabled = true
allow = ["192.0.2.0/24"]
[targets.kubernetes.gateway]
name = "edge"
api_version = "1.5"
"#;

/// The table of docs/kubernetes.md stands between these lines.
const GATEWAYS: [&str; 2] = ["<!-- from the plan, begin -->\n", "<!-- from the plan, end -->\n"];

/// What each gateway can do, as a plan has it.
#[test]
fn the_table_of_gateways_is_fresh() {
    let kinds = ["traefik", "envoy-gateway", "nginx-gateway-fabric", "standard"];
    let mut rows: Vec<(String, Vec<String>)> = Vec::new();
    for kind in kinds {
        let text = format!("{EVERYTHING}implementation = \"{kind}\"\n");
        let source = Source::new("security.toml", &text);
        let opened = Opened::read(&source, &[], &Packs::default());
        let policy = opened.policy(Mode::Prod).expect("it is a profile");
        let plan = opened.plans(&policy, &[Target::Kubernetes]).swap_remove(0);
        for entry in plan.entries.iter().filter(|entry| entry.by != EnforcedBy::App) {
            let says = match &entry.at_edge {
                Err(lack) => format!("no: {lack}"),
                Ok(()) if plan.evidence(entry) == Some(Evidence::Delegated) => "set where it is run".to_owned(),
                Ok(()) => "yes".to_owned(),
            };
            let control = prose(&entry.control.to_string());
            match rows.iter_mut().find(|(known, _)| *known == control) {
                Some((_, cells)) => cells.push(prose(&says)),
                None => rows.push((control, vec![prose(&says)])),
            }
        }
    }
    let mut table =
        "| control | Traefik | Envoy Gateway | NGINX Gateway Fabric | standard |\n| --- | --- | --- | --- | --- |\n"
            .to_owned();
    for (control, cells) in rows {
        assert_eq!(cells.len(), kinds.len(), "{control}");
        table.extend(["| ", &control, " | ", &cells.join(" | "), " |\n"]);
    }
    let page = fs::read_to_string("docs/kubernetes.md").expect("the page is there");
    let [begin, end] = GATEWAYS.map(|line| page.find(line).expect("the page has the table's lines"));
    let fresh = format!("{}{}{table}{}", &page[..begin], GATEWAYS[0], &page[end..]);
    assert_none(stale(&(PathBuf::from("docs/kubernetes.md"), fresh)).as_slice());
}

/// A terminal whose colours are told apart on light pages and on dark ones.
fn terminal() -> anstyle_svg::Term {
    use anstyle::{AnsiColor, RgbColor};
    let mut palette = anstyle_svg::VGA;
    for (color, rgb) in [
        (AnsiColor::Black, RgbColor(0x16, 0x1b, 0x22)),
        (AnsiColor::Red, RgbColor(0xff, 0x7b, 0x72)),
        (AnsiColor::Yellow, RgbColor(0xe3, 0xb3, 0x41)),
        (AnsiColor::Magenta, RgbColor(0xd2, 0xa8, 0xff)),
        (AnsiColor::Cyan, RgbColor(0x79, 0xc0, 0xff)),
        (AnsiColor::White, RgbColor(0xd0, 0xd7, 0xde)),
    ] {
        palette.0[color as usize] = rgb;
    }
    anstyle_svg::Term::new().palette(palette)
}

/// The README's picture: some of the broken example's findings, as a terminal shows them.
#[test]
fn the_picture_of_the_diagnostics_is_fresh() {
    let path = Path::new("examples/broken/security.toml");
    let source = Source::new(path, fs::read_to_string(path).expect("the example is there"));
    let only = ["HST005", "COR001"].map(str::to_owned).to_vec();
    let checked = check(source, &Options { only, ..Options::default() });
    assert_eq!(checked.findings.len(), 2);
    let shown = report::Human { color: true, links: false, width: 100, explain: false }.render(&[checked]);
    let stale = stale(&(PathBuf::from("docs/diagnostics.svg"), terminal().render_svg(shown.trim_end())));
    assert_none(stale.as_slice());
}
