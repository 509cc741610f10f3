//! What somebody meets who has just begun: no profile yet, the wrong folder, a name that is not quite right.

mod support;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use support::{Ran, folder, root, run, seccfg};

const MINIMAL: &str = "version = 1\n\n[app]\nname = \"shop\"\nkind = \"generic\"\nmode = \"dev\"\n";

fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a file stands in a folder")).expect("a folder can be made");
    fs::write(path, text).expect("a file can be written");
}

/// Runs the program with a text as its standard input.
fn run_with(folder: &Path, args: &[&str], input: &str) -> Ran {
    let mut command = seccfg(folder);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    // One that refuses its arguments reads nothing.
    let _ = child.stdin.take().expect("it is piped").write_all(input.as_bytes());
    child.wait_with_output().expect("a child of ours").into()
}

#[test]
fn where_there_is_no_profile_the_next_step_is_told() {
    let folder = folder();
    for args in [&["check"][..], &["plan"], &["score"], &["report"], &["render", "--target", "nginx"]] {
        let ran = run(folder.path(), args);
        assert_eq!(ran.code, Some(2), "{args:?}");
        assert!(ran.err.contains("`seccfg init`") && ran.err.contains("`seccfg check .`"), "{args:?}: {}", ran.err);
    }
    for args in [&["check", "nowhere.toml"][..], &["check", "."], &["plan", "no/folder"]] {
        let ran = run(folder.path(), args);
        assert_eq!(ran.code, Some(2), "{args:?}");
        assert!(ran.err.contains("`seccfg init`") && !ran.err.contains("os error"), "{args:?}: {}", ran.err);
    }
}

#[test]
fn the_nearest_folder_above_counts_and_is_told() {
    let folder = folder();
    write(folder.path(), "security.toml", MINIMAL);
    write(folder.path(), "src/inner/main.py", "");
    let inner = folder.path().join("src/inner");
    for args in [&["check"][..], &["plan"], &["score"], &["report"]] {
        let ran = run(&inner, args);
        assert_eq!(ran.code, Some(0), "{args:?}: {}", ran.err);
        assert!(ran.err.contains("../../security.toml is taken"), "{args:?}: {}", ran.err);
    }
    assert_eq!(run(&inner, &["check"]).out, "../../security.toml: no findings\n");
    // Files go beside the profile, wherever one stands.
    assert_eq!(run(&inner, &["render", "--target", "nginx"]).code, Some(0));
    assert!(folder.path().join("nginx/site.conf").exists() && !inner.join("nginx").exists());
    // A nearer one goes before it, and nothing has to be said of one's own folder.
    write(folder.path(), "src/security.toml", MINIMAL.replace("shop", "inner"));
    assert!(run(&inner, &["plan"]).out.starts_with("inner in dev"));
    let own = run(folder.path(), &["check"]);
    assert_eq!((own.code, own.err.as_str()), (Some(0), ""));
    // What is named is searched for nowhere else.
    assert_eq!(run(&inner, &["check", "."]).code, Some(2));
}

#[test]
fn a_starter_is_not_ready_and_both_commands_say_so() {
    let folder = folder();
    run(folder.path(), &["init", "--kind", "api"]);
    let last = |args: &[&str]| run(folder.path(), args).out.lines().last().unwrap_or_default().to_owned();
    let not_ready = "not ready to go live: `app.url` is still the starter's, and has to be your own address";
    assert_eq!((run(folder.path(), &["check"]).code, last(&["check"]).as_str()), (Some(0), not_ready));
    let report = run(folder.path(), &["report"]);
    assert!(
        report.code == Some(1) && report.out.contains("**Not ready**: app.url is still the starter's"),
        "{}",
        report.out
    );
    // On a developer's machine nothing goes live.
    assert!(!run(folder.path(), &["check", "--mode", "dev"]).out.contains("not ready"));
    write(folder.path(), "other/security.toml", MINIMAL);
    assert!(last(&["check", "."]).contains("is still the starter's in ./security.toml"), "{}", last(&["check", "."]));
    let starter = fs::read_to_string(folder.path().join("security.toml")).expect("it was written");
    write(folder.path(), "security.toml", starter.replace("app.example.com", "shop.example.org"));
    assert!(!run(folder.path(), &["check"]).out.contains("not ready"));
    assert_eq!(run(folder.path(), &["report"]).code, Some(0));
}

#[test]
fn a_check_says_which_values_it_did_not_look_at() {
    let folder = folder();
    write(folder.path(), "security.toml", MINIMAL);
    let unread = "not looked at: the values in ./.env; add `--env-file ./.env` to judge them, too";
    let out = |args: &[&str]| run(folder.path(), args).out;
    assert!(!out(&["check"]).contains("not looked at"));
    write(folder.path(), ".env", "OTHER=1\n");
    assert!(
        out(&["check", "./security.toml"]).ends_with(&format!("{unread}\n")),
        "{}",
        out(&["check", "./security.toml"])
    );
    for args in [&["check", "--env-file", ".env"][..], &["check", "--env-files"], &["check", "--format", "json"]] {
        assert!(!out(args).contains("not looked at"), "{args:?}");
    }
    // What Compose reads over a file without being told.
    write(folder.path(), "compose.yaml", "services:\n  shop:\n    image: shop\n");
    write(folder.path(), "compose.override.yml", "services:\n  shop:\n    environment: [DEBUG=1]\n");
    let over = "the values in compose.override.yml, which Compose puts over compose.yaml; add `--env-file compose.override.yml`";
    assert!(out(&["check", "--env-file", "compose.yaml"]).contains(over));
    assert!(out(&["check", "--env-file", ".env", "--env-file", "compose.yaml#shop"]).contains(over));
    assert!(!out(&["check", "--env-file", "compose.yaml", "--env-file", "compose.override.yml"]).contains(over));
}

