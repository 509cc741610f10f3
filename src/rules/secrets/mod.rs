//! The app's secrets: what they are worth, the tokens that they sign, and where they are kept.

pub mod keeping;
pub(super) mod strength;
pub mod tokens;
pub(super) mod uses;
pub mod values;
