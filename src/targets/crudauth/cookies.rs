//! The cookies: CRUDAuth has one set of flags for all of its own.
//!
//! It is told the flags even where a proxy sets them: it gives its cookies some in any case, and these are those that the
//! profile means, for whoever reaches the app by another way.

use super::super::{Error, at};
use super::context::Cookies;
use super::python::Notation;
use super::{Builder, EIGHT, refuse};
use crate::plan::Control;
use crate::profile::{Cookie, CookieName, CookiePurpose, SameSite};
use crate::source::{KeyPath, Provenance};
use crate::targets::escape::Comment;

/// A cookie that CRUDAuth sets.
#[derive(Clone, Copy)]
enum Role {
    Session,
    Csrf,
    Refresh,
}

impl Role {
    /// The name that it has by itself.
    const fn name(self) -> &'static str {
        match self {
            Self::Session => "session_id",
            Self::Csrf => "csrf_token",
            Self::Refresh => "refresh_token",
        }
    }

    /// Whether scripts are kept from it, which cannot be told.
    const fn http_only(self) -> bool {
        match self {
            Self::Session | Self::Refresh => true,
            Self::Csrf => false,
        }
    }
}

/// One of the profile's cookies.
type Named<'p> = (&'p CookieName, &'p Cookie);

impl Builder<'_> {
    pub(super) fn cookies(&self) -> Result<Cookies, Error> {
        let mut why = Vec::new();
        let [mut session, mut csrf, mut refresh]: [Option<Named<'_>>; 3] = [None; 3];
        for (name, cookie) in &self.plan.policy.cookies {
            let Some(role) = self.role(name, cookie) else { continue };
            let key = KeyPath::from("cookies").key(name.as_str());
            self.can_be_told(role, name, cookie)?;
            let slot = match role {
                Role::Session => &mut session,
                Role::Csrf => &mut csrf,
                Role::Refresh => &mut refresh,
            };
            if let Some((other, _)) = slot.replace((name, cookie)) {
                return refuse(key, format!("has the purpose of `cookies.{other}`, and CRUDAuth sets one such cookie"));
            }
            why.push(at(key.clone(), Comment::new(&format!("cookie {name} [{key}]")))?);
        }
        let mut cookies = Cookies { why, ..Cookies::default() };
        let mut set = [session, csrf, refresh].into_iter().flatten();
        // The session's flags are those of all.
        if let Some((name, cookie)) = set.next() {
            set.try_for_each(|other| self.agree((name, cookie), other))?;
            cookies.secure = self.written(name, "secure").then(|| Notation::from(cookie.secure));
            cookies.same_site = cookie.same_site.map(|value| value.to_string());
            cookies.path = cookie.path.as_ref().map(ToString::to_string);
        }
        cookies.flags = cookies.secure.is_some() || cookies.same_site.is_some() || cookies.path.is_some();
        cookies.session = session.map(|(name, _)| name.to_string());
        cookies.csrf = csrf.map(|(name, _)| name.to_string());
        Ok(cookies)
    }

    /// Which of CRUDAuth's cookies it is. None: some other part of the app sets it.
    fn role(&self, name: &CookieName, cookie: &Cookie) -> Option<Role> {
        match cookie.purpose {
            CookiePurpose::Session if name.as_str() == Role::Refresh.name() && self.has_tokens() => Some(Role::Refresh),
            CookiePurpose::Session => Some(Role::Session),
            CookiePurpose::Csrf => Some(Role::Csrf),
            CookiePurpose::OauthState | CookiePurpose::Preference => None,
        }
    }

    fn can_be_told(&self, role: Role, name: &CookieName, cookie: &Cookie) -> Result<(), Error> {
        let key = |key| KeyPath::from("cookies").key(name.as_str()).key(key);
        if name.as_str() != role.name() {
            self.since(EIGHT, KeyPath::from("cookies").key(name.as_str()))?;
        }
        if cookie.same_site == Some(SameSite::None) {
            return refuse(key("same_site"), "is \"none\", which CRUDAuth refuses for its session");
        }
        if cookie.domain.is_some() {
            return refuse(key("domain"), "is set, and CRUDAuth's cookies go to this host alone");
        }
        if cookie.max_age.is_some() {
            let reason = "is set, and CRUDAuth's cookies end with the browser: `sessions` ends what they stand for";
            return refuse(key("max_age"), reason);
        }
        if cookie.partitioned {
            return refuse(key("partitioned"), "is true, and CRUDAuth has no such cookies");
        }
        if self.owns(Control::Cookie(name)) && self.written(name, "http_only") && cookie.http_only != role.http_only() {
            return refuse(
                key("http_only"),
                format!("is {}, and with CRUDAuth it is always {}", cookie.http_only, role.http_only()),
            );
        }
        Ok(())
    }

    /// Refuses two cookies that ask for different flags, where nobody else sets those.
    fn agree(&self, (first, one): Named<'_>, (name, other): Named<'_>) -> Result<(), Error> {
        let secure = |name, cookie: &Cookie| cookie.secure || !self.written(name, "secure");
        let same_site = |cookie: &Cookie| cookie.same_site.unwrap_or(SameSite::Lax);
        let path = |cookie: &Cookie| cookie.path.as_ref().map_or("/".to_owned(), ToString::to_string);
        let owns = self.owns(Control::Cookie(name));
        let differs = [
            ("secure", owns && secure(first, one) != secure(name, other)),
            ("same_site", owns && same_site(one) != same_site(other)),
            ("path", path(one) != path(other)),
        ];
        match differs.into_iter().find(|(_, differs)| *differs) {
            Some((flag, _)) => refuse(
                KeyPath::from("cookies").key(name.as_str()).key(flag),
                format!("is not that of `cookies.{first}`, and CRUDAuth has one for all of its cookies"),
            ),
            None => Ok(()),
        }
    }

    /// Whether the profile says so itself: what it does not say is CRUDAuth's to decide.
    fn written(&self, name: &CookieName, flag: &str) -> bool {
        let key = KeyPath::from("cookies").key(name.as_str()).key(flag);
        self.plan.policy.place(&key).provenance != Provenance::Default
    }
}