#[test]
fn an_excerpt_shows_what_the_vocabulary_knows_to_be_no_secret() {
    let folder = folder();
    let routes = "[rate_limits.routes]\npassword_reset = { limit = \"5/mim\", paths = [\"/reset\"] }\n\
                  [secrets]\nsecret_key = { value = \"hunter2\" }\n";
    write(folder.path(), "security.toml", format!("{MINIMAL}{routes}"));
    let out = run(folder.path(), &["check"]).out;
    assert!(out.contains("password_reset = { limit = \"5/mim\", paths = [\"/reset\"] }"), "{out}");
    assert!(!out.contains("hunter2") && out.contains("secret_key = { value = ******** }"), "{out}");
    // The same of a pack, by its own vocabulary.
    write(folder.path(), "security.toml", MINIMAL.replace("generic", "./my-app.toml"));
    let rows = "API_TOKEN = { secret = \"yes\" }\nPASSWORD = { secret = \"hunter2\" }\n";
    write(folder.path(), "my-app.toml", format!("version = 1\ntitle = \"Shop\"\nname = \"shop\"\n[variables]\n{rows}"));
    let out = run(folder.path(), &["check"]).out;
    assert!(out.contains("API_TOKEN = { secret = \"yes\" }") && !out.contains("hunter2"), "{out}");
    assert!(out.contains("this file has no key `name`"), "{out}");
}

#[test]
fn what_lies_in_everyones_folder_is_nobodys_profile() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    write(folder.path(), "security.toml", MINIMAL);
    write(folder.path(), "mine/main.py", "");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).expect("permissions can be set");
    assert_eq!(run(&folder.path().join("mine"), &["check"]).code, Some(2));
}

#[test]
fn standard_input_is_a_profile() {
    let folder = folder();
    let clean = run_with(folder.path(), &["check", "-"], MINIMAL);
    assert_eq!((clean.code, clean.out.as_str()), (Some(0), "<stdin>: no findings\n"));
    let plan = run_with(folder.path(), &["plan", "-"], MINIMAL);
    assert!(plan.code == Some(0) && plan.out.starts_with("shop in dev"), "{}", plan.err);
    let broken = run_with(folder.path(), &["plan", "-"], "version = 2\n");
    assert!(broken.code == Some(1) && broken.err.contains("<stdin>:1:11"), "{}", broken.err);
    let json = run_with(folder.path(), &["check", "-", "--format", "json"], "version = 2\n");
    assert!(json.code == Some(1) && json.out.contains("\"file\": \"<stdin>\""), "{}", json.out);
    // Nothing can be written back; a difference can be shown.
    let hsts = format!("{MINIMAL}[hsts]\nenabled = true\n").replace("dev", "prod");
    let fix = run_with(folder.path(), &["check", "-", "--fix"], &hsts);
    assert!(fix.code == Some(2) && fix.err.contains("--diff"), "{}", fix.err);
    let diff = run_with(folder.path(), &["check", "-", "--fix", "--unsafe-fixes", "--diff"], &hsts);
    assert!(diff.code == Some(1) && diff.out.starts_with("--- <stdin>"), "{}{}", diff.out, diff.err);
    assert_eq!(fs::read_dir(folder.path()).map(Iterator::count).ok(), Some(0));
    // A file of that name is still a file.
    write(folder.path(), "-", "version = 2\n");
    assert_eq!(run_with(folder.path(), &["check", "./-"], MINIMAL).code, Some(1));
}

/// An editor gives what is not saved yet, and says which file it is.
#[test]
fn standard_input_can_be_called_the_file_that_it_is() {
    let folder = folder();
    let pack = fs::read_to_string(root().join("examples/packs/express/my-app.toml")).expect("the example is there");
    write(folder.path(), "shop/my-app.toml", pack);
    let profile = fs::read_to_string(root().join("examples/packs/express/security.toml")).expect("it is there");
    let named = |more: &[&str]| {
        run_with(folder.path(), &[&["check", "-", "--stdin-filename", "shop/security.toml"], more].concat(), &profile)
    };
    let ran = named(&["--today", "2026-11-21"]);
    assert!(ran.code == Some(0) && ran.out.starts_with("shop/security.toml: "), "{}{}", ran.out, ran.err);
    let unnamed = run_with(folder.path(), &["check", "-"], &profile);
    assert!(unnamed.code == Some(1) && unnamed.out.contains("my-app.toml"), "{}", unnamed.out);
    let diff = run_with(
        folder.path(),
        &["check", "-", "--stdin-filename", "security.toml", "--fix", "--unsafe-fixes", "--diff"],
        &format!("{MINIMAL}[hsts]\nenabled = true\n").replace("dev", "prod"),
    );
    assert!(diff.out.starts_with("--- security.toml\n"), "{}{}", diff.out, diff.err);
}

