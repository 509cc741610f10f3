//! What is wrong with a line depends on who reads it.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::support::{folder, run};
use super::write;

/// The findings of one rule in a file that these programs read: how bad, and at which line.
fn found(folder: &Path, readers: &str, rule: &str, text: &str) -> Vec<String> {
    let pack = "version = 1\ntitle = \"the shop\"\nother_controls = \"unknown\"\nreaders = READERS\n[variables]\n\
                CORS_ORIGINS = { field = \"cors.origins\", encoding = \"csv\" }\n";
    write(folder, "shop.toml", &pack.replace("READERS", readers));
    let profile = "version = 1\n[app]\nname = \"shop\"\nkind = \"./shop.toml\"\nurl = \"https://shop.example.com\"\n\
                   [cors]\norigins = [\"https://a.example\"]\n[database]\nengine = \"postgresql\"\nurl = \"env:DATABASE_URL\"\n";
    write(folder, "security.toml", profile);
    write(folder, ".env", text);
    let ran = run(folder, &["check", "--env-file", ".env", "--only", rule, "--format", "json"]);
    let report: Value = serde_json::from_str(&ran.out).expect("it is JSON");
    let findings = report["findings"].as_array().into_iter().flatten();
    let here = findings.filter(|one| one["file"] == ".env");
    let told =
        |one: &Value| format!("{} {}", one["severity"].as_str().unwrap_or_default(), one["span"]["start"]["line"]);
    here.map(told).collect()
}

#[test]
fn how_bad_a_line_is_follows_from_who_reads_it() {
    let folder = folder();
    for (readers, text, told) in [
        ("[]", "A='1' # why\n", &["warning 1"][..]),
        ("[\"pydantic-settings\"]", "A='1' # why\n", &["note 1"]),
        ("[\"pydantic-settings\", \"systemd\"]", "A='1' # why\n", &["error 1"]),
        ("[\"dotenvy\"]", "A=1\nA=2\n", &["error 2"]),
        ("[\"node\"]", "A=1\nA=2\n", &["note 2"]),
        ("[\"docker\"]", "A='1 2'\n", &["error 1"]),
        ("[\"docker\"]", "A=   \n", &["error 1"]),
        ("[\"dotenvy\"]", "A=1  \n", &["note 1"]),
        ("[\"compose\"]", "A='1 2'\n", &[]),
        ("[\"django-environ\"]", "A=$3cret\nB=x$3cret\n", &["error 1", "note 2"]),
        // What one reader takes is told of the others.
        ("[\"node-dotenv\"]", "A: 1\nB.C-D=2\n", &["note 1", "note 2"]),
        ("[\"node-dotenv\", \"node\"]", "A: 1\n", &["error 1"]),
        ("[\"systemd\"]", "; why\nA=\"ab\"cd\n", &["note 1", "note 2"]),
        ("[\"bash\"]", "A=\"ab\"cd\n; why\n", &["note 1", "error 2"]),
        // No reader gets anything out of it.
        ("[]", "nonsense\n", &["error 1"]),
        // The reader's list is split at commas, and no more.
        ("[\"django-environ\"]", "CORS_ORIGINS='https://a.example, https://b.example'\n", &["error 1"]),
        ("[\"pydantic-settings\"]", "CORS_ORIGINS='https://a.example, https://b.example'\n", &[]),
    ] {
        assert_eq!(found(folder.path(), readers, "RND001", text), told, "{readers} {text}");
    }
}

/// What stands in a URL for another variable is judged as what that holds, where the reader replaces it.
#[test]
fn what_a_reader_replaces_is_judged_as_it_reads_it() {
    let folder = folder();
    let url = "DATABASE_URL=postgresql://postgres:${POSTGRES_PASSWORD}@db/app?sslmode=verify-full\n";
    for (password, readers, is_default) in [
        ("postgres", "[\"compose\"]", true),
        ("postgres", "[]", true),
        ("d41b9c07e2f85a63", "[\"compose\"]", false),
        ("d41b9c07e2f85a63", "[\"python-dotenv\", \"bash\"]", false),
        ("d41b9c07e2f85a63", "[]", false),
    ] {
        let text = format!("POSTGRES_PASSWORD={password}\n{url}");
        let told = found(folder.path(), readers, "DAT002", &text);
        assert_eq!(!told.is_empty(), is_default, "{password} {readers}: {told:?}");
    }
    // An assignment to two readers is one where those read the file.
    let colon = "DATABASE_URL: postgresql://postgres:postgres@db/app?sslmode=verify-full\n";
    for (readers, told) in
        [("[\"compose\"]", &["error 1"][..]), ("[\"node-dotenv\"]", &["error 1"]), ("[\"node\"]", &[])]
    {
        assert_eq!(found(folder.path(), readers, "DAT002", colon), told, "{readers}");
        assert_eq!(found(folder.path(), readers, "SEC010", colon), [""; 0], "{readers}");
    }
    let text = format!("POSTGRES_PASSWORD=d41b9c07e2f85a63\n{url}");
    assert_eq!(found(folder.path(), "[\"compose\"]", "RND001", &text), ["note 2"]);
    // One replaces it and the other does not.
    assert_eq!(found(folder.path(), "[\"compose\", \"node\"]", "RND001", &text), ["error 2"]);
    // What it would be replaced by stands nowhere.
    assert_eq!(found(folder.path(), "[\"compose\"]", "RND001", url), ["error 1"]);
}

