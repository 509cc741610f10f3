//! The steps of a route's rules, as the Gateway API has them.

use super::Refused;
use crate::manifest::Object;
use crate::yaml::Node;

/// How many headers a step takes (Gateway API 1.5, `maxItems`).
const HEADERS: usize = 16;

/// The longest value of a header (Gateway API 1.5, `maxLength`).
const VALUE: usize = 4096;

pub(super) fn refused(object: &Object) -> Vec<Refused> {
    let mut found = Vec::new();
    if object.group != "gateway.networking.k8s.io" || object.kind != "HTTPRoute" {
        return found;
    }
    let source = object.source;
    for rule in object.node.at(&["spec", "rules"]).map(Node::items).unwrap_or_default() {
        let filters = rule.get("filters").map(Node::items).unwrap_or_default();
        let mut known: Vec<&str> = Vec::new();
        for filter in filters {
            let Some((node, kind)) = filter.get("type").and_then(|node| Some((node, node.text()?))) else { continue };
            // Several steps of the implementation's own may follow each other, and copies go to several places.
            if known.contains(&kind) && !matches!(kind, "ExtensionRef" | "RequestMirror") {
                let message = format!("a rule of {} has the step `{kind}` twice", object.title());
                found.push(Refused::at((source, node.span), message, "put both into one"));
            }
            known.push(kind);
            let leads_on = rule.get("backendRefs").is_some_and(|backends| !backends.items().is_empty());
            if kind == "RequestRedirect" && leads_on {
                let message = format!("a rule of {} redirects and leads to a Service", object.title());
                found.push(Refused::at((source, node.span), message, "take `backendRefs` away"));
            }
            for modifier in ["requestHeaderModifier", "responseHeaderModifier"] {
                headers(object, filter.get(modifier), &mut found);
            }
        }
    }
    found
}

fn headers(object: &Object, modifier: Option<&Node>, found: &mut Vec<Refused>) {
    let source = object.source;
    for list in ["set", "add", "remove"].iter().filter_map(|key| modifier?.get(key)) {
        if list.items().len() > HEADERS {
            let message = format!("a step of {} names more than {HEADERS} headers", object.title());
            found.push(Refused::at(
                (source, list.span),
                message,
                "put the others into a step of the implementation's own",
            ));
        }
        for value in list.items().iter().filter_map(|header| header.get("value")) {
            let text = value.text().unwrap_or_default();
            let what = if text.chars().any(|c| c.is_control() && c != '\t') {
                "holds a control character"
            } else if text.len() > VALUE {
                "has more than 4096 characters"
            } else {
                continue;
            };
            let message = format!("the value of a header in {} {what}", object.title());
            found.push(Refused::at((source, value.span), message, "write one line, and a shorter one"));
        }
    }
}
