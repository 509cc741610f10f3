//! Caddy's own reading of a Caddyfile, as its lexer does it.
//!
//! What is written has to be read back by something that is not made from the writer.

/// A token, and whether it was quoted. (Older versions of Caddy take a quoted brace for a block's.)
pub type Token = (String, bool);

/// Reads a whole text, line by line. Blocks have to be closed, and no more of them than were opened.
pub fn lines(text: &str) -> Result<Vec<Vec<Token>>, String> {
    if text.contains("{$") {
        return Err("a variable of the environment is put in before anything is read".to_owned());
    }
    let mut lines = Vec::new();
    let mut depth = 0usize;
    for line in text.lines() {
        let tokens = tokens(line)?;
        for (token, _) in &tokens {
            match token.as_str() {
                "{" => depth += 1,
                "}" => depth = depth.checked_sub(1).ok_or_else(|| format!("{line:?} closes what is not open"))?,
                _ => {}
            }
        }
        lines.push(tokens);
    }
    if depth == 0 { Ok(lines) } else { Err(format!("{depth} blocks stay open")) }
}

/// The tokens of a line. Behind `"`, `\"` is a quote and nothing else is an escape; between backticks all is as it is.
/// What begins otherwise ends at a blank.
pub fn tokens(line: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let mut token = String::new();
        match c {
            ' ' | '\t' | '\r' => {}
            '#' => break,
            '"' | '`' => loop {
                match chars.next().ok_or_else(|| format!("a quote stays open in {line:?}"))? {
                    end if end == c => {
                        tokens.push((token, true));
                        break;
                    }
                    '\\' if c == '"' && chars.peek() == Some(&'"') => token.extend(chars.next()),
                    other => token.push(other),
                }
            },
            first => {
                token.push(first);
                token.extend(std::iter::from_fn(|| chars.next_if(|c| !c.is_whitespace())));
                tokens.push((token, false));
            }
        }
    }
    Ok(tokens)
}

/// What Caddy makes of a JSON value when it looks for placeholders in it: a backslash takes a brace's meaning away.
/// Nothing, where there is a placeholder.
pub fn replaced(value: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if matches!(chars.peek(), Some('{' | '}')) => out.extend(chars.next()),
            '{' => return None,
            _ => out.push(c),
        }
    }
    Some(out)
}
