//! Who answers which paths, for Caddy: each request is told its place early, because what else is done with it may depend
//! on that; at the end, the place's program or folder answers.

use super::handler::{Handler, Route};
use super::matcher::{Condition, Matcher};
use super::value::Value;
use super::{Builder, case_sensitive};
use crate::plan::{Answers, Place, Service};

/// The variable that holds a request's place, as its number from 1.
const PLACE: &str = "seccfg_place";

impl Builder<'_> {
    /// The places of the site, of which the first that fits a request counts.
    fn places(&self) -> &[Place] {
        &self.proxy.site.places
    }

    /// That a request is in one of the places that a test takes, of which there has to be one; nothing, where all are.
    pub fn within(&self, name: &str, test: impl Fn(&Place) -> bool) -> Option<Matcher> {
        let numbers = || (1_u64..).zip(self.places());
        if numbers().all(|(_, place)| test(place)) {
            return None;
        }
        let fitting = numbers().filter(|(_, place)| test(place)).map(|(number, _)| number.into()).collect();
        Some((Value::word("services", name), [Condition::Vars(PLACE, fitting)]).into())
    }

    /// Tells each request its place.
    pub fn placed(&self) -> Vec<Route> {
        let Some((last, others)) = self.places().split_last() else { return Vec::new() };
        if others.is_empty() && last.paths.is_empty() {
            return Vec::new();
        }
        let set = |number: u64| [Handler::vars(PLACE, Value::from(number))];
        let all = u64::try_from(self.places().len()).unwrap_or(u64::MAX);
        let why = "Whose a path is, and what a request there may take: of several that fit, the last counts\n\
                   [services.*.paths, app.paths, locations.*.paths]";
        let mut routes = vec![Route::always(why, set(all))];
        for (number, place) in (1..).zip(others).collect::<Vec<_>>().into_iter().rev() {
            let Some(paths) = case_sensitive(&place.paths) else { continue };
            let matcher = (Value::from("paths_").and(number), [Condition::PathRegexp(paths)]);
            routes.push(Route::when("", matcher, set(number)));
        }
        routes
    }

    /// The routes that end at who answers.
    pub fn answered(&self) -> Vec<Route> {
        let mut routes = Vec::new();
        for (number, place) in (1..).zip(self.places()) {
            let service = place.service.map(|service| &self.proxy.site.services[service]);
            let keys: Vec<String> = place.why.iter().map(ToString::to_string).collect();
            let note = format!("{} [{}]", title(service), keys.join(", "));
            let own = match service.map(|service| (service, &service.answers)) {
                Some((service, Answers::Program(way))) => vec![self.reverse_proxy(service, way, place)],
                Some((_, Answers::Files { key, root, fallback })) => {
                    let root = Value::given(key.clone().key("root"), root.as_str());
                    let fallback = fallback.map(|name| Value::given(key.clone().key("spa"), format!("/{name}")));
                    files(root, fallback.as_ref())
                }
                Some((_, Answers::Nothing)) | None => vec![Route::always("", [Handler::Error { status_code: 404 }])],
            };
            if self.places().len() == 1 {
                routes.extend(own);
            } else {
                let here = (Value::from("place_").and(number), [Condition::is(PLACE, number)]);
                // A block costs each of its requests a list of routes.
                let handlers = match <[Route; 1]>::try_from(own) {
                    Ok([one]) => one.handlers,
                    Err(routes) => vec![Handler::Route { routes }],
                };
                routes.push(Route::when(note, here, handlers));
            }
        }
        routes
    }

    /// The largest bodies, place by place.
    pub fn body_sizes(&self) -> Vec<Route> {
        let mut sizes: Vec<u64> = self.places().iter().map(|place| place.allows.max_body.as_bytes()).collect();
        sizes.sort_unstable();
        sizes.dedup();
        let mut routes = Vec::new();
        for max_size in sizes.into_iter().filter(|size| *size > 0) {
            let name = format!("of_{max_size}");
            let here = self.within(&name, |place| place.allows.max_body.as_bytes() == max_size);
            let told = Condition::HeaderRegexp("Content-Length", Value::made(larger_than(max_size)));
            let mut told: Matcher = ("too_large", [told]).into();
            if let Some(here) = &here {
                told.name = Value::from("too_large_").and(max_size);
                told.all.extend(here.all.iter().cloned());
            }
            let why =
                "The largest body: a request that says that its own is larger never reaches the app [app.max_body]";
            routes.push(Route::when(why, told, [Handler::Error { status_code: 413 }]));
            let cut = [Handler::RequestBody { max_size }];
            routes.push(Route { matcher: here, ..Route::always("", cut) });
        }
        routes
    }
}

