//! What a client may set: `{ "envFiles": ["prod=.env.prod"], "allModes": true }`.

use std::path::PathBuf;

use serde_json::Value;

use crate::check::Modes;
use crate::profile::{Mode, Text};

/// The settings of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The `.env` files that profiles are judged with, as seen from the profile, each for a mode or for the profile's own.
    /// Nothing where the client does not say.
    pub env_files: Option<Vec<(Option<Mode>, PathBuf)>>,
    /// The modes that are told of.
    pub modes: Modes,
}

/// Every mode that the profile says something about: who writes an overlay wants to know what is wrong with it.
impl Default for Settings {
    fn default() -> Self {
        Self { env_files: None, modes: Modes::All }
    }
}

impl Settings {
    /// What a client says, and what of it is not understood, in words for its user. Clients put the settings of a server
    /// below its name, or hand them over as they are.
    pub fn read(said: &Value) -> (Self, Vec<String>) {
        let said = said.get("seccfg").unwrap_or(said);
        let (mut settings, mut wrong) = (Self::default(), Vec::new());
        for (name, value) in said.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
            match (name.as_str(), value) {
                ("allModes", Value::Bool(all)) => settings.modes = if *all { Modes::All } else { Modes::Own },
                ("allModes", _) => wrong.push("the setting `allModes` is `true` or `false`".to_owned()),
                ("envFiles", Value::Array(files)) => {
                    let files = files.iter().map(|file| env_file(file.as_str().unwrap_or_default()));
                    match files.collect() {
                        Ok(files) => settings.env_files = Some(files),
                        Err(why) => wrong.push(format!("the setting `envFiles`: {why}")),
                    }
                }
                ("envFiles", _) => wrong.push("the setting `envFiles` is a list of files".to_owned()),
                // What only concerns the client's own side, such as the path of the program.
                _ => {}
            }
        }
        (settings, wrong)
    }
}

/// A file, and the mode that it is for: `prod=.env.prod`, or `.env`.
fn env_file(text: &str) -> Result<(Option<Mode>, PathBuf), String> {
    match text.split_once('=') {
        _ if text.is_empty() => Err("write the name of a file, such as \"prod=.env.prod\"".to_owned()),
        None => Ok((None, text.into())),
        Some((word, file)) => {
            let mode = Mode::parse(word).map_err(|refusal| format!("{}; {}", refusal.message, refusal.help))?;
            Ok((Some(mode), file.into()))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn settings_are_read_and_what_is_wrong_is_told() {
        let (settings, wrong) =
            Settings::read(&json!({ "seccfg": { "envFiles": ["prod=.env.prod", "x.env"], "allModes": false } }));
        let files = vec![(Some(Mode::Prod), ".env.prod".into()), (None, "x.env".into())];
        assert_eq!((settings, wrong), (Settings { env_files: Some(files), modes: Modes::Own }, Vec::new()));
        let (settings, wrong) = Settings::read(&json!({ "envFiles": ["prodd=.env"], "allModes": 1, "path": "x" }));
        assert_eq!(settings, Settings::default());
        assert!(wrong.len() == 2 && wrong.iter().any(|one| one.contains("did you mean \"prod\"?")), "{wrong:?}");
        assert_eq!(Settings::read(&Value::Null), (Settings::default(), Vec::new()));
    }
}
