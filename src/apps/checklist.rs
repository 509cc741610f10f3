//! Checklists: what a system's own pages ask of whoever takes it to production, line by line, and what answers them.
//!
//! They are facts in our words, held beside the packs, and read only when a report is made. What a line's verdict is
//! depends on a profile, and is the report's business.

use super::read;
use crate::profile::section::section;
use crate::profile::{Name, RuleCode};
use crate::source::Source;

section! {
    /// What a system's own pages ask for.
    pub struct OwnChecklist {
        /// What people call the system.
        title: String = required,
        /// Where it was read, and when.
        read_from: String = required,
        /// What is asked for, in the order of the pages.
        lines: Vec<Demand> = required,
    }
}

section! {
    /// One line of a checklist, and what answers it.
    pub struct Demand {
        /// What is asked for.
        says: String = required,
        /// The rules that judge it.
        rules: Vec<RuleCode> = default(Vec::<RuleCode>::new()),
        /// The kinds of output that, rendered, bring it about.
        targets: Vec<Name> = default(Vec::<Name>::new()),
        /// The commands that bring it about.
        commands: Vec<String> = default(Vec::<String>::new()),
        /// Commands that will, and are not there yet.
        later: Vec<String> = default(Vec::<String>::new()),
        /// What else there is to know.
        note: String = absent,
    }
}

impl Demand {
    /// What answers it beside rules, in sentences.
    pub fn means(&self) -> Vec<String> {
        let targets = self.targets.iter().map(|target| format!("`seccfg render --target {target}`"));
        let commands = self.commands.iter().map(|command| format!("`{command}`"));
        let later = self.later.iter().map(|command| format!("later: `{command}`"));
        targets.chain(commands).chain(later).chain(self.note.clone()).collect()
    }
}

impl OwnChecklist {
    /// Every system with a checklist, by the name of its pack. There is no pack for Django: its checks are the measure
    /// that many know, so the documentation answers them, too.
    pub const ALL: [&'static str; 4] = ["instacrud", "fastcms", "crudauth", "django"];

    /// The checklist of a system, where there is one.
    pub fn of(system: &str) -> Option<Self> {
        let text = match system {
            "instacrud" => include_str!("../../apps/checklists/instacrud.toml"),
            "fastcms" => include_str!("../../apps/checklists/fastcms.toml"),
            "crudauth" => include_str!("../../apps/checklists/crudauth.toml"),
            "django" => include_str!("../../apps/checklists/django.toml"),
            _ => return None,
        };
        let source = Source::new(format!("{system}.toml"), text);
        Some(read(&source, Self::read_table).expect("a test reads every checklist"))
    }
}
