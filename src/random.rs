//! Random keys, from the system's own source: for whoever makes a secret.

use std::fmt::Write;

/// So many random bytes, as hexadecimal digits: the form that every reader of a `.env` file takes without quotes.
pub fn hex(bytes: usize) -> Result<String, String> {
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random).map_err(|error| format!("the system gives no random bytes: {error}"))?;
    Ok(random.iter().fold(String::with_capacity(2 * bytes), |mut digits, byte| {
        write!(digits, "{byte:02x}").expect("a string takes everything");
        digits
    }))
}