#[test]
fn several_profiles_are_summed_up_one_by_one() {
    let folder = folder();
    write(folder.path(), "a/security.toml", format!("{MINIMAL}x = 1\n"));
    write(folder.path(), "b/security.toml", MINIMAL);
    write(folder.path(), "c/security.toml", format!("{MINIMAL}x = 1\ny = 1\n"));
    let ran = run(folder.path(), &["check", "."]);
    let (_, sum) = ran.out.rsplit_once("\n\n").expect("the sum stands by itself");
    let ours = "  ./a/security.toml: 1 error\n  ./c/security.toml: 2 errors\n3 profiles: 3 errors\n";
    assert_eq!(sum, ours);
}

#[test]
fn rules_are_listed_by_area_and_as_they_are_asked_for() {
    let folder = folder();
    let rows = |args: &[&str]| -> Vec<String> {
        let out = run(folder.path(), &[&["rules"], args].concat()).out;
        let is_row = |line: &&str| line.len() > 6 && line[3..6].bytes().all(|byte| byte.is_ascii_digit());
        out.lines().filter(is_row).map(str::to_owned).collect()
    };
    let all = rows(&[]);
    let hsts = rows(&["--area", "hst"]);
    assert!(!hsts.is_empty() && hsts.len() < all.len() && hsts.iter().all(|row| row.starts_with("HST")), "{hsts:?}");
    assert!(run(folder.path(), &["rules", "--area", "HST"]).out.contains("\nHST: HTTPS only (HSTS)\n"));
    let errors = rows(&["--mode", "dev", "--severity", "error"]);
    assert!(errors.iter().any(|row| row.contains("HST005")) && errors.len() < all.len(), "{errors:?}");
    let json = run(folder.path(), &["rules", "--area", "HST", "--fixable", "--format", "json"]).out;
    let json: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    let fixes = json["rules"].as_array().expect("a list").iter().map(|rule| rule["fix"].as_str());
    assert!(fixes.clone().count() > 0 && fixes.clone().all(|fix| fix != Some("none")), "{json:#}");
}

#[test]
fn the_manual_has_a_page_for_each_command_with_its_options() {
    let folder = folder();
    assert!(run(folder.path(), &["man"]).out.contains("seccfg\\-check(1)"));
    let page = run(folder.path(), &["man", "check"]);
    assert!(page.out.contains(".TH seccfg-check 1") && page.out.contains("\\-\\-write\\-baseline"), "{}", page.out);
    let ran = run(folder.path(), &["man", "chek"]);
    assert!(ran.code == Some(2) && ran.err.contains("did you mean check?"), "{}", ran.err);
    assert_eq!(run(folder.path(), &["man", "--out", "man"]).code, Some(0));
    let help = run(folder.path(), &["help"]).out;
    let (_, commands) = help.split_once("Commands:\n").expect("help lists commands");
    let lines = commands.lines().take_while(|line| !line.is_empty());
    let named = lines.filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    let named: Vec<&str> = named.filter_map(|line| line.split(' ').next()).filter(|name| *name != "help").collect();
    assert!(named.len() > 10, "{named:?}");
    for command in named {
        assert!(folder.path().join(format!("man/seccfg-{command}.1")).exists(), "{command}");
    }
}

#[test]
fn what_could_not_be_read_is_an_error_for_programs_too() {
    let folder = folder();
    write(folder.path(), "security.toml", MINIMAL);
    std::os::unix::fs::symlink("loop.toml", folder.path().join("loop.toml")).expect("a link can be made");
    fs::create_dir(folder.path().join("empty")).expect("a folder can be made");
    for path in ["loop.toml", "missing.toml", "empty"] {
        let ran = run(folder.path(), &["check", "--format", "json", "security.toml", path]);
        assert_eq!(ran.code, Some(2), "{path}");
        let report: serde_json::Value = serde_json::from_str(&ran.out).expect("standard output is one JSON document");
        assert_eq!(report["summary"]["errors"], 1, "{path}: {report}");
        assert_eq!(report["findings"][0]["file"], path, "{report}");
        assert_eq!(report["files"], serde_json::json!(["security.toml", path]));
    }
}

#[test]
fn a_byte_order_mark_is_neither_shown_nor_counted() {
    let folder = folder();
    write(folder.path(), "security.toml", "\u{feff}version = 2\n");
    let ran = run(folder.path(), &["check"]);
    assert!(ran.out.contains("security.toml:1:11") && ran.out.contains(" 1 │ version = 2"), "{}", ran.out);
    assert!(ran.out.contains("needed here") && !ran.out.contains('?'), "{}", ran.out);
}

