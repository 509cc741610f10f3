//! What runs pods, and the containers in them.

use super::{Given, GivenVariable, Object, Place};
use crate::command::{self, Command, Set};
use crate::yaml::Node;

/// An object that runs pods.
#[derive(Clone, Copy, Debug)]
pub struct Workload<'m> {
    /// The object.
    pub object: &'m Object,
    /// What it says of its pods: their metadata and their `spec`.
    template: &'m Node,
    /// The `spec` of its pods.
    pub pod: &'m Node,
}

/// What a container is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// It runs as long as the pod.
    Main,
    /// It runs before the others.
    Init,
    /// Somebody puts it into a running pod, to look around.
    Ephemeral,
}

/// What says how many processes a server starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// An option of the server.
    Option,
    /// This variable.
    Variable(&'static str),
}

/// A container.
#[derive(Clone, Copy, Debug)]
pub struct Container<'m> {
    /// Which of the check's sources it stands in.
    pub source: usize,
    /// All of it.
    pub node: &'m Node,
    /// What it is for.
    pub part: Part,
}

/// Whether a selector of Kubernetes chooses what has these labels: by each that it names, and by its expressions.
pub fn selects<'l>(selector: &Node, label: impl Fn(&str) -> Option<&'l str>) -> bool {
    let labels = selector
        .get("matchLabels")
        .is_none_or(|labels| labels.entries().iter().all(|entry| label(&entry.key) == entry.value.text()));
    let holds = |expression: &Node| {
        let own = expression.get("key").and_then(Node::text).and_then(&label);
        let values = expression.get("values").map(Node::items).unwrap_or_default();
        let is_one = own.is_some_and(|own| values.iter().any(|value| value.text() == Some(own)));
        match expression.get("operator").and_then(Node::text) {
            Some("In") => is_one,
            Some("NotIn") => !is_one,
            Some("Exists") => own.is_some(),
            Some("DoesNotExist") => own.is_none(),
            _ => false,
        }
    };
    labels && selector.get("matchExpressions").map(Node::items).unwrap_or_default().iter().all(holds)
}

impl<'m> Workload<'m> {
    /// An object as what runs pods, if it is that.
    pub fn of(object: &'m Object) -> Option<Self> {
        let way: &[&str] = match object.kind.as_str() {
            "Pod" => &[],
            "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "ReplicationController" | "Job" | "Rollout" => {
                &["spec", "template"]
            }
            "CronJob" => &["spec", "jobTemplate", "spec", "template"],
            "PodTemplate" => &["template"],
            // What others define runs pods, too, such as a Service of Knative or a DeploymentConfig of OpenShift.
            _ => {
                object.node.at(&["spec", "template", "spec", "containers"])?;
                &["spec", "template"]
            }
        };
        let template = object.node.at(way)?;
        Some(Self { object, template, pod: template.get("spec")? })
    }

    /// Whether it runs until somebody ends it, as what answers requests does.
    pub fn is_lasting(&self) -> bool {
        !matches!(self.object.kind.as_str(), "Job" | "CronJob")
    }

    /// Whether another object made it, and counts it, as a Deployment does with its `ReplicaSet`s and their pods.
    pub fn is_owned(&self) -> bool {
        self.object.node.at(&["metadata", "ownerReferences"]).is_some_and(|owners| !owners.items().is_empty())
    }

    /// A label of its pods.
    pub fn label(&self, name: &str) -> Option<&'m str> {
        self.template.at(&["metadata", "labels"])?.get(name)?.text()
    }

    /// Whether labels choose its pods; no labels choose none.
    pub fn is_chosen_by(&self, labels: &Node) -> bool {
        let entries = labels.entries();
        !entries.is_empty() && entries.iter().all(|entry| self.label(&entry.key) == entry.value.text())
    }

    /// Whether a selector chooses its pods: by labels, by expressions, or every pod, where it says neither.
    pub fn is_selected_by(&self, selector: &Node) -> bool {
        selects(selector, |label| self.label(label))
    }

    /// How many pods it says, and where.
    pub fn replicas(&self) -> Option<(u64, Place)> {
        let node = self.object.node.at(&["spec", "replicas"])?;
        Some((node.as_u64()?, (self.object.source, node.span)))
    }

    /// All containers of its pods.
    pub fn containers(&self) -> impl Iterator<Item = Container<'m>> + use<'m> {
        let (source, pod) = (self.object.source, self.pod);
        let parts =
            [("containers", Part::Main), ("initContainers", Part::Init), ("ephemeralContainers", Part::Ephemeral)];
        parts.into_iter().flat_map(move |(key, part)| {
            let nodes = pod.get(key).map(Node::items).unwrap_or_default();
            nodes.iter().map(move |node| Container { source, node, part })
        })
    }

    /// The container of the app: by its name, or the first one.
    pub fn app(&self, name: &str) -> Option<Container<'m>> {
        let main: Vec<Container<'m>> = self.containers().filter(|container| container.part == Part::Main).collect();
        main.iter().find(|container| container.name() == Some(name)).or(main.first()).copied()
    }
}

