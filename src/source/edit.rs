use super::KeyPath;

/// A change of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The key gets this value, written as TOML.
    Set {
        /// Which key.
        key: KeyPath,
        /// The value, as TOML.
        value: String,
    },
    /// The key, or the element of a list, goes.
    Remove {
        /// Which key or element.
        key: KeyPath,
    },
    /// The list gets one element more, unless it has it.
    Add {
        /// Which list.
        key: KeyPath,
        /// The element, as TOML.
        value: String,
    },
}