#[test]
fn what_is_no_text_is_told_in_a_few_lines() {
    let folder = folder();
    let zeros = vec![0; 5 << 20];
    let picture = [b"\x89PNG\r\n\x1a\n".as_slice(), &vec![0xd0; 1 << 20]].concat();
    let crash = [MINIMAL.as_bytes(), &[0; 4096]].concat();
    for (bytes, place) in [(zeros, "1:1"), (picture, "1:1"), (crash, "7:1")] {
        write(folder.path(), "security.toml", &bytes);
        for args in [&["check"][..], &["check", "--env-file", "security.toml"]] {
            let ran = run(folder.path(), args);
            assert_eq!(ran.code, Some(1), "{args:?}");
            assert!(
                ran.out.len() < 2000 && ran.out.contains(&format!("security.toml:{place}]")),
                "{args:?}: {}",
                ran.out
            );
        }
    }
}

#[test]
fn a_mending_without_anything_to_mend_says_so() {
    let folder = folder();
    write(folder.path(), "security.toml", MINIMAL);
    let ran = run(folder.path(), &["check", "--fix", "--diff"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), ""));
    assert!(ran.err.contains("there are no findings"), "{}", ran.err);
    write(folder.path(), "security.toml", format!("{MINIMAL}hops = 1\n"));
    let ran = run(folder.path(), &["check", "--fix", "--diff"]);
    assert!(ran.out.is_empty() && ran.err.contains("no safe edit mends what there is: 1 finding"), "{}", ran.err);
}

#[test]
fn help_on_help_is_help() {
    let folder = folder();
    let plain = run(folder.path(), &["help"]);
    assert!(plain.code == Some(0) && plain.out.contains("Usage: seccfg"), "{}", plain.err);
    for args in [["help", "--help"], ["help", "-h"], ["help", "help"]] {
        let ran = run(folder.path(), &args);
        assert_eq!(ran.code, Some(0), "{args:?}: {}", ran.err);
        assert!(ran.out.contains("Usage: seccfg"), "{args:?}: {}", ran.out);
    }
    let check = run(folder.path(), &["help", "check", "--help"]);
    assert!(check.code == Some(0) && check.out.contains("--env-file"), "{}", check.err);
}

/// What bash offers after a line, as its own machinery gives it.
fn offered(script: &Path, line: &[&str]) -> Vec<String> {
    let words = line.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ");
    let (last, index) = (line.last().expect("a line has words"), line.len() - 1);
    let before = line[index - 1];
    let ask = format!(
        "source '{}'; COMP_WORDS=({words}); COMP_CWORD={index}; _seccfg seccfg '{last}' '{before}'; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        script.display()
    );
    let output = Command::new("bash").args(["--norc", "-c", &ask]).output().expect("bash starts");
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

#[test]
fn a_shell_offers_the_words_that_an_argument_takes() {
    let folder = folder();
    let bash = run(folder.path(), &["completions", "bash"]);
    write(folder.path(), "seccfg.bash", &bash.out);
    let script = folder.path().join("seccfg.bash");
    for (line, words) in [
        (&["seccfg", "check", "--mode", ""][..], &["dev", "test", "staging", "prod"][..]),
        (&["seccfg", "plan", "--mode", "s"], &["staging"]),
        (&["seccfg", "check", "--target", "c"], &["caddy"]),
        (&["seccfg", "render", "--target", "e"], &["env"]),
        (&["seccfg", "render", "--form", "j"], &["json"]),
        (&["seccfg", "check", "--only", "HST005"], &["HST005"]),
        (&["seccfg", "explain", "HST005"], &["HST005"]),
        (&["seccfg", "init", "--app", "f"], &["fastcms"]),
        (&["seccfg", "schema", "prof"], &["profile"]),
        (&["seccfg", "check", "--format", "s"], &["sarif"]),
        (&["seccfg", "plan", "--format", "m"], &["mermaid"]),
        (&["seccfg", "rules", "--area", "H"], &["HST", "HDR"]),
    ] {
        assert_eq!(offered(&script, line), words, "{line:?}");
    }
    for (shell, mode, code) in [("fish", "prod\\t", "HST005\\t"), ("zsh", "(dev test staging prod)", "HST005\\:")] {
        let script = run(folder.path(), &["completions", shell]).out;
        assert!(script.contains(mode) && script.contains(code), "{shell}");
    }
}

/// fish is asked what it would offer, and zsh whether it takes the script.
#[test]
fn fish_and_zsh_take_their_scripts() {
    let folder = folder();
    for shell in ["fish", "zsh"] {
        write(folder.path(), shell, run(folder.path(), &["completions", shell]).out);
    }
    for (line, words) in [
        ("seccfg check --mode ", &["dev", "prod", "staging", "test"][..]),
        ("seccfg plan --target c", &["caddy"]),
        ("seccfg check --only HST00", &["HST001", "HST005"]),
        ("seccfg check --format s", &["sarif"]),
    ] {
        let ask = format!("source fish; complete --do-complete '{line}'");
        let output = Command::new("fish").current_dir(folder.path()).args(["--no-config", "-c", &ask]).output();
        let ran: Ran = output.expect("fish starts; scripts/setup installs it").into();
        let offered: Vec<&str> = ran.out.lines().filter_map(|line| line.split('\t').next()).collect();
        assert!(words.iter().all(|word| offered.contains(word)), "{line}: {offered:?} {}", ran.err);
    }
    let ask = "autoload -U compinit && compinit -D && source ./zsh && print ${_comps[seccfg]}";
    let output = Command::new("zsh").current_dir(folder.path()).args(["-f", "-c", ask]).output();
    let ran: Ran = output.expect("zsh starts; scripts/setup installs it").into();
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("_seccfg\n", ""));
}

