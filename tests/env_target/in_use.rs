//! No secret that is in use is superseded, however the file says it.

use std::fs;
use std::path::Path;

use super::support::folder;
use super::{example, read, render};

/// A value that nobody could guess, as far as it goes: made up, and no secret of anybody's.
const LIVE: &str = "live-0b5f9c-and-so-on-e77a";

fn write(folder: &Path, text: &str) {
    fs::write(folder.join(".env"), text).expect("a file can be written");
}

/// An app of which little is known, with a secret in a variable, another one that encrypts, and a pack that names what the
/// first was called before.
fn app(folder: &Path) {
    let pack = "version = 1\ntitle = \"the shop\"\nother_controls = \"unknown\"\n\
                [variables]\nSESSION_KEY = { field = \"secrets.session.source\" }\n\
                STORE_KEY = { field = \"secrets.store.source\", default = \"built-in-key\" }\n\
                [former]\nJWT_SECRET = \"SESSION_KEY\"\n";
    let profile = "version = 1\n[app]\nname = \"shop\"\nkind = \"./shop.toml\"\nmode = \"dev\"\n\
                   [secrets.session]\nsource = \"env:SESSION_KEY\"\n";
    fs::write(folder.join("shop.toml"), pack).expect("a file can be written");
    fs::write(folder.join("security.toml"), profile).expect("a file can be written");
}

#[test]
fn a_key_in_use_under_any_spelling_stays_the_only_one() {
    for text in [
        // As Node's dotenv and Compose take it.
        "SESSION_KEY: LIVE\n",
        "export SESSION_KEY: LIVE\n",
        "SESSION_KEY : 'LIVE'\n",
        // The value stands in the environment of whoever starts the app.
        "SESSION_KEY\n",
        "export SESSION_KEY\n",
        // As python-dotenv and Compose take it.
        "'SESSION_KEY'=LIVE\n",
        "\"SESSION_KEY\"=LIVE\n",
        // A shell's ways.
        "declare -x SESSION_KEY=LIVE\n",
        "A=1; SESSION_KEY=LIVE\n",
        "A=1 SESSION_KEY='LIVE'\n",
        "MODE=dev && export SESSION_KEY=LIVE\n",
        ": \"${SESSION_KEY:=LIVE}\"\n",
        ": ${SESSION_KEY=LIVE}\n",
        "A=1; : ${SESSION_KEY:=LIVE}\n",
        "OTHER=${SESSION_KEY:=LIVE}\n",
        // Readers that mind no capitals.
        "session_key=LIVE\n",
        "Session_Key: LIVE\n",
        // What nobody sees.
        "SESSION_KEY\u{200b}=LIVE\n",
        "\u{a0}SESSION_KEY=LIVE\n",
        "A=1\rSESSION_KEY=LIVE\r",
        // Former names, in their spellings.
        "JWT_SECRET=LIVE\n",
        "JWT_SECRET: LIVE\n",
        // The value is in a file.
        "SESSION_KEY_FILE=/run/secrets/session\n",
        "SESSION_KEY_FILE: /run/secrets/session\n",
        "SESSION_KEY__FILE=/run/secrets/session\n",
        "FILE__SESSION_KEY=/run/secrets/session\n",
        // Docker reads line by line.
        "NOTE='\nSESSION_KEY=LIVE\n'\n",
        // As systemd has it in a unit, and as a word of a program's arguments.
        "Environment=\"SESSION_KEY=LIVE\"\n",
        "Environment=SESSION_KEY=LIVE\n",
        "ARGUMENTS='-e SESSION_KEY=LIVE'\n",
        // Nobody knows what another file sets.
        ". ./secrets.sh\n",
        "set -a; source secrets.env; set +a\n",
        "[ \"$MODE\" = x ] && . ./secrets.sh\n",
        "export $(cat secrets.env | xargs)\n",
        // In another form, or to be had elsewhere.
        "SESSION_KEY_PATH=/run/secrets/session\n",
        "SESSION_KEY_BASE64=LIVE\n",
        "SESSION_KEY_CMD='pass show session'\n",
        // Beside an empty one, too.
        "SESSION_KEY: LIVE\nSESSION_KEY=\n",
    ] {
        let folder = folder();
        app(folder.path());
        let text = text.replace("LIVE", LIVE);
        write(folder.path(), &text);
        let ran = render(folder.path(), &["--generate-secrets"]);
        assert_eq!(ran.code, Some(1), "{text:?}: {}", ran.err);
        assert!(ran.err.contains("SESSION_KEY") && ran.err.contains("in use"), "{text:?}: {}", ran.err);
        assert!(!ran.err.contains("0b5f9c") && !ran.out.contains("0b5f9c"), "{text:?}: {}", ran.err);
        assert_eq!(read(folder.path(), ".env"), text);
        // Where nothing is to be made, it is told all the same.
        let ran = render(folder.path(), &[]);
        assert!(ran.err.contains("missing: SESSION_KEY") && !ran.err.contains("run again"), "{text:?}: {}", ran.err);
    }
}

#[test]
fn what_only_looks_like_a_use_keeps_nobody_from_a_key() {
    for text in [
        "# SESSION_KEY=old\n",
        "A=1 # SESSION_KEY: old\n",
        "URL='https://a.example/?SESSION_KEY=1'\n",
        "URL=\"x${SESSION_KEY}y\"\n",
        "MY_SESSION_KEY: 1\nSESSION_KEYS=2\n",
        "SESSION_KEY_FILE=\nJWT_SECRET=\nsession_key=\n",
        "export SESSION_KEY =   \n",
    ] {
        let folder = folder();
        app(folder.path());
        write(folder.path(), text);
        let ran = render(folder.path(), &["--generate-secrets"]);
        assert!(ran.code == Some(0) && ran.err.contains("made a value for SESSION_KEY"), "{text:?}: {}", ran.err);
    }
}

