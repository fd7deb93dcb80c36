//! The words and signs of an expression, each with its place.

use super::ExpressionError;

/// A word or sign.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Number(f64),
    Name(String),
    Sign(char),
    End,
}

/// A token, as written, and the characters before it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Placed {
    pub(super) token: Token,
    pub(super) written: String,
    pub(super) at: usize,
}

const SIGNS: &str = "+-*/^(),";

/// Comparisons as written, longest first, and the sign each becomes.
const COMPARISONS: [(&str, char); 6] =
    [("<=", '≤'), (">=", '≥'), ("==", '='), ("!=", '≠'), ("<", '<'), (">", '>')];

/// Full-width signs that are mistaken for the ones meant, in the order of those.
const FULL_WIDTH: [(char, &str); 9] = [
    ('（', "("),
    ('）', ")"),
    ('，', ","),
    ('×', "*"),
    ('÷', "/"),
    ('＜', "<"),
    ('＞', ">"),
    ('≤', "<="),
    ('≥', ">="),
];

/// The tokens of `text`, the end among them.
pub(super) fn tokens(text: &str) -> Result<Vec<Placed>, ExpressionError> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let first = chars[at];
        if first.is_whitespace() {
            at += 1;
            continue;
        }
        let comparison = COMPARISONS.iter().find(|(sign, _)| {
            chars[at..].iter().zip(sign.chars()).filter(|(a, b)| **a == *b).count() == sign.len()
        });
        let length = comparison.map_or_else(|| length_at(&chars[at..]), |(sign, _)| sign.len());
        let written: String = chars[at..at + length].iter().collect();
        let refused = |expected: &str| ExpressionError {
            text: text.to_owned(),
            at,
            found: format!("`{written}`"),
            expected: expected.to_owned(),
        };
        let token = if let Some((_, sign)) = comparison {
            Token::Sign(*sign)
        } else if SIGNS.contains(first) {
            Token::Sign(first)
        } else if first.is_ascii_digit() || first == '.' {
            let number = written.parse::<f64>().ok().filter(|number| number.is_finite());
            Token::Number(number.ok_or_else(|| refused("a number, as 20, 0.5 or 1e8"))?)
        } else if first.is_ascii_alphabetic() || first == '_' {
            Token::Name(written.clone())
        } else {
            let meant = FULL_WIDTH.iter().find(|(wide, _)| *wide == first);
            return Err(match meant {
                Some((_, narrow)) => refused(&format!("the half-width `{narrow}`")),
                None if first == '=' => refused("`==`, which compares"),
                None if matches!(first, '!' | '&' | '|') => refused("`!=`, `not`, `and` or `or`"),
                None => refused(
                    "a number, a column, an operator or one of + - * / ^ ( ) , < <= > >= == !=",
                ),
            });
        };
        tokens.push(Placed { token, written, at });
        at += length;
    }
    tokens.push(Placed { token: Token::End, written: String::new(), at: chars.len() });
    Ok(tokens)
}

/// Characters of the word, number or sign at the front.
fn length_at(chars: &[char]) -> usize {
    let first = chars[0];
    if first.is_ascii_digit() || first == '.' {
        let mut length = 1;
        while let Some(&c) = chars.get(length) {
            let is_exponent_sign = matches!(c, '+' | '-') && matches!(chars[length - 1], 'e' | 'E');
            if !(c.is_ascii_alphanumeric() || c == '.' || c == '_' || is_exponent_sign) {
                break;
            }
            length += 1;
        }
        return length;
    }
    let is_word = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
    chars.iter().take_while(|c| is_word(c)).count().max(1)
}
