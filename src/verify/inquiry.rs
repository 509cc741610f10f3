//! A site that is being asked: what was found out so far, and the answers that several probes look at.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use super::certificate::{Authorities, Judged, judge};
use super::client::{BROWSER, Body, Client, Question};
use super::site::Site;
use super::transport::Shown;
use super::wire::{Answer, Trouble};
use crate::plan::{self, Demand, Entry, Layer, Owner, Plan};
use crate::profile::Host;

/// After so many questions that were not answered in time, no more are asked.
const SILENCE: usize = 3;

/// What is asked of a run.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Also what changes something at the site: requests up to its limits, and large bodies.
    pub active: bool,
    /// Header lines for the site alone, such as those by which a staging site lets its own people in.
    pub headers: Vec<(String, String)>,
    /// Further paths to look at.
    pub paths: Vec<String>,
    /// Who may sign certificates; none: nobody is asked by https.
    pub authorities: Option<Authorities>,
    /// The moment, in seconds since 1970.
    pub now: i64,
}

/// An answer of the site that several probes look at.
#[derive(Debug)]
pub struct Shot {
    /// What was asked, as in `GET https://shop.example.com/`.
    pub what: String,
    /// Who makes it.
    pub by: By,
    /// The service that answers there, by its index, where it has headers of its own.
    pub service: Option<usize>,
    /// The answer.
    pub answer: Answer,
}

/// What another address of the site's name answers.
#[derive(Debug)]
pub struct Elsewhere {
    /// The address.
    pub address: IpAddr,
    /// What its certificate proves; nothing where it showed none of its own.
    pub judged: Option<Judged>,
    /// The status of the page, or why there is none.
    pub page: Result<u16, Trouble>,
    /// What plain HTTP is answered with for the page, where it is known on which port that is.
    pub plain: Option<Result<Answer, Trouble>>,
}

/// Who makes an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The app, or whatever stands behind the edge.
    App,
    /// The edge itself, where a control is its own.
    Edge,
}

/// A site that is being asked.
pub struct Inquiry<'a> {
    /// What is demanded.
    pub plan: &'a Plan<'a>,
    /// Where it is.
    pub site: Site,
    /// What is asked of the run.
    pub asked: &'a Asked,
    /// Who answers where.
    pub places: &'a plan::Site<'a>,
    /// A word that nobody knows.
    pub unknown: String,
    /// The answers so far.
    pub shots: Vec<Shot>,
    /// What became of the other hosts.
    pub aliases: BTreeMap<String, Result<Answer, Trouble>>,
    /// The answer to the site's own address.
    pub page: Answer,
    /// The answer to the site's own address by HEAD.
    pub head: Option<Answer>,
    /// The answer to a path that is not there.
    pub missing: Option<Answer>,
    /// What the other addresses of the site's name answer.
    pub elsewhere: Vec<Elsewhere>,
    /// A question that was refused with 429 a moment ago.
    pub limited: Option<Question>,
    client: Client,
    /// Whether a host has shown that it is the site.
    pub(super) trusted: BTreeMap<String, bool>,
    late: usize,
}

impl<'a> Inquiry<'a> {
    /// Asks for the site's own address: without an answer to that there is nothing to ask.
    pub fn begin(
        plan: &'a Plan<'a>,
        site: Site,
        asked: &'a Asked,
        client: Client,
        unknown: String,
    ) -> Result<Self, Trouble> {
        let mut inquiry = Self {
            plan,
            site,
            asked,
            places: &plan.site,
            unknown,
            shots: Vec::new(),
            aliases: BTreeMap::new(),
            page: Answer::default(),
            head: None,
            missing: None,
            elsewhere: Vec::new(),
            limited: None,
            client,
            trusted: BTreeMap::new(),
            late: 0,
        };
        let host = inquiry.site.host.clone();
        let mount = inquiry.site.mount.clone();
        inquiry.page = inquiry.visit(&host, &mount)?;
        let question = inquiry.get(&host, &mount);
        inquiry.keep(By::App, &question, inquiry.page.clone());
        // What HEAD is told is what GET would be told (RFC 9110 §9.3.2).
        inquiry.head = inquiry.look(By::App, &Question { method: "HEAD", ..question });
        // The addresses are those of the connection before.
        inquiry.look_elsewhere();
        inquiry.look_around();
        Ok(inquiry)
    }

