//! Variables by which a server of data is started so that it asks nobody for a password.

/// A variable by which a server's image is told to ask for no password.
pub(super) struct Open {
    pub(super) name: &'static str,
    /// The values that say so; none: any.
    values: &'static [&'static str],
    /// What names end in by which the same image is given a password, so that it asks all the same.
    pub(super) unless: Option<&'static str>,
}

const fn open(name: &'static str, values: &'static [&'static str], unless: Option<&'static str>) -> Open {
    Open { name, values, unless }
}

pub(super) const OPEN: [Open; 5] = [
    open("POSTGRES_HOST_AUTH_METHOD", &["trust"], None),
    open("MYSQL_ALLOW_EMPTY_PASSWORD", &[], Some("ROOT_PASSWORD")),
    open("MARIADB_ALLOW_EMPTY_PASSWORD", &[], Some("ROOT_PASSWORD")),
    open("MARIADB_ALLOW_EMPTY_ROOT_PASSWORD", &[], Some("ROOT_PASSWORD")),
    open("ALLOW_EMPTY_PASSWORD", &["yes", "true", "1"], Some("PASSWORD")),
];

impl Open {
    /// Whether this value of the variable says so.
    pub(super) fn is(&self, value: &str) -> bool {
        !value.is_empty() && (self.values.is_empty() || self.values.iter().any(|open| value.eq_ignore_ascii_case(open)))
    }
}

/// Whether a server's password is given by a variable of this name, or by the file or the hash that one names.
pub(super) fn gives_a_password(name: &str, ending: &str) -> bool {
    let plain = name.strip_suffix("_FILE").unwrap_or(name);
    let plain = plain.strip_suffix("_HASH").unwrap_or(plain);
    plain.ends_with(ending) && !OPEN.iter().any(|open| open.name == name)
}
