//! The floor that `seccfg check` is measured against: read a profile and parse it, with the same profile settings, and
//! nothing else. Built and run by `cargo bench`.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("which file?")?;
    let text = std::fs::read_to_string(path)?;
    let (table, errors) = toml::de::DeTable::parse_recoverable(&text);
    println!("{} keys, {} errors", table.get_ref().len(), errors.len());
    Ok(())
}