    /// Asks for a page; what is for the site alone goes along once it is known that it is the site.
    fn visit(&mut self, host: &str, target: &str) -> Result<Answer, Trouble> {
        let answer = self.ask(&self.get(host, target))?;
        if self.site.https {
            let is_it = self.certificate(host).is_some_and(|judged| judged.flaws.is_empty());
            self.trusted.insert(host.to_owned(), is_it);
        } else {
            let is_here = self.client.from().is_some_and(|from| from.ip().is_loopback());
            self.trusted.insert(host.to_owned(), is_here);
        }
        if self.asked.headers.is_empty() { Ok(answer) } else { self.ask(&self.get(host, target)) }
    }

    /// What the certificate of a host proves; nothing where none was shown.
    pub fn certificate(&self, host: &str) -> Option<Judged> {
        let authorities = self.asked.authorities.as_ref()?;
        Some(judge(&self.client.shown(host)?, host, authorities, self.asked.now))
    }

    /// What a host shows at another of its addresses, judged in the same way.
    pub(super) fn judged(&self, shown: &Shown, host: &str) -> Option<Judged> {
        Some(judge(shown, host, self.asked.authorities.as_ref()?, self.asked.now))
    }

    /// Does something at one address of the site alone; what was shown there.
    pub(super) fn at<T>(&mut self, address: IpAddr, does: impl FnOnce(&mut Client) -> T) -> (T, Option<Shown>) {
        let host = self.site.host.clone();
        self.client.at(address, &host, does)
    }

    /// The other addresses that answered.
    pub fn answering(&self) -> Vec<IpAddr> {
        let answering = self.elsewhere.iter().filter(|one| one.page.is_ok());
        answering.map(|one| one.address).collect()
    }

    /// The other addresses of the site's name.
    pub(super) fn other_addresses(&self) -> Vec<IpAddr> {
        self.client.others(&self.site.host, self.site.port)
    }

    /// The address of the site that the last connection was made to.
    pub fn to(&self) -> Option<IpAddr> {
        self.client.to().map(|to| to.ip().to_canonical())
    }

    /// Gathers the answers that several probes look at.
    fn look_around(&mut self) {
        let (host, mount) = (self.site.host.clone(), self.site.mount.clone());
        for alias in self.site.aliases.clone() {
            let visited = self.visit(&alias, &mount);
            if let Ok(answer) = &visited {
                let by = if self.plan.policy.app.aliases_redirect { By::Edge } else { By::App };
                self.shoot(by, &self.get(&alias, &mount), answer.clone());
            }
            self.aliases.insert(alias, visited);
        }
        let nowhere = self.nowhere();
        self.missing = self.look(By::App, &self.get(&host, &nowhere));
        for path in self.asked.paths.clone() {
            let target = self.site.target(&path);
            self.look(By::App, &self.get(&host, &target));
        }
        let plan = self.plan;
        for entry in &plan.entries {
            let by = self.maker(entry);
            match &entry.demand {
                Demand::NoStore(paths) => {
                    for (index, path) in paths.list.iter().enumerate() {
                        let question = self.unstored(index, path);
                        if question.target != nowhere {
                            self.look(By::App, &question);
                        }
                    }
                }
                Demand::Cors(cors) => {
                    if let Some((_, question)) = self.preflight(cors) {
                        self.look_at_preflight(by, &question);
                    }
                }
                Demand::ApiDocs(paths) => {
                    if let Some(path) = paths.list.first() {
                        // Documentation may be shown to browsers alone.
                        let target = self.below(path);
                        self.look(by, &self.get(&host, &target).with("Accept", BROWSER));
                    }
                }
                Demand::BodySize(most) => {
                    let body = Body::Withheld(most.as_bytes() + 1);
                    let question = Question { method: "POST", body, ..self.get(&host, &nowhere) };
                    // What is refused is to be read across origins as well.
                    let question = self.asked_by_listed(question);
                    if let Ok(answer) = self.ask(&question)
                        && answer.status == 413
                    {
                        self.shoot(by, &question, answer);
                    }
                }
                Demand::Service(service) => {
                    if let Some(path) = service.paths.list.first() {
                        let target = self.below(path);
                        self.look(By::App, &self.get(&host, &target));
                    }
                }
                // A stream has no end: it is looked at where it is waited for.
                Demand::Location { asked, .. } if asked.stream != Some(true) => {
                    if let Some(path) = asked.paths.first() {
                        let target = self.below(path);
                        self.look(By::App, &self.get(&host, &target));
                    }
                }
                Demand::Tls(_)
                | Demand::PlainHttpRefused
                | Demand::Upstream(_)
                | Demand::Location { .. }
                | Demand::AliasesRedirect { .. }
                | Demand::Health(_)
                | Demand::Access(_)
                | Demand::HttpsRedirect
                | Demand::HostNames { .. }
                | Demand::ClientAddress { .. }
                | Demand::Hsts(_)
                | Demand::Header(_)
                | Demand::ServerVersion
                | Demand::Cookie(_)
                | Demand::RateLimit(_)
                | Demand::Lockout(_)
                | Demand::Passwords(_)
                | Demand::Sessions(_)
                | Demand::Tokens(_)
                | Demand::SetUp(_)
                | Demand::IpFilter(_)
                | Demand::SharedState(_) => {}
            }
        }
    }

