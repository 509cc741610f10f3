//! The other addresses of a site's name: several machines answer to it, or one by IPv4 and IPv6, and each may have other files.
//!
//! At each of them the page is asked for, a path that is not there, and plain HTTP; probes ask for more. The answers are looked at
//! as those of the first address are, by the same probes, and named with their address: `GET https://shop.example.com/ at
//! 2001:db8::7`.

use std::net::IpAddr;

use super::client::Question;
use super::inquiry::{By, Elsewhere, Inquiry};
use super::wire::Answer;

impl Inquiry<'_> {
    /// Asks each of the other addresses.
    pub(super) fn look_elsewhere(&mut self) {
        for address in self.other_addresses() {
            let elsewhere = self.look_at(address);
            self.elsewhere.push(elsewhere);
        }
    }

    fn look_at(&mut self, address: IpAddr) -> Elsewhere {
        let (host, mount) = (self.site.host.clone(), self.site.mount.clone());
        let (own, nowhere) = (self.get(&host, &mount), self.get(&host, &self.nowhere()));
        // Whether it is the site is not known yet.
        let bare = |question: &Question| Question { headers: Vec::new(), ..question.clone() };
        let (page, shown) = self.at(address, |client| client.ask(&bare(&own)));
        let judged = shown.and_then(|shown| self.judged(&shown, &host));
        let is_it = judged.as_ref().is_none_or(|judged| judged.flaws.is_empty());
        let status = page.as_ref().map(|answer| answer.status).map_err(Clone::clone);
        let mut elsewhere = Elsewhere { address, judged, page: status, plain: None };
        // What does not answer here may answer elsewhere: IPv6 is not everywhere.
        let Ok(page) = page else { return elsewhere };
        let has_more = !own.headers.is_empty();
        let again = (has_more && is_it).then(|| self.at(address, |client| client.ask(&own)).0).and_then(Result::ok);
        let page = again.unwrap_or(page);
        elsewhere.page = Ok(page.status);
        self.shoot_at(address, &own, page);
        let nowhere = if is_it { nowhere } else { bare(&nowhere) };
        if let (Ok(missing), _) = self.at(address, |client| client.ask(&nowhere)) {
            self.shoot_at(address, &nowhere, missing);
        }
        if let Some(plain) = self.plain(&host, &mount) {
            elsewhere.plain = Some(self.at(address, |client| client.ask_once(&plain)).0);
        }
        elsewhere
    }

    fn shoot_at(&mut self, address: IpAddr, question: &Question, answer: Answer) {
        self.shoot(By::App, question, answer);
        if let Some(shot) = self.shots.last_mut() {
            shot.what = format!("{} at {address}", shot.what);
        }
    }
}