/// The pattern of the numbers that are larger than one. A request without the header costs nothing, where an expression
/// would be worked out for each.
fn larger_than(most: u64) -> String {
    let digits = most.to_string();
    let mut larger = vec![format!(r"[1-9]{}\d*", r"\d".repeat(digits.len()))];
    for (at, digit) in digits.bytes().enumerate().filter(|(_, digit)| *digit < b'9') {
        let rest = r"\d".repeat(digits.len() - at - 1);
        larger.push(format!("{}[{}-9]{rest}", &digits[..at], char::from(digit + 1)));
    }
    format!("^0*(?:{})$", larger.join("|"))
}

/// Answers with the files of a folder.
fn files(root: Value, fallback: Option<&Value>) -> Vec<Route> {
    let path = "{http.request.uri.path}";
    let index = "{http.request.uri.path}/index.html";
    let kept = Condition::Not(Condition::PathRegexp("^/[.]well-known(?:/[^./][^/]*)*/?$".into()).into());
    let dotted = ("dotted", [Condition::PathRegexp("/[.]".into()), kept]);
    let other = Condition::Not(Condition::Method(vec!["GET".into(), "HEAD".into()]).into());
    let folder = || Condition::PathRegexp("/$".into());
    let file = |names: &[&'static str]| {
        Condition::File(names.iter().map(|name| Value::from(*name)).chain(fallback.cloned()).collect())
    };
    let found = || [Handler::Rewrite { uri: "{http.matchers.file.relative}".into() }];
    let why = "Nothing with a dot before its name is served, but for what RFC 8615 has there.";
    vec![
        Route::when(why, dotted, [Handler::Error { status_code: 404 }]),
        Route::refuse(405, "", "unread", other),
        Route::always("", [Handler::vars("root", root)]),
        Route::when("", ("folder", [folder(), file(&[index])]), found()),
        Route::when("", ("file", [Condition::Not(folder().into()), file(&[path, index])]), found()),
        // A file is no folder, which some versions of Caddy overlook.
        Route::refuse(404, "", "no_folder", folder()),
        Route::refuse(404, "", "no_file", Condition::Not(Condition::File(vec![path.into()]).into())),
        Route::always("", [Handler::FileServer { canonical_uris: Some(false) }]),
    ]
}

fn title(service: Option<&Service<'_>>) -> String {
    match service {
        None => "Nobody's paths".to_owned(),
        Some(Service { name: None, .. }) => "The app".to_owned(),
        Some(Service { name: Some(name), .. }) => format!("The service {name}"),
    }
}

#[cfg(test)]
mod tests {
    use cel::{Context, Program};

    use super::*;

    #[test]
    fn numbers_are_compared_by_their_digits() {
        for most in [1, 9, 10, 99, 1000, 1024, 10_485_760, 10_737_418_240] {
            let taken = Program::compile("number.matches(pattern)").expect("an expression");
            for number in [0, 1, most / 2, most - 1, most, most + 1, most * 2, most * 10, most * 10 + 9, u64::MAX] {
                for written in [number.to_string(), format!("00{number}")] {
                    let mut context = Context::default();
                    context.add_variable_from_value("pattern", larger_than(most));
                    context.add_variable_from_value("number", written.clone());
                    assert_eq!(taken.execute(&context), Ok((number > most).into()), "{written} against {most}");
                }
            }
        }
    }
}
