//! What objects are called, and how they are found: by names, labels, and selectors of labels.

use std::collections::BTreeMap;

use serde::Serialize;

/// Names by which objects are found: labels, or a selector of them.
pub type Labels = BTreeMap<&'static str, String>;

/// The label that tells the pods of one program from all others.
pub const NAME: &str = "app.kubernetes.io/name";

/// The label that is on everything of one profile.
const PART_OF: &str = "app.kubernetes.io/part-of";

/// What an object is called, and how it is found.
#[derive(Debug, Default, Serialize)]
pub struct Metadata {
    /// Its name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Its namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Its labels.
    pub labels: Labels,
    /// What tools and people read.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<&'static str, String>,
}

impl Metadata {
    /// Of an object of a program.
    pub fn new(name: &str, app: &str, program: &str, namespace: Option<&str>) -> Self {
        Self {
            name: name.to_owned(),
            namespace: namespace.map(str::to_owned),
            labels: labels(app, program),
            annotations: BTreeMap::new(),
        }
    }
}

/// The labels of all that belongs to a program of an app.
pub fn labels(app: &str, program: &str) -> Labels {
    let made_by = "app.kubernetes.io/managed-by";
    [(NAME, program), (PART_OF, app), (made_by, "seccfg")].map(|(key, value)| (key, value.to_owned())).into()
}

/// How the pods of a program are found.
pub fn pods_of(program: &str) -> Labels {
    [(NAME, program.to_owned())].into()
}

/// Labels that objects are chosen by.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Selector {
    /// All of these.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub match_labels: Labels,
    /// And these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub match_expressions: Vec<Expression>,
}

/// A label with one of several values.
#[derive(Clone, Debug, Serialize)]
pub struct Expression {
    key: &'static str,
    operator: &'static str,
    values: Vec<String>,
}

impl Selector {
    /// What has these labels.
    pub const fn of(match_labels: Labels) -> Self {
        Self { match_labels, match_expressions: Vec::new() }
    }

    /// The pods of some programs.
    pub fn pods_of(programs: Vec<String>) -> Self {
        let is_one = Expression { key: NAME, operator: "In", values: programs };
        Self { match_labels: Labels::new(), match_expressions: vec![is_one] }
    }
}
