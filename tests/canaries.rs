//! What a `.env` file holds is printed by nothing: no command, no flag, no format, no error.

mod support;

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;

use support::{folder, root, run};

/// What nothing else in the world says.
fn canary() -> String {
    format!("canary{:016x}{:016x}", RandomState::new().hash_one(1), RandomState::new().hash_one(2))
}

/// Files that hold canaries in every form that some reader takes, and in forms that none does.
const FILES: &[&[u8]] = &[
    b"SECRET_KEY=CANARY\nMONGO_URL=mongodb://shop:CANARY@db/shop\nMODE=CANARY\nCORS_ALLOW_ORIGINS=CANARY\nSMTP_PORT=CANARY\n",
    b"export SECRET_KEY = 'CANARY' # CANARY\n# CANARY\nOPEN_REGISTRATION=\"CANARY\"\n",
    b"SECRET_KEY: CANARY\n\"SECRET_KEY\"=CANARY\nCANARY\nCANARY=\nexport CANARY\n",
    b"SECRET_KEY=`CANARY`\nBASE_URL=https://a:CANARY@a.example/?k=CANARY\nA=1; B=CANARY\n",
    b"SECRET_KEY=\"CANARY\\\"CANARY\nCANARY\"\nDEEP_INFRA_KEY='CANARY\nCANARY'\n",
    b"SECRET_KEY='CANARY\nMODE=prod\n",
    b"SECRET_KEY=$CANARY\nB=${CANARY}\nC=${CANARY:-CANARY}\nD=`CANARY`\nE=$(CANARY)\n",
    b"SECRET_KEY_FILE=/run/CANARY\nSECRET_KEY=\nEMAIL_DRIVER=CANARY\nsecret_key=CANARY\n",
    b"SECRET_KEY=CANARY\r\nMONGO_URL_SECRET_KEY=CANARY\r\nVITE_SECRET=CANARY\r\n",
    b"SECRET_KEY=CANARY\nSECRET_KEY=CANARY2\nTOKEN_EXPIRATION_SECONDS=CANARY\nALGORITHM=CANARY\n",
    b"-----BEGIN PRIVATE KEY-----\nCANARY=\nCANARYCANARY==\n-----END PRIVATE KEY-----\n",
    b"SECRET_KEY=CANARY\xff\n",
    b"SECRET_KEY=CANARY\0\n",
    b"\xef\xbb\xbfSECRET_KEY=CANARY\n",
    b"EMAIL_FROM_ADDRESS=CANARY\nFRONTEND_BASE_URL=CANARY\nDB_ENGINE=CANARY\nCORS_ALLOW_METHODS=CANARY\nEMAIL_ENABLED=CANARY\n",
];

/// Every command that may come to see such a file, with its flags and formats.
const COMMANDS: &[&[&str]] = &[
    &["check", "--env-file", ".env"],
    &["check", "--env-file", ".env", "--format", "json"],
    &["check", "--all-modes", "--env-file", ".env", "--env-file", "dev=.env"],
    &["check", "--env-file", ".env", "--fix", "--diff"],
    &["check", "--env-file", ".env", "--fix", "--unsafe-fixes", "--diff"],
    &["report", "--env-file", ".env", "--format", "md"],
    &["report", "--env-file", ".env", "--format", "html"],
    &["render", "--target", "env", "--diff"],
    &["render", "--target", "env", "--check"],
    &["render", "--target", "env", "--stdout"],
    &["render", "--target", "env", "--example", "--stdout"],
    &["render", "--target", "env", "--example", "--diff"],
    &["render", "--target", "env", "--example", "--check"],
    &["rotate", "secret_key", "--dry-run"],
    &["rotate", "secret_key", "--sign-everyone-out", "--dry-run"],
    &["rotate", "nothing"],
    &["init", "--app", "instacrud", "--from", ".env", "--out", "new.toml"],
    &["init", "--app", "fastcms", "--from", ".env", "--out", "other.toml"],
    &["init", "--from", ".env", "--out", "third.toml"],
    // A file in the place of another one.
    &["check", ".env"],
    &["check", ".env", "--format", "json"],
    &["plan", ".env"],
    &["score", ".env"],
    // Those that write come last.
    &["render", "--target", "env", "--generate-secrets"],
    &["render", "--target", "env", "--replace-placeholders"],
    &["render", "--target", "env", "--example"],
    &["render", "--target", "env"],
    &["check", "--env-file", ".env", "--fix", "--unsafe-fixes"],
];

fn bytes(file: &[u8], canary: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = file;
    while let Some(at) = rest.windows(6).position(|window| window == b"CANARY") {
        bytes.extend_from_slice(&rest[..at]);
        bytes.extend_from_slice(canary.as_bytes());
        rest = &rest[at + 6..];
    }
    bytes.extend_from_slice(rest);
    bytes
}

fn is_shown(folder: &Path, command: &[&str], canary: &str) -> Option<String> {
    let ran = run(folder, command);
    assert!(matches!(ran.code, Some(0..=2)), "{command:?}: {}", ran.err);
    let said = format!("{}{}", ran.out, ran.err).to_ascii_lowercase();
    // Half of it would do.
    (said.contains(&canary[..14]) || said.contains(&canary[canary.len() - 12..])).then_some(said)
}

/// Runs every command beside a file that holds a canary.
fn asked(file: &[u8], profile: &str) {
    let canary = canary();
    let folder = folder();
    let text = bytes(file, &canary);
    fs::write(folder.path().join("security.toml"), profile).expect("a file can be written");
    for command in COMMANDS {
        for name in [".env", ".env.example"] {
            fs::write(folder.path().join(name), &text).expect("a file can be written");
        }
        let said = is_shown(folder.path(), command, &canary);
        assert!(said.is_none(), "{command:?} on {}:\n{}", String::from_utf8_lossy(file), said.unwrap_or_default());
        // A profile is no place for them, either.
        for made in ["new.toml", "other.toml", "third.toml", "security.toml"] {
            let made = fs::read_to_string(folder.path().join(made)).unwrap_or_default();
            assert!(
                !made.contains(&canary),
                "{command:?} on {} wrote one into a profile",
                String::from_utf8_lossy(file)
            );
        }
    }
}

#[test]
fn nothing_prints_what_a_file_holds() {
    let profile = fs::read_to_string(root().join("examples/instacrud/security.toml")).expect("the example is there");
    let (one, two) = FILES.split_at(FILES.len() / 2);
    std::thread::scope(|scope| {
        for share in [one, two] {
            scope.spawn(|| share.iter().for_each(|file| asked(file, &profile)));
        }
    });
}
