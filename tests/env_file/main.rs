//! `check --env-file` and `init --from`, as the program does them: what is known of a file of variables, what is judged in it,
//! and that nobody reads it in what is printed.
//!
//! Inputs that once were read wrongly, each with the tests of it and of other members of its kind:
//!
//! | kind | where it is tested |
//! |---|---|
//! | a key that is in use in another form (`KEY: live`, a former name, `…_FILE`, a bare name, a key that stands in for another) is superseded | `env_target::in_use`; `rotate::a_death_at_any_write_loses_no_key` |
//! | an example holds a live value, and shows it | `env_target::example::{a_live_value_in_an_example_is_an_error_and_shown_nowhere, what_everybody_gives_as_an_example_may_stay_and_is_masked}`; `canaries::nothing_prints_what_a_file_holds` |
//! | a key for encryption is zeros, a word or a sentence | [`judged::every_secret_of_the_file_is_judged_and_nothing_else`]; `tests/rules/SEC015/fail-encryption-*`; `rules::secrets::weak::tests` |
//! | a random key is called made up | `strength::tests::what_chance_makes_is_not_called_made_up`; `rules::secrets::weak::tests::what_generators_make_is_no_secrets_fault` |
//! | a placeholder or a published value passes | `rules::secrets::weak::tests` over `tests/fixtures/weak`; `tests/rules/{SEC003,SEC014}` |
//! | a secret that the profile does not refer to is not judged | [`judged::every_secret_of_the_file_is_judged_and_nothing_else`]; of another service [`compose::another_services_secret_under_a_name_of_the_apps_is_judged`] |
//! | `${NAME}` within a URL is taken for the password | [`readers::what_a_reader_replaces_is_judged_as_it_reads_it`]; in a Compose file [`compose::a_compose_file_gives_what_its_services_are_started_with`] |
//! | what an app needs is neither told nor named in its example | `env_target::example::what_the_app_needs_is_named_and_its_absence_told`; `tests/rules/SEC010/{fail-required,fail-not-referred-to}` |
//! | `init` takes from the starter what the pack knows better | [`packs::a_profile_is_begun_from_what_the_pack_says`]; `adopt`; `init::{what_the_file_says_of_a_carrier_takes_the_place_of_the_starters, how_mail_is_sent_is_for_its_owner_to_say}` |
//! | a variable of another program in the app's file is taken for a mistake | [`packs::variables_of_another_program_are_not_the_apps`] |
//! | of a value that is rewritten, the end remains | `env_target::in_use::a_value_without_a_certain_end_is_not_rewritten`; `env_target::round_trip` |
//! | blanks behind a value remain, untold | `env_target::in_use::blanks_behind_a_value_go_with_it`; [`readers::how_bad_a_line_is_follows_from_who_reads_it`] |
//! | a trap of one reader alone is silent | [`readers::how_bad_a_line_is_follows_from_who_reads_it`]; [`packs::a_list_of_origins_has_schemes`] |
//! | a line that only other readers misread is an error, and `init` drops its value | [`readers::how_bad_a_line_is_follows_from_who_reads_it`]; [`readers::a_value_that_only_others_misread_is_not_lost`] |
//! | what a shell sets before the server is not the service's | [`compose::what_a_command_sets_is_a_variable_of_the_service`]; `command::shell::tests` |
//! | of several Compose files, a later command takes an earlier entrypoint away | [`several::of_several_files_a_command_and_an_entrypoint_are_replaced_each_by_itself`] |
//! | a service that is only extended, or started on request, is taken for the app | [`several::the_app_is_what_a_plain_start_starts`] |
//! | the URL of a Redis has a password, and the Redis asks for none | [`stores::a_password_in_the_url_alone_keeps_nobody_out`] |
//! | a report is ready though nobody knows a value that must hold | [`compose::a_value_that_stands_nowhere_is_not_ready`] |
//! | a default within a default is read otherwise than its reader does | `env_target::table::each_reader_reads_what_is_said_of_it` |
//! | of several files with names of their own, the wrong one is judged, or none | [`own`]; `env_target::frameworks::{of_several_files_the_one_counts_that_next_js_takes, of_several_files_the_one_counts_that_pydantic_settings_takes}` |
//! | a pack cannot say what the app reads | [`packs::a_pack_says_what_the_app_reads`]; `packs::each_example_is_clean_in_every_mode_and_renders`; `apps::encoding::tests` |

#[path = "../support/mod.rs"]
mod support;

mod bad_input;
mod compose;
mod judged;
mod modes;
mod own;
mod packs;
mod places;
mod readers;
mod several;
mod stores;

use std::fs;
use std::path::Path;

use serde_json::Value;

use support::run;

const PROFILE: &str = "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nmode = \"staging\"\n\
                       url = \"https://shop.example.com\"\n\
                       [secrets.secret_key]\nsource = \"env:SECRET_KEY\"\n\
                       [secrets.map_service]\nsource = \"env:MAP_SERVICE_KEY\"\npurpose = \"api\"\n\
                       [database]\nengine = \"postgresql\"\nurl = \"env:DATABASE_URL\"\n";

fn write(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).expect("a file can be written");
}

/// A value that nobody could guess, another one for each letter: made up, and no secret of anybody's.
fn strong(letter: char) -> String {
    format!("9f8a41c2e07b5d36a1c4f7e80b2d6935c8a1f04e7b93d25608e1c4a7f3b60d9{letter}")
}

/// What a check tells of other files than the profile, as `error SEC015 .env:3`, but for who may read them.
fn told(folder: &Path, args: &[&str]) -> Vec<String> {
    let lines = messages(folder, args).into_iter();
    let lines = lines.filter(|line| !line.contains(" security.toml:"));
    lines.map(|line| line.split(": ").next().unwrap_or_default().to_owned()).collect()
}

/// Everything that a check tells, as `error SEC015 .env:3: what is wrong`, but for who may read a file.
fn messages(folder: &Path, args: &[&str]) -> Vec<String> {
    let ran = run(folder, &[&["check", "--format", "json"], args].concat());
    let report: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("it is JSON: {}{}", ran.out, ran.err));
    let findings = report["findings"].as_array().into_iter().flatten().filter(|one| one["code"] != "SEC008");
    let line = |one: &Value| {
        let text = |key: &str| one[key].as_str().unwrap_or_default();
        let line = &one["span"]["start"]["line"];
        format!("{} {} {}:{line}: {}", text("severity"), text("code"), text("file"), text("message"))
    };
    findings.map(line).collect()
}
