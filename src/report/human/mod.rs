//! For people: the text around each finding, drawn by miette.
//!
//! What repeats is drawn a few times and then counted, and keys of which none is written are drawn together: a report is
//! read from top to bottom, and its length is what it costs. JSON leaves nothing out.

mod drawn;
mod excerpt;
mod unwritten;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write};

use miette::{GraphicalReportHandler, GraphicalTheme};
use textwrap::WordSplitter;

use self::drawn::Drawn;
use self::excerpt::Texts;
use self::unwritten::{Unwritten, group};
use super::prose::on_one_line;
use super::{Counts, plural, wrap};
use crate::check::Checked;
use crate::finding::Finding;
use crate::rules;

/// How many findings of one rule are drawn that stand on one line.
const ON_A_LINE: usize = 3;
/// How many findings of one rule are drawn.
const OF_A_RULE: usize = 20;

/// How findings are drawn.
#[derive(Clone, Copy, Debug)]
pub struct Human {
    /// In colour.
    pub color: bool,
    /// With hyperlinks that the terminal opens.
    pub links: bool,
    /// Columns to keep within.
    pub width: usize,
    /// With the page of each rule below the first of its findings.
    pub explain: bool,
}

impl Human {
    /// Draws everything that was found, and a line that sums it up.
    pub fn render(&self, checked: &[Checked]) -> String {
        let mut out: String = checked.iter().map(|one| self.draw(one)).collect();
        write!(out, "{}", Sum::of(checked)).expect("a string takes everything");
        out
    }

    /// Draws what was found in one profile.
    pub fn draw(&self, checked: &Checked) -> String {
        let mut out = String::new();
        if checked.findings.is_empty() {
            return out;
        }
        let theme = if self.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(self.width)
            .with_links(self.links)
            .with_break_words(false)
            .with_word_separator(wrap::SEPARATOR)
            .with_word_splitter(WordSplitter::NoHyphenation);
        self.draw_with(&handler, checked, &mut out);
        out
    }

    fn draw_with(&self, handler: &GraphicalReportHandler, checked: &Checked, out: &mut String) {
        let texts = Texts::of(checked);
        let (findings, repeats) = few(&checked.findings, &texts);
        let mut told: BTreeSet<usize> = BTreeSet::new();
        let mut explained: BTreeSet<&str> = BTreeSet::new();
        for index in 0..findings.len() {
            if told.contains(&index) {
                continue;
            }
            let unwritten = group(&findings, index);
            let alone = unwritten.len() < 2;
            let drawn = if alone { vec![index] } else { unwritten.clone() };
            for index in &drawn {
                let drawn = Drawn::new(findings[*index], &texts, self.width, alone);
                handler.render_report(out, &drawn).expect("a string takes everything");
                out.push('\n');
            }
            if !alone {
                let keys: Vec<&Finding> = unwritten.iter().map(|index| findings[*index]).collect();
                let unwritten = Unwritten::new(checked, &keys, &texts, self.width);
                handler.render_report(out, &unwritten).expect("a string takes everything");
                out.push_str(&unwritten.to_paste());
                out.push('\n');
            }
            let codes = drawn.into_iter().map(|index| findings[index].code);
            for code in codes.filter(|code| self.explain && explained.insert(code)) {
                out.push_str(&self.page(code));
            }
            told.extend(unwritten);
        }
        for (code, Repeats { name, count, first, last }) in repeats {
            let lines = if first == last { format!("on line {first}") } else { format!("on lines {first} to {last}") };
            let told = format!("… and {count} more of {code} {name}, {lines}: `--format json` tells each");
            let told = wrap::lines(&told, self.width, "  ").join("\n");
            writeln!(out, "{told}\n").expect("a string takes everything");
        }
    }
}

impl Human {
    /// The page of a rule, set off from the findings around it.
    fn page(&self, code: &str) -> String {
        const INDENT: &str = "  │ ";
        let page = rules::by_code(code).map(rules::page).unwrap_or_default();
        let page = wrap::markdown(&page, self.width.saturating_sub(INDENT.chars().count()));
        let lines: Vec<String> = page.lines().map(|line| format!("{INDENT}{line}").trim_end().to_owned()).collect();
        lines.join("\n") + "\n\n"
    }
}

/// Findings of one rule that are counted, and not drawn.
struct Repeats {
    name: &'static str,
    count: usize,
    /// The lines on which they are.
    first: usize,
    last: usize,
}

