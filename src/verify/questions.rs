//! The questions to a site that is being asked, as visitors, pages of other origins and caches ask them.

use super::client::{Body, Question};
use super::inquiry::Inquiry;
use crate::plan::{Cors, Demand};
use crate::profile::{Method, UrlPath};

/// Of so many paths that no cache may keep, it is asked whether their answers are compressed.
const COMPRESSED: usize = 2;

impl Inquiry<'_> {
    /// The first listed origin, and a preflight from it; none where no origin is let in.
    pub fn preflight(&self, cors: &Cors<'_>) -> Option<(String, Question)> {
        let origin = match &cors.origins {
            Some(origins) => origins.first()?.to_string(),
            None => format!("https://{}.invalid", self.unknown),
        };
        let question = self.preflight_from(cors, &origin);
        Some((origin, question))
    }

    /// The same question out of a page of the first listed origin, where one is listed.
    pub fn asked_by_listed(&self, question: Question) -> Question {
        let listed = self.plan.entries.iter().find_map(|entry| {
            let Demand::Cors(cors) = &entry.demand else { return None };
            cors.origins.as_ref()?.first().map(ToString::to_string)
        });
        match listed {
            Some(origin) => question.with("Origin", &origin),
            None => question,
        }
    }

    /// A preflight from an origin, for what the profile lets through.
    pub fn preflight_from(&self, cors: &Cors<'_>, origin: &str) -> Question {
        let question = Question { method: "OPTIONS", ..self.get(&self.site.host, &self.site.mount) };
        let method = cors.methods.iter().map(Method::as_str).find(|method| *method != "*").unwrap_or("GET");
        let question = question.with("Origin", origin).with("Access-Control-Request-Method", method);
        let headers: Vec<String> =
            cors.headers.iter().map(|name| name.as_str().to_ascii_lowercase()).filter(|name| name != "*").collect();
        if headers.is_empty() { question } else { question.with("Access-Control-Request-Headers", &headers.join(",")) }
    }

    /// A path that is not there.
    pub fn nowhere(&self) -> String {
        self.site.target(&format!("/{}", self.unknown))
    }

    /// A path as visitors ask for it: of one that means all below it, something below; of a placeholder, any name.
    pub fn below(&self, path: &UrlPath) -> String {
        let mut text = String::new();
        for (index, segment) in path.as_str().split('/').skip(1).enumerate() {
            let is_last = index + 2 == path.as_str().split('/').count();
            text.push('/');
            text.push_str(match segment {
                "" if is_last => &self.unknown,
                "*" => "1",
                name => name,
            });
        }
        self.site.target(&text)
    }

    /// A question to a host of the site.
    pub fn get(&self, host: &str, target: &str) -> Question {
        let is_it = self.trusted.get(host).copied().unwrap_or(false);
        let is_usual = matches!((self.site.https, self.site.port), (true, 443) | (false, 80));
        Question {
            https: self.site.https,
            name: host.to_owned(),
            port: self.site.port,
            host: if is_usual { host.to_owned() } else { format!("{host}:{}", self.site.port) },
            method: "GET",
            target: target.to_owned(),
            headers: if is_it { self.asked.headers.clone() } else { Vec::new() },
            body: Body::None,
        }
    }

    /// The same by plain HTTP, where it is known on which port. What is for the site alone does not go along.
    pub fn plain(&self, host: &str, target: &str) -> Option<Question> {
        let port = self.site.plain?;
        let question = self.get(host, target);
        let host = if port == 80 { host.to_owned() } else { format!("{host}:{port}") };
        Some(Question { https: false, port, host, headers: Vec::new(), ..question })
    }

    /// The question for what no cache may keep: of the first paths, one that also shows whether an answer is compressed that
    /// repeats what the request says.
    pub fn unstored(&self, index: usize, path: &UrlPath) -> Question {
        let (host, target) = (&self.site.host, self.below(path));
        if index >= COMPRESSED || !self.site.https {
            return self.get(host, &target);
        }
        let marked = format!("{target}?{}=1", self.unknown);
        self.get(host, &marked).with("Accept-Encoding", "gzip, br, deflate, zstd")
    }
}
