//! The floor that `seccfg check` is measured against: read profiles and parse them, with the same profile settings, and
//! nothing else. Built and run by `cargo bench`.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut keys, mut mistakes) = (0, 0);
    for path in std::env::args_os().skip(1) {
        let text = std::fs::read_to_string(path)?;
        let (table, errors) = toml::de::DeTable::parse_recoverable(&text);
        keys += table.get_ref().len();
        mistakes += errors.len();
    }
    println!("{keys} keys, {mistakes} errors");
    Ok(())
}