/// The findings that are drawn, and how many more there are of each rule.
fn few<'f>(findings: &'f [Finding], texts: &Texts<'_>) -> (Vec<&'f Finding>, BTreeMap<&'static str, Repeats>) {
    let mut on_line: BTreeMap<(&str, usize, usize), usize> = BTreeMap::new();
    let mut of_rule: BTreeMap<&str, usize> = BTreeMap::new();
    let mut repeats: BTreeMap<&'static str, Repeats> = BTreeMap::new();
    let is_few = |finding: &&Finding| {
        let line = texts.position(&finding.place).line;
        let on_line = on_line.entry((finding.code, finding.place.source, line)).or_default();
        let of_rule = of_rule.entry(finding.code).or_default();
        // Several keys that are not written may lead to one header.
        if (*on_line < ON_A_LINE || finding.place.absent) && *of_rule < OF_A_RULE {
            (*on_line, *of_rule) = (*on_line + 1, *of_rule + 1);
            return true;
        }
        let new = Repeats { name: finding.name, count: 0, first: line, last: line };
        let repeats = repeats.entry(finding.code).or_insert(new);
        repeats.count += 1;
        (repeats.first, repeats.last) = (repeats.first.min(line), repeats.last.max(line));
        false
    };
    let few: Vec<&Finding> = findings.iter().filter(is_few).collect();
    (few, repeats)
}

/// What a run over profiles, or over files that git is about to commit, comes to.
#[derive(Debug, Default)]
pub struct Sum {
    /// How much was found.
    pub counts: Counts,
    /// In how many of them.
    pub files: usize,
    /// Whether some of them are no profiles.
    has_others: bool,
    /// What the last of them is called.
    name: String,
    /// In how many of them the rules were not asked.
    unjudged: usize,
    /// A line for each in which something was found.
    found: String,
    /// What those are called whose address still is the starter's.
    begun: Vec<String>,
}

impl Sum {
    /// Of several profiles.
    pub fn of(checked: &[Checked]) -> Self {
        let mut sum = Self::default();
        for one in checked {
            let name = one.sources.first().map(|source| on_one_line(&source.name()));
            let mut own = Self {
                counts: Counts::of(std::slice::from_ref(one)),
                files: 1,
                has_others: !one.is_profile,
                name: name.clone().unwrap_or_default(),
                unjudged: usize::from(!one.judged),
                found: String::new(),
                begun: name.filter(|_| one.is_begun).into_iter().collect(),
            };
            if !one.findings.is_empty() {
                own.found = format!("  {}\n", own.line());
            }
            sum.add(own);
        }
        sum
    }

    /// Of these and the next ones.
    pub fn add(&mut self, next: Self) {
        let Self { counts, files, has_others, name, unjudged, found, begun } = next;
        self.counts.add(counts);
        self.files += files;
        self.has_others |= has_others;
        self.name = name;
        self.unjudged += unjudged;
        self.found.push_str(&found);
        self.begun.extend(begun);
    }

    /// All of it in one line.
    fn line(&self) -> String {
        let kind = if self.has_others { "file" } else { "profile" };
        let what = if self.files == 1 { self.name.clone() } else { plural(self.files, kind) };
        let rest = if self.unjudged > 0 { "; the rules were not asked, mend this first" } else { "" };
        format!("{what}: {}{rest}", self.counts)
    }
}

/// A line for all of it; before that, where there are several profiles, one for each in which something was found. Behind it,
/// what keeps a report from saying "ready" though no rule is broken.
impl fmt::Display for Sum {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.files > 1 {
            out.write_str(&self.found)?;
        }
        writeln!(out, "{}", self.line())?;
        if self.begun.is_empty() {
            return Ok(());
        }
        let place = if self.files > 1 { format!(" in {}", self.begun.join(", ")) } else { String::new() };
        writeln!(out, "not ready to go live: `app.url` is still the starter's{place}, and has to be your own address")
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::check::{Modes, Options, check};
    use crate::finding::{Label, Severity};
    use crate::source::Source;

    const HUMAN: Human = Human { color: false, links: false, width: 80, explain: false };

    const APP: &str = "version = 1\n[app]\nname = \"shop\"\nkind = \"generic\"\nurl = \"https://shop.example.com\"\n";

    fn drawn(text: &str) -> String {
        HUMAN.render(&[check(Source::new("security.toml", text), &Options::default())])
    }

    #[test]
    fn what_repeats_on_one_line_is_counted_and_the_line_is_cut() {
        let origins: Vec<String> = (0..2_000).map(|number| format!("\"http://A{number}.example.com/x\"")).collect();
        let text = format!("{APP}mode = \"dev\"\n[cors]\norigins = [{}]\n", origins.join(", "));
        let began = Instant::now();
        let out = drawn(&text);
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
        assert!(out.contains("… and 1997 more of COR004 malformed-origin, on line 8:"), "{out}");
        assert!(out.contains("security.toml: 2000 errors"), "{out}");
        assert!(out.len() < 10_000 && out.lines().all(|line| line.chars().count() <= HUMAN.width), "{out}");
        // The third of them, with what stands around it.
        assert!(out.contains("\"http://A2.example.com/x\"") && out.contains("security.toml:8:66"), "{out}");
    }

    #[test]
    fn what_repeats_over_many_lines_is_counted_too() {
        let cookies: Vec<String> =
            (0..50).map(|number| format!("[cookies.c{number}]\nsame_site = \"lax\"\n")).collect();
        let out = drawn(&format!("{APP}mode = \"staging\"\n{}", cookies.concat()));
        assert_eq!(out.matches("COK001 insecure-cookie (staging)").count(), OF_A_RULE, "{out}");
        assert!(out.contains("… and 30 more of COK001 insecure-cookie, on lines "), "{out}");
    }

