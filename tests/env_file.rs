//! `check --env-file`, as the program does it: who else can read the file, and that nobody reads it in what is printed.

mod support;

use std::fs;
use std::path::Path;

use support::{folder, run};

const PROFILE: &str = "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nmode = \"staging\"\n\
                       url = \"https://shop.example.com\"\n\
                       [secrets.secret_key]\nsource = \"env:SECRET_KEY\"\n\
                       [secrets.map_service]\nsource = \"env:MAP_SERVICE_KEY\"\npurpose = \"api\"\n\
                       [database]\nengine = \"postgresql\"\nurl = \"env:DATABASE_URL\"\n";

fn write(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).expect("a file can be written");
}

#[test]
fn values_are_judged_and_never_shown() {
    let folder = folder();
    write(folder.path(), "security.toml", PROFILE);
    let values = ["correcthorse", "changeme-tr0ub4dor", "postgresql://shop:t0psecr3t@db/shop"];
    let [signing, api, database] = values;
    let text = format!("SECRET_KEY={signing}\nMAP_SERVICE_KEY={api}\nDATABASE_URL={database}\n");
    write(folder.path(), ".env", &text);
    for format in ["human", "json"] {
        let ran = run(folder.path(), &["check", "--env-file", ".env", "--format", format]);
        assert_eq!(ran.code, Some(1), "{}", ran.out);
        assert!(ran.out.contains("SEC002") && ran.out.contains("SEC003"), "{}", ran.out);
        for part in ["horse", "tr0ub4dor", "t0psecr3t"] {
            assert!(!ran.out.contains(part) && !ran.err.contains(part), "{part} is shown:\n{}", ran.out);
        }
    }
}

#[test]
#[cfg(unix)]
fn a_file_that_others_can_read_or_git_would_commit_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let path = folder.path();
    write(path, "security.toml", &PROFILE.replace("staging", "dev"));
    write(path, ".env", "SECRET_KEY=Gq7Zr2Lw\nMAP_SERVICE_KEY=a8Vd\nDATABASE_URL=postgresql:///shop\n");
    fs::create_dir(path.join(".git")).expect("a folder can be made");
    let said = || run(path, &["check", "--env-file", ".env", "--only", "SEC008"]).out;
    let permit = |mode| fs::set_permissions(path.join(".env"), fs::Permissions::from_mode(mode)).expect("it is ours");

    permit(0o644);
    assert!(said().contains("others than its owner may read") && said().contains("git would commit"), "{}", said());
    write(path, ".gitignore", ".env\n");
    assert!(said().contains("others than its owner may read") && !said().contains("git would commit"), "{}", said());
    permit(0o600);
    assert!(said().contains("no findings"), "{}", said());
}
