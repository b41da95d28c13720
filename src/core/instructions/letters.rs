//! Letters that a bank takes. What it does not take is replaced by what sounds alike, and people are shown what became of it.

use deunicode::deunicode_char;

/// Which letters pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Letters {
    /// The letters that every bank takes: `a-z A-Z 0-9 / - ? : ( ) . , ' +` and the blank.
    Latin,
    /// The same and Chinese.
    Chinese,
}

/// A text as it goes to the bank, and whether that is another than people wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// As it goes.
    pub text: String,
    /// Whether anything was replaced, left out or cut.
    pub changed: bool,
}

impl Written {
    /// No spreadsheet takes it for a formula: what begins like one gets a stroke before it.
    pub(super) fn harmless(self) -> Self {
        let formula = |sign: char| matches!(sign, '=' | '+' | '-' | '@' | '\t' | '\r' | '＝' | '＋' | '－' | '＠');
        if self.text.starts_with(formula) {
            return Self { text: format!("'{}", self.text), changed: true };
        }
        self
    }
}

impl Letters {
    /// The text in these letters, at most so many.
    pub fn written(self, text: &str, most: usize) -> Written {
        let mut signs = String::new();
        for sign in text.chars() {
            if self.takes(sign) {
                signs.push(sign);
            } else if sign.is_whitespace() {
                signs.push(' ');
            } else {
                let alike = deunicode_char(sign).unwrap_or_default();
                signs.extend(alike.chars().map(|sign| if latin(sign) { sign } else { ' ' }));
            }
        }
        let one_line = signs.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut kept: String = one_line.chars().take(most).collect();
        // Two strokes, or one at an end, are marks of the bank's own.
        while kept.contains("//") {
            kept = kept.replace("//", "/");
        }
        let kept = kept.trim_matches(['/', ' ']).to_owned();
        Written { changed: kept != text, text: kept }
    }

    fn takes(self, sign: char) -> bool {
        latin(sign) || (self == Self::Chinese && chinese(sign))
    }
}

fn latin(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || "/-?:().,'+ ".contains(sign)
}

/// Han, and the marks that stand between it: all of it is in GB18030.
fn chinese(sign: char) -> bool {
    matches!(sign,
        '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{20000}'..='\u{2fa1f}'
        | '\u{3001}'..='\u{3011}' | '\u{ff01}'..='\u{ff5e}' | '·' | '—' | '“' | '”' | '‘' | '’')
}