    /// Asks a preflight that also asks for the visitor's own network (Private Network Access, WICG). Some frameworks refuse all of
    /// a preflight for that: then without it.
    fn look_at_preflight(&mut self, by: By, question: &Question) {
        let answer = self.ask(&question.clone().with("Access-Control-Request-Private-Network", "true"));
        match answer {
            Ok(answer) if (200..300).contains(&answer.status) => self.keep(by, question, answer),
            Ok(_) | Err(_) => drop(self.look(by, question)),
        }
    }

    /// Who makes the answers of a control.
    pub fn maker(&self, entry: &Entry<'_>) -> By {
        let edge = Owner::Layer(self.plan.edge_layer());
        if entry.owner == edge || entry.owner == Owner::Layer(Layer::Balancer) { By::Edge } else { By::App }
    }

    /// Asks.
    pub fn ask(&mut self, question: &Question) -> Result<Answer, Trouble> {
        self.patient(|client| client.ask(question))
    }

    /// The answer that was kept to the same question, or asks. Of what is kept, nothing was asked with headers of its own but
    /// preflights.
    pub fn ask_or_recall(&mut self, question: &Question) -> Result<Answer, Trouble> {
        let what = question.what();
        match self.shots.iter().find(|shot| shot.what == what) {
            Some(shot) => Ok(shot.answer.clone()),
            None => self.ask(question),
        }
    }

    /// Asks once, and takes a closed connection for the answer.
    pub fn ask_once(&mut self, question: &Question) -> Result<Answer, Trouble> {
        self.patient(|client| client.ask_once(question))
    }

    /// Has the client do something, as long as the site has not been silent too often.
    pub fn patient<T>(&mut self, does: impl FnOnce(&mut Client) -> Result<T, Trouble>) -> Result<T, Trouble> {
        if self.late >= SILENCE {
            return Err(Trouble::Spent("the site did not answer in time three times"));
        }
        let done = does(&mut self.client);
        self.late += usize::from(matches!(done, Err(Trouble::Late(_))));
        done
    }

    /// Asks, and keeps the answer for others to look at.
    fn look(&mut self, by: By, question: &Question) -> Option<Answer> {
        let answer = self.ask(question).ok()?;
        self.keep(by, question, answer.clone());
        Some(answer)
    }

    /// Keeps an answer, and asks once more where its policy holds a nonce: the next answer has to hold another one.
    fn keep(&mut self, by: By, question: &Question, answer: Answer) {
        let has_nonce = answer.headers.iter().any(|(_, value)| value.contains("'nonce-"));
        self.shoot(by, question, answer);
        if has_nonce && let Ok(again) = self.ask(question) {
            self.shoot(by, question, again);
        }
    }

    /// Keeps an answer for others to look at.
    pub fn shoot(&mut self, by: By, question: &Question, answer: Answer) {
        let service = self.service(&question.target);
        self.shots.push(Shot { what: question.what(), by, service, answer });
    }

    /// The service with headers of its own that answers for a path: the first place that fits is the path's.
    fn service(&self, target: &str) -> Option<usize> {
        let path = target.split('?').next().unwrap_or(target);
        let service = self.places.place(path)?.service?;
        self.places.services[service].headers.is_some().then_some(service)
    }

    /// The address that this client asks from.
    pub fn from(&self) -> Option<IpAddr> {
        self.client.from().map(|from| from.ip().to_canonical())
    }

    /// Waits, where the run has the time for it; whether it did.
    pub fn wait(&self, time: Duration) -> bool {
        self.client.wait(time)
    }

    /// How many connections were made.
    pub fn count(&self) -> usize {
        self.client.asked()
    }

    /// Whether the profile believes what this client says of where it comes from, as it believes the proxies before it.
    pub fn is_believed(&self) -> bool {
        let from = self.client.from().map(|from| from.ip());
        self.plan.policy.proxy.trusted.iter().any(|trusted| from.is_some_and(|from| trusted.net().contains(&from)))
    }

    /// Whether a host is an address.
    pub fn is_address(&self) -> bool {
        self.plan
            .policy
            .hosts()
            .iter()
            .any(|host| matches!(host, Host::Address(_)) && host.to_string() == self.site.host)
    }
}