    #[test]
    fn a_long_line_is_cut_around_its_labels() {
        let long = "https://a.example.com ".repeat(400);
        let out = drawn(&format!(
            "{APP}mode = \"dev\"\n[headers]\ncontent_security_policy = \"default-src {long}\" # {long}\nno_store = [\"x\"]\n"
        ));
        assert!(out.contains("PRF003") || out.contains("HDR011"), "{out}");
        assert!(out.lines().all(|line| line.chars().count() <= HUMAN.width), "{out}");
        assert!(out.contains('…'), "{out}");
    }

    #[test]
    fn keys_of_which_none_is_written_are_drawn_once_with_what_to_paste() {
        let wide = Human { width: 120, ..HUMAN };
        let out = wide.render(&[check(Source::new("security.toml", APP), &Options::default())]);
        assert_eq!(out.matches("[security.toml:2:1]").count(), 1, "{out}");
        assert!(out.contains("`lockout.enabled` is not written: an account may take any number of guesses"), "{out}");
        let (_, rest) = out.split_once("help: paste this at the end").expect("there is something to paste");
        let (_, rest) = rest.split_once("\n\n").expect("it stands by itself");
        let (paste, _) = rest.split_once("\nsecurity.toml: ").expect("the sum comes last");
        let paste = paste.lines().map(str::trim_start).collect::<Vec<_>>().join("\n");
        let found = |text: String| check(Source::new("security.toml", text), &Options::default()).findings;
        let with_fixes: Vec<Finding> =
            found(APP.to_owned()).into_iter().filter(|finding| !finding.fixes.is_empty()).collect();
        let left = found(format!("{APP}\n{paste}"));
        assert!(with_fixes.len() > 5, "{with_fixes:#?}");
        for mended in with_fixes {
            assert!(left.iter().all(|finding| finding.code != mended.code), "{left:#?}\n{paste}");
        }
    }

    /// What stands in an overlay alone is asked for in that mode alone.
    #[test]
    fn what_to_paste_for_another_mode_stands_in_its_overlay() {
        let text = APP
            .replace("kind =", "mode = \"dev\"\nkind =")
            .replace("https://shop.example.com", "http://localhost:8000");
        let options = Options { modes: Modes::One(crate::profile::Mode::Prod), ..Options::default() };
        let out = HUMAN.render(&[check(Source::new("security.toml", text), &options)]);
        let (_, paste) = out.split_once("help: paste").expect("there is something to paste");
        assert!(paste.contains("\n        [modes.prod]\n") && paste.contains("lockout = { enabled = true"), "{out}");
    }

    #[test]
    fn no_mask_is_as_long_as_its_secret_and_common_words_are_shown() {
        let out = drawn(&format!(
            "{APP}mode = \"dev\"\n[secrets.key]\nsource = \"hunter2\"\n[cookies.s]\nsamesite = \"lax\"\n"
        ));
        assert!(!out.contains("hunter2") && out.contains("source = ********\n"), "{out}");
        assert!(out.contains("samesite = \"lax\""), "{out}");
    }

    /// A folder may have any name, and nothing of it is for a terminal to obey.
    #[test]
    fn the_name_of_a_file_is_shown_on_one_line_and_moves_nothing() {
        let named = |name: &str| check(Source::new(name, APP), &Options::default());
        let out = HUMAN.render(&[named("a\u{1b}[31m\nb/security.toml"), named("c\u{202e}\u{7}/security.toml")]);
        assert!(out.chars().all(|c| c == '\n' || !crate::source::is_obeyed(c)), "{out}");
        assert!(out.contains("╭─[a\u{fffd}[31m b/security.toml:"), "{out}");
        assert!(out.contains("\n  c\u{fffd}\u{fffd}/security.toml: "), "{out}");
    }

    /// A value in a file beside the profile is drawn with what the profile says of it.
    #[test]
    fn places_in_two_files_are_drawn_in_both() {
        let profile = Source::new("security.toml", "a = 1\nb = 2\nc = 3\n");
        let other = Source::new(".env", "A=1\nB=2\n");
        let label = |source, span: std::ops::Range<usize>, text: &str| Label { source, ..Label::of_text(span, text) };
        let finding = Finding {
            labels: vec![label(0, 10..11, "as it is here")],
            ..Finding::new("XYZ001", "two-files", Severity::Error, label(1, 6..7, "not the same"))
        };
        let checked = Checked { sources: vec![profile, other], ..Checked::unread(Source::new("", ""), vec![finding]) };
        let out = HUMAN.render(&[checked]);
        for line in ["╭─[.env:2:3]", " 2 │ B=2", "╰── not the same", " 2 │ b = 2", "╰── as it is here"]
        {
            assert!(out.contains(line), "{line}\n{out}");
        }
        assert!(out.contains("[security.toml:2:5]"), "{out}");
    }
}