impl<'m> Container<'m> {
    /// Its name.
    pub fn name(&self) -> Option<&'m str> {
        self.node.get("name")?.text()
    }

    /// What people call it.
    pub fn title(&self) -> String {
        let kind = match self.part {
            Part::Main => "container",
            Part::Init => "init container",
            Part::Ephemeral => "ephemeral container",
        };
        self.name().map_or_else(|| format!("a {kind}"), |name| format!("the {kind} `{name}`"))
    }

    /// Its image, and where that stands.
    pub fn image(&self) -> Option<(&'m str, Place)> {
        let node = self.node.get("image")?;
        Some((node.text()?, (self.source, node.span)))
    }

    /// Where its name stands, for what is wrong with all of it.
    pub fn place(&self) -> Place {
        (self.source, self.node.get("name").map_or(self.node.span, |name| name.span))
    }

    /// The programs that it starts, as a shell takes their words apart, each word with the place of the text that it stands in.
    fn commands(&self) -> Vec<Command<Place>> {
        let arguments: Vec<(String, Place)> =
            self.texts().into_iter().map(|(text, place)| (text.to_owned(), place)).collect();
        command::commands(&arguments)
    }

    /// What a shell or `env` sets for the server that it starts: each name with its value, and the place of the text in which
    /// both stand. Nothing stands for a value that is filled in, or that is not written in one piece.
    pub fn sets(&self) -> Vec<(String, Option<&'m str>, Place)> {
        let commands = self.commands();
        let Some(server) = command::server(&commands) else { return Vec::new() };
        let texts = self.texts();
        let written = |set: &Set<Place>| {
            let (text, _) = texts.iter().find(|(_, place)| *place == set.place)?;
            // Of a name that is set twice, the last counts.
            let behind = text.rsplit_once(&format!("{}=", set.name))?.1.trim_start_matches(['"', '\'']);
            behind.get(..set.value.len()).filter(|value| *value == set.value && !value.contains(['$', '`']))
        };
        server.sets.iter().map(|set| (set.name.clone(), written(set), set.place)).collect()
    }

    /// The words that it is started with, each with the place of the text that it stands in. Kubernetes puts variables in the
    /// place of `$(NAME)`, and a shell does so with `$NAME`; what is not known stays as it is.
    pub fn words(&self, variables: &[GivenVariable<'m>]) -> Vec<(String, Place)> {
        filled(self.commands(), variables)
    }

    /// Those of the server among the programs that it starts.
    pub fn words_of_server(&self, variables: &[GivenVariable<'m>]) -> Vec<(String, Place)> {
        let commands = self.commands();
        filled(command::server(&commands).cloned(), variables)
    }

    /// The texts that it is started with, each as it is written: a word, or a script for a shell.
    pub fn texts(&self) -> Vec<(&'m str, Place)> {
        let lists = ["command", "args"].into_iter().filter_map(|key| self.node.get(key));
        lists.flat_map(Node::items).filter_map(|node| Some((node.text()?, (self.source, node.span)))).collect()
    }

    /// What one of these texts is called, by its number among them: `args[2]`.
    pub fn text_name(&self, at: usize) -> String {
        let before = self.node.get("command").map(Node::items).unwrap_or_default().len();
        match at.checked_sub(before) {
            Some(at) => format!("`args[{at}]`"),
            None => format!("`command[{at}]`"),
        }
    }

    /// The same of the programs that ask how it is, and of those that run when it starts and ends.
    pub fn texts_beside(&self) -> Vec<(&'m str, Place)> {
        let lists = self.hooks().into_iter().filter_map(|hook| hook.at(&["exec", "command"]));
        lists.flat_map(Node::items).filter_map(|node| Some((node.text()?, (self.source, node.span)))).collect()
    }

    /// The headers that questions to it are sent with: each name with its value, and where that stands.
    pub fn headers(&self) -> Vec<(&'m str, &'m str, Place)> {
        let lists = self.hooks().into_iter().filter_map(|hook| hook.at(&["httpGet", "httpHeaders"]));
        let header = |node: &'m Node| {
            let value = node.get("value")?;
            Some((node.get("name")?.text()?, value.text()?, (self.source, value.span)))
        };
        lists.flat_map(Node::items).filter_map(header).collect()
    }

    fn hooks(&self) -> Vec<&'m Node> {
        let ways: [&[&str]; 5] = [
            &["startupProbe"],
            &["readinessProbe"],
            &["livenessProbe"],
            &["lifecycle", "postStart"],
            &["lifecycle", "preStop"],
        ];
        ways.into_iter().filter_map(|way| self.node.at(way)).collect()
    }

    /// How many processes a server is started with: by its options, or by the variables that gunicorn, uvicorn and granian
    /// read.
    pub fn workers(&self, variables: &[GivenVariable<'m>]) -> Option<(By, u64, Place)> {
        let given = |name: &str| {
            let variable = variables.iter().find(|variable| variable.name == name)?;
            let (Given::Text(text) | Given::NoText(text)) = variable.given else { return None };
            Some((text, variable.place))
        };
        let by_variables =
            || command::workers_of_variables(given).map(|(name, count, place)| (By::Variable(name), count, place));
        let words = self.words(variables);
        let words: Vec<(&str, Place)> = words.iter().map(|(word, place)| (word.as_str(), *place)).collect();
        command::workers(&words).map(|(count, place)| (By::Option, count, place)).or_else(by_variables)
    }
}

/// The words of commands, with what is known of the variables in them.
fn filled(commands: impl IntoIterator<Item = Command<Place>>, variables: &[GivenVariable<'_>]) -> Vec<(String, Place)> {
    let known = |name: &str| {
        let variable = variables.iter().find(|variable| variable.name == name)?;
        match variable.given {
            Given::Text(text) | Given::NoText(text) => Some(text),
            Given::Secret | Given::Elsewhere => None,
        }
    };
    let filled = |word: &str| {
        let whole = [("$(", ")"), ("${", "}"), ("$", "")]
            .into_iter()
            .find_map(|(before, behind)| word.strip_prefix(before)?.strip_suffix(behind).and_then(known));
        // What is within a longer word is a part of a name or of a path, which is no number.
        whole.map_or_else(|| word.to_owned(), str::to_owned)
    };
    let words = commands.into_iter().flat_map(|command| command.words);
    words.map(|(word, place)| (filled(&word), place)).collect()
}