/// With a new key nobody could read what the app encrypted with another one in its stead.
#[test]
fn a_key_that_stands_in_for_another_is_in_use() {
    let folder = folder();
    example("instacrud", folder.path());
    for text in [
        "SECRET_KEY=LIVE\n",
        "SECRET_KEY=LIVE\nMONGO_URL_SECRET_KEY=\n",
        "SECRET_KEY=changeme\n",
        "SECRET_KEY=LIVE\nMONGO_URL_SECRET_KEY=   \n",
    ] {
        let text = text.replace("LIVE", LIVE);
        write(folder.path(), &text);
        let ran = render(folder.path(), &["--generate-secrets"]);
        assert_eq!(ran.code, Some(1), "{text:?}: {}", ran.err);
        assert!(ran.err.contains("SEC010") && ran.err.contains("`MONGO_URL_SECRET_KEY` is not set"), "{}", ran.err);
        assert_eq!(read(folder.path(), ".env"), text);
    }
    write(folder.path(), "SECRET_KEY=\n");
    let ran = render(folder.path(), &["--generate-secrets"]);
    assert!(ran.code == Some(0) && ran.err.contains("made a value for MONGO_URL_SECRET_KEY"), "{}", ran.err);
    // Nobody encrypted anything with what an example says.
    write(folder.path(), "SECRET_KEY=changeme\n");
    let ran = render(folder.path(), &["--generate-secrets", "--replace-placeholders"]);
    assert!(ran.code == Some(0) && ran.err.contains("made a value for MONGO_URL_SECRET_KEY"), "{}", ran.err);
}

#[test]
fn a_key_in_the_apps_code_is_in_use_where_it_encrypts() {
    let folder = folder();
    app(folder.path());
    let profile = read(folder.path(), "security.toml");
    let profile = profile + "[secrets.store]\nsource = \"env:STORE_KEY\"\npurpose = \"PURPOSE\"\n";
    for (purpose, code) in [("encryption", 1), ("signing", 0)] {
        fs::write(folder.path().join("security.toml"), profile.replace("PURPOSE", purpose)).expect("it can be written");
        write(folder.path(), "");
        let ran = render(folder.path(), &["--generate-secrets"]);
        assert_eq!(ran.code, Some(code), "{purpose}: {}", ran.err);
        assert_eq!(ran.err.contains("with a key of its code"), code == 1, "{}", ran.err);
    }
}

#[test]
fn placeholders_are_replaced_where_that_is_asked() {
    let placeholder = "change-me-in-production";
    for (text, is_replaced) in [
        ("SESSION_KEY=P # why\n", true),
        ("export SESSION_KEY = 'P'  \n", true),
        ("SESSION_KEY=P\nSESSION_KEY='your-secret-key'\n", true),
        ("SESSION_KEY=P\nSESSION_KEY=LIVE\n", false),
        ("SESSION_KEY=LIVE\n", false),
    ] {
        let folder = folder();
        app(folder.path());
        let text = text.replace("LIVE", LIVE).replace('P', placeholder);
        write(folder.path(), &text);
        assert_eq!(render(folder.path(), &["--generate-secrets"]).code, Some(0), "{text}");
        assert_eq!(read(folder.path(), ".env"), text);
        let ran = render(folder.path(), &["--replace-placeholders"]);
        let after = read(folder.path(), ".env");
        assert_eq!(
            ran.err.contains("made a value for SESSION_KEY, which was a placeholder"),
            is_replaced,
            "{}",
            ran.err
        );
        assert_eq!(
            (after != text, after.contains(placeholder)),
            (is_replaced, text.contains(LIVE) && !is_replaced && text.contains(placeholder))
        );
        assert!(after.lines().all(|line| line.trim_end() == line || !is_replaced), "{after}");
    }
}

/// Where readers differ in where a value ends, something of it would stay behind the new one.
#[test]
fn a_value_without_a_certain_end_is_not_rewritten() {
    for text in [
        "MODE=`one\ntwo`\n",
        "MODE=\"one \\\"two\nthree\\\"\"\n",
        "MODE='it\\'s\ntwo'\n",
        "MODE=\"one\\\\\"\nA=\"2\"\n",
        "MODE='one\\'\nA='2'\n",
        // What a shell goes on with, and what nobody does.
        "MODE='one'\"two\n three\"\n",
        "MODE=$(cat <<EOF\none\nEOF\n)\n",
        "MODE=one\\\ntwo\n",
        "MODE=[\n \"one\",\n]\n",
    ] {
        let folder = folder();
        example("instacrud", folder.path());
        write(folder.path(), text);
        let ran = render(folder.path(), &[]);
        assert_eq!(ran.code, Some(1), "{text:?}: {}", ran.err);
        assert!(ran.err.contains("RND001") && ran.err.contains("nothing was rendered"), "{text:?}: {}", ran.err);
        assert_eq!(read(folder.path(), ".env"), text);
    }
}

/// Docker keeps them, and so does Node for a part of its life.
#[test]
fn blanks_behind_a_value_go_with_it() {
    let folder = folder();
    app(folder.path());
    for blanks in ["   ", "\t", " \t "] {
        write(folder.path(), &format!("SESSION_KEY={blanks}\r\nA=1\r\n"));
        assert_eq!(render(folder.path(), &["--generate-secrets"]).code, Some(0));
        let text = read(folder.path(), ".env");
        let (first, rest) = text.split_once("\r\n").expect("the line's end stays");
        assert!(first.len() == "SESSION_KEY=".len() + 64 && rest == "A=1\r\n", "{text:?}");
    }
}