/// PowerShell is no package of Debian, Python or npm, so that its script is judged by the grammar that editors read it with.
#[test]
fn powershell_can_read_its_script_which_knows_the_words() {
    const JUDGE: &str = "
import sys, tree_sitter, tree_sitter_pwsh
parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_pwsh.language()))
print(parser.parse(sys.stdin.buffer.read()).root_node.has_error)";
    let folder = folder();
    let script = run(folder.path(), &["completions", "powershell"]).out;
    let judge = |script: &str| {
        write(folder.path(), "script.ps1", script);
        let python = root().join("target/venv/bin/python");
        let script = fs::File::open(folder.path().join("script.ps1")).expect("it was written");
        let ran = Command::new(python).args(["-c", JUDGE]).stdin(script).output();
        let ran: Ran = ran.expect("Python starts; scripts/setup installs the grammar").into();
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        ran.out
    };
    assert_eq!((judge(&script), judge(&script.replacen("})", "}", 1))), ("False\n".to_owned(), "True\n".to_owned()));
    let words = |before: &str| {
        let row = script.lines().find_map(|line| line.trim().strip_prefix(&format!("'{before}' {{ ")));
        row.unwrap_or_else(|| panic!("{before}: {script}")).trim_end_matches(" }").replace('\'', "")
    };
    assert_eq!(words("seccfg;check --mode"), "dev; test; staging; prod");
    assert_eq!(words("seccfg;render --target"), "nginx; caddy; kubernetes; crudauth; env");
    assert!(
        words("seccfg;check --only").contains("; HST005;") && words("seccfg;explain explain").contains("; HST005;")
    );
    assert!(words("seccfg;completions completions").contains("powershell"));
    // A flag without a value has no words.
    assert!(!script.contains("'seccfg;check --fix' {"));
}

#[test]
fn what_is_offered_is_not_all_that_is_read() {
    let folder = folder();
    for name in ["hst005", "hsts-without-tls"] {
        assert!(run(folder.path(), &["explain", name]).out.starts_with("# HST005"), "{name}");
    }
    for (args, told) in [
        (&["check", "--mode", "production"][..], "did you mean \"prod\"?"),
        (&["explain", "HST0055"], "did you mean HST005?"),
        (&["explain", "hsts"], "the rules about it are HST001,"),
        (&["explain", "HST"], "this is an area, and no rule's code"),
        (&["explain", "passwords.min_length"], "PWD001"),
        (&["rules", "hst5"], "did you mean HST?"),
        (&["rules", "hsts.max_agee"], "did you mean hsts.max_age?"),
        (&["rules", "aliases_redirect"], "did you mean app.aliases_redirect?"),
        (&["check", "--only", "HST005,HTS001"], "did you mean HST001?"),
        (&["check", "--target", "ngnix"], "did you mean \"nginx\"?"),
        (&["check", "--only", "HTS005"], "did you mean HST005?"),
        (&["rules", "--area", "HTS"], "did you mean HST?"),
        (&["check", "--formt", "json"], "'--format'"),
        (&["check", "--format", "sarf"], "'sarif'"),
        (&["chek"], "'check'"),
    ] {
        let ran = run(folder.path(), args);
        assert!(ran.code == Some(2) && ran.err.contains(told), "{args:?}: {}", ran.err);
    }
}

#[test]
fn rules_are_listed_by_what_they_are_about() {
    let folder = folder();
    let codes = |about: &str| {
        let listed = run(folder.path(), &["rules", about, "--format", "json"]).out;
        let listed: serde_json::Value = serde_json::from_str(&listed).expect("it is JSON");
        let code = |rule: &serde_json::Value| rule["code"].as_str().expect("a text").to_owned();
        listed["rules"].as_array().expect("a list").iter().map(code).collect::<Vec<String>>()
    };
    assert!(codes("HST").iter().all(|code| code.starts_with("HST")) && codes("HST") == codes("hst"));
    assert!(codes("hsts").contains(&"HST001".to_owned()) && !codes("hsts").contains(&"COK001".to_owned()));
    assert!(codes("hsts.preload").len() < codes("hsts").len());
    assert_eq!(codes("cookies.session.secure"), codes("cookies.*.secure"));
    assert_eq!(codes("HST005"), ["HST005"]);
    // A key that no rule is about is explained, in place of an empty table.
    let told = run(folder.path(), &["rules", "app.timeout"]);
    assert_eq!(told.code, Some(0), "{}", told.err);
    assert!(
        told.out.contains("No rule is about this key.") && told.out.contains("How long the proxy waits"),
        "{}",
        told.out
    );
}

