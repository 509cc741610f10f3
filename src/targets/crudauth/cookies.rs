//! The cookies: CRUDAuth has one set of flags for all of its own.
//!
//! It is told the flags even where a proxy sets them: it gives its cookies some in any case, and these are those that the
//! profile means, for whoever reaches the app by another way.

use super::super::refused::{Refused, at};
use super::context::Cookies;
use super::python::Notation;
use super::{Builder, EIGHT, is_the_apps, refuse};
use crate::plan::{Control, CookieFlags, Owner};
use crate::profile::{Cookie, CookiePurpose, SameSite};
use crate::source::KeyPath;
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

/// One of the profile's cookies: its flags, what else is asked of it, and who sets them.
#[derive(Clone, Copy)]
struct Asked<'p> {
    flags: &'p CookieFlags<'p>,
    cookie: &'p Cookie,
    owner: Owner,
}

impl Asked<'_> {
    fn key(&self, key: &str) -> KeyPath {
        Control::Cookie(self.flags.name).key().key(key)
    }
}

impl Builder<'_> {
    pub(super) fn cookies(&self) -> Result<Cookies, Refused> {
        let mut why = Vec::new();
        let [mut session, mut csrf, mut refresh]: [Option<Asked<'_>>; 3] = [None; 3];
        for (flags, owner) in &self.share.cookies {
            let Some(cookie) = self.plan.policy.cookies.get(flags.name) else { continue };
            let asked = Asked { flags, cookie, owner: *owner };
            let Some(role) = self.role(asked) else { continue };
            self.can_be_told(role, asked)?;
            let control = Control::Cookie(flags.name);
            let slot = match role {
                Role::Session => &mut session,
                Role::Csrf => &mut csrf,
                Role::Refresh => &mut refresh,
            };
            if let Some(other) = slot.replace(asked) {
                let other = other.flags.name;
                let reason = format!("has the purpose of `cookies.{other}`, and CRUDAuth sets one such cookie");
                return refuse(control.key(), reason);
            }
            why.push(at(control.key(), Comment::new(&control.why()))?);
        }
        let mut cookies = Cookies { why, ..Cookies::default() };
        let mut set = [session, csrf, refresh].into_iter().flatten();
        // The session's flags are those of all.
        if let Some(first) = set.next() {
            set.try_for_each(|other| agree(first, other))?;
            cookies.secure = first.flags.secure.map(Notation::from);
            cookies.same_site = first.flags.same_site.map(|value| value.to_string());
            cookies.path = first.cookie.path.as_ref().map(ToString::to_string);
        }
        cookies.flags = cookies.secure.is_some() || cookies.same_site.is_some() || cookies.path.is_some();
        cookies.session = session.map(|asked| asked.flags.name.to_string());
        cookies.csrf = csrf.map(|asked| asked.flags.name.to_string());
        Ok(cookies)
    }

    /// Which of CRUDAuth's cookies it is. None: some other part of the app sets it.
    fn role(&self, asked: Asked<'_>) -> Option<Role> {
        let is_refresh = || asked.flags.name.as_str() == Role::Refresh.name() && self.tokens().is_some();
        match asked.cookie.purpose {
            CookiePurpose::Session if is_refresh() => Some(Role::Refresh),
            CookiePurpose::Session => Some(Role::Session),
            CookiePurpose::Csrf => Some(Role::Csrf),
            CookiePurpose::OauthState | CookiePurpose::Preference => None,
        }
    }

    fn can_be_told(&self, role: Role, asked: Asked<'_>) -> Result<(), Refused> {
        let Asked { flags, cookie, owner } = asked;
        let key = |key| asked.key(key);
        if flags.name.as_str() != role.name() {
            self.since(EIGHT, Control::Cookie(flags.name).key())?;
        }
        if flags.same_site == Some(SameSite::None) {
            return refuse(key("same_site"), "is \"none\", which CRUDAuth refuses for its session");
        }
        if cookie.domain.is_some() {
            return refuse(key("domain"), "is set, and CRUDAuth's cookies go to this host alone");
        }
        if cookie.max_age.is_some() {
            let reason = "is set, and CRUDAuth's cookies end with the browser: `sessions` ends what they stand for";
            return refuse(key("max_age"), reason);
        }
        if flags.partitioned {
            return refuse(key("partitioned"), "is true, and CRUDAuth has no such cookies");
        }
        match flags.http_only {
            Some(http_only) if http_only != role.http_only() && is_the_apps(owner) => {
                let reason = format!("is {http_only}, and with CRUDAuth it is always {}", role.http_only());
                let refused = Refused::new(key("http_only"), reason);
                // A session that scripts can read.
                Err(if http_only { refused } else { refused.told_by("COK002") })
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// Refuses two cookies that ask for different flags, where nobody else sets those.
fn agree(first: Asked<'_>, other: Asked<'_>) -> Result<(), Refused> {
    let secure = |asked: Asked<'_>| asked.flags.secure.unwrap_or(true);
    let same_site = |asked: Asked<'_>| asked.flags.same_site.unwrap_or(SameSite::Lax);
    let path = |asked: Asked<'_>| asked.cookie.path.as_ref().map_or("/".to_owned(), ToString::to_string);
    let is_ours = is_the_apps(other.owner);
    let differs = [
        ("secure", is_ours && secure(first) != secure(other)),
        ("same_site", is_ours && same_site(first) != same_site(other)),
        ("path", path(first) != path(other)),
    ];
    match differs.into_iter().find(|(_, differs)| *differs) {
        Some((flag, _)) => refuse(
            other.key(flag),
            format!("is not that of `cookies.{}`, and CRUDAuth has one for all of its cookies", first.flags.name),
        ),
        None => Ok(()),
    }
}