/// What a name stands for that an earlier file sets: each reader that can be run here says whether it looks there.
#[test]
fn a_name_of_an_earlier_file_is_what_its_reader_makes_of_it() {
    const SCRIPTS: [(&str, &str, &str); 4] = [
        (
            "python-dotenv",
            "python",
            "from dotenv import load_dotenv; import os; load_dotenv('1.env'); load_dotenv('2.env'); print(os.environ['DATABASE_URL'])",
        ),
        (
            "pydantic-settings",
            "python",
            "from pydantic_settings import BaseSettings as B, SettingsConfigDict as C\nclass S(B):\n  model_config = \
             C(env_file=('1.env', '2.env'), extra='ignore')\n  DATABASE_URL: str\nprint(S().DATABASE_URL)",
        ),
        ("bash", "bash", "set -a; . ./1.env; . ./2.env; echo \"$DATABASE_URL\""),
        ("node", "node", "--env-file=1.env --env-file=2.env"),
    ];
    let folder = folder();
    write(folder.path(), "1.env", "POSTGRES_PASSWORD=postgres\n");
    write(folder.path(), "2.env", "DATABASE_URL=postgresql://postgres:${POSTGRES_PASSWORD}@db/app\n");
    let judged = |reader: &str| {
        let profile = format!(
            "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nurl = \"https://shop.example.com\"\n[database]\n\
             engine = \"postgresql\"\nurl = \"env:DATABASE_URL\"\n[targets.env]\nreaders = [\"{reader}\"]\n"
        );
        write(folder.path(), "security.toml", &profile);
        let args = ["check", "--env-file", "1.env", "--env-file", "2.env", "--only", "DAT002"];
        run(folder.path(), &args).out.contains("DAT002")
    };
    for (reader, program, script) in SCRIPTS {
        let venv = crate::support::root().join("target/venv/bin/python");
        let mut command = Command::new(if program == "python" { venv.as_os_str() } else { program.as_ref() });
        command.current_dir(folder.path()).env_remove("POSTGRES_PASSWORD").env_remove("DATABASE_URL");
        match program {
            "node" => command.args(script.split(' ')).args(["-e", "console.log(process.env.DATABASE_URL)"]),
            _ => command.args(["-c", script]),
        };
        let Ok(ran) = command.output().map_err(|error| eprintln!("skipped: {reader}: {error}")) else { continue };
        if !ran.status.success() {
            eprintln!("skipped: {reader}: {}", String::from_utf8_lossy(&ran.stderr));
            continue;
        }
        let read = String::from_utf8_lossy(&ran.stdout).trim().to_owned();
        assert_eq!(judged(reader), read.contains("//postgres:postgres@"), "{reader} reads {read}");
    }
    // Of those that are not run here, their sources say so.
    let looks = ["compose", "dotenvy", "systemd", "docker", "node-dotenv"].map(judged);
    assert_eq!(looks, [true, true, false, false, false]);
}

/// What the file's own reader makes of a line counts, whatever others would make of it.
#[test]
fn a_value_that_only_others_misread_is_not_lost() {
    let pack = |readers: &str| {
        format!(
            "version = 1\ntitle = \"the shop\"\nother_controls = \"unknown\"\nreaders = {readers}\n[variables]\n\
             TOKEN_MINUTES = {{ field = \"tokens.access_ttl\", encoding = \"minutes\" }}\n\
             SITE = {{ field = \"app.url\" }}\n"
        )
    };
    for (readers, line) in [
        ("[\"python-dotenv\"]", "TOKEN_MINUTES=20 # a third of an hour"),
        ("[\"node-dotenv\"]", "export TOKEN_MINUTES='20' # a third"),
        ("[\"node\"]", "TOKEN_MINUTES = 20"),
        ("[\"compose\"]", "export TOKEN_MINUTES=\"20\""),
        ("[\"dotenvy\"]", "TOKEN_MINUTES=20  "),
    ] {
        let folder = folder();
        write(folder.path(), "shop.toml", &pack(readers));
        write(folder.path(), ".env", &format!("{line}\n"));
        let ran = run(folder.path(), &["init", "--app", "./shop.toml", "--from", ".env"]);
        let profile =
            std::fs::read_to_string(folder.path().join("security.toml")).unwrap_or_else(|_| panic!("{}", ran.err));
        assert!(profile.contains("access_ttl = \"20m\""), "{readers} {line}: {}", ran.out);
    }
}