/// What takes several words takes them with commas, too, and each as often as one likes.
#[test]
fn lists_may_be_written_with_commas() {
    let broken = root().join("examples/broken");
    for only in [&["--only", "HST005,COR001"][..], &["--only", "hst005", "--only", "COR001"]] {
        let ran = run(&broken, &[&["check"], only].concat());
        assert!(ran.code == Some(1) && ran.out.contains("security.toml: 2 errors"), "{}", ran.out);
    }
    let folder = folder();
    let ran = run(folder.path(), &["rules", "--area", "HST,TLS", "--format", "json"]);
    assert!(
        ["HST001", "TLS001"].iter().all(|code| ran.out.contains(code)) && !ran.out.contains("COR001"),
        "{}",
        ran.out
    );
    let ran = run(&broken, &["plan", "--target", "nginx,caddy"]);
    assert!(["behind nginx", "behind Caddy"].iter().all(|edge| ran.out.contains(edge)), "{}", ran.out);
    let prod = root().join("tests/fixtures/prod.toml");
    let out = folder.path().to_string_lossy().into_owned();
    let ran = run(folder.path(), &["render", &prod.to_string_lossy(), "--target", "nginx,caddy", "--out", &out]);
    let written = ["nginx/site.conf", "caddy/site.caddy"].map(|file| folder.path().join(file).is_file());
    assert_eq!((ran.code, written), (Some(0), [true, true]), "{}{}", ran.out, ran.err);
}

/// The page of a rule stands below its first finding, once, within the terminal.
#[test]
fn a_finding_is_explained_where_it_stands() {
    let broken = root().join("examples/broken");
    let ran = |more: &[&str]| run(&broken, &[&["check", "--only", "HST005,COK001"], more].concat()).out;
    let (plain, explained) = (ran(&[]), ran(&["--explain"]));
    let page = "  │ # HST005: hsts-without-tls\n";
    assert!(!plain.contains(page) && explained.matches(page).count() == 1, "{explained}");
    let (before, after) = explained.split_once(page).expect("it is there");
    assert!(before.contains("HST005 hsts-without-tls (") && !before.contains("# COK001"), "{explained}");
    assert!(after.contains("  │ ## Why it matters\n") && after.contains("# COK001: insecure-cookie"), "{explained}");
    assert!(explained.lines().all(|line| line.chars().count() <= 100), "{explained}");
    // Whatever is left without the pages is what is told without the flag.
    let bare = |text: &str| {
        text.lines()
            .filter(|line| !line.starts_with("  │"))
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(bare(&explained), bare(&plain));
    // Programs have the pages anyway.
    assert_eq!(ran(&["--explain", "--format", "json"]), ran(&["--format", "json"]));
}

/// Kills a program of the test's own, however the test ends.
struct Ended(std::process::Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_watched_profile_is_checked_again_when_something_of_it_has_changed() {
    use std::io::{BufRead, BufReader};
    const PACK: &str = "version = 1\ntitle = \"Shop\"\nother_controls = \"unknown\"\n";
    let folder = folder();
    let with_pack = MINIMAL.replace("\"generic\"", "\"./shop.toml\"");
    write(folder.path(), "shop.toml", PACK);
    write(folder.path(), "security.toml", &with_pack);
    let mut command = seccfg(folder.path());
    command.args(["check", "--watch"]).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = Ended(command.spawn().expect("the program starts"));
    let mut lines = BufReader::new(child.0.stdout.take().expect("it is piped")).lines();
    let mut round = || {
        let lines = lines.by_ref().map(|line| line.expect("the program writes UTF-8"));
        lines.take_while(|line| !line.starts_with("watching")).collect::<Vec<String>>().join("\n")
    };
    // At once, so that no run sees a file that is half there.
    let replace = |name: &str, text: &str| {
        write(folder.path(), "next", text);
        fs::rename(folder.path().join("next"), folder.path().join(name)).expect("a file can be renamed");
    };
    assert!(round().contains("security.toml: no findings"));
    replace("security.toml", &format!("{with_pack}nonsense = 1\n"));
    assert!(round().contains("PRF002"));
    replace("security.toml", &with_pack);
    assert!(round().contains("no findings"));
    // The pack is read anew, too; and what is not there for a moment ends nothing.
    replace("shop.toml", &format!("{PACK}odd = 1\n"));
    assert!(round().contains("shop.toml"));
    fs::remove_file(folder.path().join("security.toml")).expect("a file can be removed");
    round();
    replace("security.toml", MINIMAL);
    assert!(round().contains("no findings"));
    // So is what a Compose file names.
    for name in ["named.env", "mounted.txt"] {
        write(folder.path(), name, "A=1\n");
    }
    let named =
        "services:\n  shop:\n    env_file: named.env\n    secrets: [key]\nsecrets:\n  key: {file: mounted.txt}\n";
    write(folder.path(), "compose.yaml", named);
    let mut command = seccfg(folder.path());
    command.args(["check", "--watch", "--only", "RND001", "--env-file", "compose.yaml#shop"]);
    let mut child = Ended(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the program starts"));
    let mut lines = BufReader::new(child.0.stdout.take().expect("it is piped")).lines();
    let mut round = || {
        let lines = lines.by_ref().map(|line| line.expect("the program writes UTF-8"));
        lines.take_while(|line| !line.starts_with("watching")).collect::<Vec<String>>().join("\n")
    };
    assert!(round().contains("no findings"));
    replace("named.env", "A='1\n");
    assert!(round().contains("named.env"));
    replace("named.env", "A=1\n");
    assert!(round().contains("no findings"));
    replace("mounted.txt", "another");
    assert!(round().contains("no findings"));
    replace("compose.yaml", &named.replace("named", "gone"));
    assert!(round().contains("this file is not there"));
    for args in
        [&["check", "--watch", "--fix"][..], &["check", "--watch", "-"], &["check", "--watch", "--staged", ".env"]]
    {
        assert_eq!(run(folder.path(), args).code, Some(2), "{args:?}");
    }
}

/// `script` gives a program a terminal.
#[test]
fn who_waits_at_a_terminal_sees_how_far_many_profiles_are() {
    let folder = folder();
    // Enough to judge for half a second, and nothing to tell.
    let cookie = |number| format!("[cookies.c{number}]\nsecure = true\nhttp_only = true\nsame_site = \"lax\"\n");
    let cookies = (0..300).map(cookie).collect::<Vec<_>>().concat();
    write(folder.path(), "first/security.toml", format!("{MINIMAL}{cookies}"));
    for number in 0..2000 {
        let other = folder.path().join(format!("many/{number}"));
        fs::create_dir_all(&other).expect("a folder can be made");
        fs::hard_link(folder.path().join("first/security.toml"), other.join("security.toml"))
            .expect("a file can be linked");
    }
    let program = env!("CARGO_BIN_EXE_seccfg");
    let ask = |term: &str, what: &str| {
        let output = Command::new("script")
            .args(["--quiet", "--return", "--command", &format!("{program} check {what}"), "/dev/null"])
            .current_dir(folder.path())
            .env("TERM", term)
            .stdin(Stdio::null())
            .output()
            .expect("`script` is a part of Debian's bsdutils");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let shown = ask("xterm", "many");
    assert!(shown.contains(" of 2000 profiles") && shown.contains("\u{1b}[K"), "{shown:?}");
    // What is left to read at the end is the sum.
    assert!(
        shown.rsplit("\u{1b}[K").next().is_some_and(|end| end.contains("2000 profiles") && !end.contains('[')),
        "{shown:?}"
    );
    assert!(!ask("dumb", "many").contains(" of 2000"));
    assert!(!ask("xterm", "first").contains(" of "));
    assert!(!run(folder.path(), &["check", "many"]).err.contains(" of "));
}

/// The lines that a terminal of so many columns would break, but for those that hold one long word or the path of a file.
fn too_long(out: &str, columns: usize) -> Vec<&str> {
    let is_path = |line: &str| line.contains("╭─[");
    let is_one_word = |line: &str| line.trim().split(' ').count() < 2 || line.trim().starts_with('`');
    let is_long = |line: &&str| line.chars().count() > columns && !is_path(line) && !is_one_word(line);
    out.lines().filter(is_long).collect()
}

#[test]
fn output_keeps_within_the_terminal() {
    let examples = root().join("examples");
    let codes: Vec<&str> = seccfg::rules::all().map(|rule| rule.code).collect();
    for columns in [80, 100] {
        let run = |args: &[&str]| {
            let output = seccfg(&examples).env("COLUMNS", columns.to_string()).args(args).output();
            Ran::from(output.expect("the program starts")).out
        };
        let mut outs = vec![run(&["rules"]), run(&["check", "broken"]), run(&["check", "instacrud", "--mode", "dev"])];
        outs.extend(["instacrud", "fastcms", "crudauth", "generic"].map(|example| run(&["plan", example])));
        outs.extend(["instacrud", "broken"].map(|example| run(&["score", example])));
        outs.extend(codes.iter().map(|code| run(&["explain", code])));
        for out in outs {
            assert_eq!(too_long(&out, columns), [""; 0], "{columns}");
        }
    }
    // Nothing is lost where a table is narrow: the same words, and the whole of the others' share.
    let letters = |columns: &str| {
        let output = seccfg(&examples).env("COLUMNS", columns).args(["plan", "instacrud"]).output();
        let out =
            Ran::from(output.expect("the program starts")).out.replace("the others", "").replace("; Insta", " Insta");
        let mut letters: Vec<char> = out.chars().filter(|c| !c.is_whitespace()).collect();
        letters.sort_unstable();
        letters
    };
    assert_eq!(letters("80"), letters("200"));
}

#[test]
fn the_terminal_is_asked_and_a_pipe_is_not() {
    let folder = folder();
    let program = env!("CARGO_BIN_EXE_seccfg");
    // A terminal of 72 columns, with and without `COLUMNS`, and a pipe out of it.
    let ask = |command: &str| {
        let inner = format!("stty rows 24 cols 72; {command}");
        let output = Command::new("script")
            .env_clear()
            .current_dir(folder.path())
            .args(["-qec", &inner, "/dev/null"])
            .stdin(Stdio::null())
            .output();
        Ran::from(output.expect("script, of util-linux, starts")).out.replace('\r', "")
    };
    let longest = |out: &str| out.lines().map(|line| line.chars().count()).max().unwrap_or_default();
    let (on_terminal, said, piped) = (
        ask(&format!("{program} rules")),
        ask(&format!("COLUMNS=60 {program} rules")),
        ask(&format!("{program} rules | cat")),
    );
    assert!(on_terminal.contains("HST005") && longest(&on_terminal) <= 72, "{on_terminal}");
    assert!(longest(&said) <= 60, "{said}");
    assert!(longest(&piped) > 100, "{piped}");
}

#[test]
fn what_can_be_copied_is_never_broken() {
    let folder = folder();
    let profile = MINIMAL.replace("dev", "prod").replace("kind", "url = \"http://a.example\"\nkind");
    write(folder.path(), "security.toml", profile);
    let all = run(folder.path(), &["check", "--format", "json"]).out;
    let report: serde_json::Value = serde_json::from_str(&all).expect("standard output is one JSON document");
    let help = |finding: &serde_json::Value| finding["help"].as_str().unwrap_or_default().to_owned();
    let helps: Vec<String> = report["findings"].as_array().expect("a list").iter().map(help).collect();
    let values: Vec<&str> = helps.iter().flat_map(|help| help.split('`').skip(1).step_by(2)).collect();
    assert!(values.len() > 10, "{values:?}");
    for columns in ["40", "60", "80"] {
        let output = seccfg(folder.path()).env("COLUMNS", columns).arg("check").output().expect("the program starts");
        let out = Ran::from(output).out;
        for value in &values {
            assert!(out.contains(value), "{columns}: {value}\n{out}");
        }
    }
}

#[test]
fn every_rule_leads_to_a_page_that_is_there() {
    let folder = folder();
    let listing = run(folder.path(), &["rules", "--format", "json"]).out;
    let listing: serde_json::Value = serde_json::from_str(&listing).expect("standard output is one JSON document");
    for rule in listing["rules"].as_array().expect("a list") {
        let url = rule["url"].as_str().expect("a text");
        let page = url.find("docs/rules/").map(|at| &url[at..]).expect("a page of the repository");
        assert!(root().join(page).is_file(), "{url}");
    }
}

/// What plainly is another kind of file is told once, with what takes it, and nothing of what it holds.
#[test]
fn a_file_of_another_kind_is_told_once() {
    const COMPOSE: &str = "services:\n  web:\n    environment:\n      SECRET_KEY: s3cr3t-v4lue\n";
    const NGINX: &str = "server {\n    listen 80;\n    proxy_set_header X-Key s3cr3t-v4lue;\n}\n";
    const CADDY: &str = "shop.example.com {\n\tbasic_auth s3cr3t-v4lue\n}\n";
    const OBJECT: &str = "apiVersion: v1\nkind: Secret\nstringData:\n  key: s3cr3t-v4lue\n";
    let folder = folder();
    let path = folder.path();
    write(path, "security.toml", "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\n");
    for (name, text, args, told, help) in [
        ("compose.yml", COMPOSE, &["check"][..], "a Compose file, and no profile", "init --from compose.yml"),
        ("compose.yml", COMPOSE, &["plan"], "a Compose file, and no profile", "--env-file"),
        ("compose.yml", COMPOSE, &["check", "--manifest"], "a Compose file, and no manifest", "--env-file"),
        ("vars", "SECRET_KEY=s3cr3t-v4lue\n", &["check"], "a `.env` file, and no profile", "--env-file"),
        ("nginx.conf", NGINX, &["check"], "a configuration of nginx, and no profile", "render --target nginx"),
        ("nginx.conf", NGINX, &["init", "--out", "b.toml", "--from"], "and no file of variables", "the Compose file"),
        ("nginx.conf", NGINX, &["check", "--env-file"], "a configuration of nginx, and no file", "target nginx"),
        ("Caddyfile", CADDY, &["check"], "a Caddyfile, and no profile", "render --target caddy"),
        ("Caddyfile", CADDY, &["check", "--env-file"], "a Caddyfile, and no file of variables", "target caddy"),
        ("secret.yaml", OBJECT, &["check"], "a manifest of Kubernetes, and no profile", "check --manifest secret.yaml"),
        ("k8s.txt", OBJECT, &["check", "--env-file"], "a manifest of Kubernetes, and no file", "check --manifest"),
        ("x.json", "{\"key\": \"s3cr3t-v4lue\"}\n", &["check"], "a JSON file, and no profile", "name a profile"),
        (
            "more.toml",
            "key = \"s3cr3t-v4lue\"\n",
            &["check", "--env-file"],
            "a TOML file, and no file",
            "without a flag",
        ),
    ] {
        write(path, name, text);
        let ran = run(path, &[args, &[name]].concat());
        let out = format!("{}{}", ran.out, ran.err).split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(ran.code, Some(1), "{name} {args:?}: {out}");
        assert!(out.contains(told) && out.contains(help), "{name} {args:?}: {out}");
        assert!(out.matches("help:").count() == 1 && !out.contains("s3cr3t"), "{name} {args:?}: {out}");
    }
    // A profile with mistakes is told line by line, and so is a file of variables.
    write(path, "security.toml", "version: 1\napp:\n  name: shop\n");
    assert!(run(path, &["check"]).out.contains("write `=` between a key and its value"));
    write(path, ".env", "DEBUG: 1\n");
    let ran = run(path, &["init", "--from", ".env", "--out", "c.toml"]);
    assert!(ran.out.contains("neither an assignment nor a comment"), "{}{}", ran.out, ran.err);
}
