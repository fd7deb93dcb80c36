//! From text to an expression, by recursive descent; errors point at the place.

use super::operator::{Arithmetic, Each, OPERATORS, Operator, OverTime};
use super::token::{Placed, Token, tokens};
use super::{COLUMNS, ExpressionError, Node};
use crate::factor::window::LookBack;

/// Brackets and signs inside each other.
const MAX_DEPTH: usize = 64;
/// Fewest days of a correlation.
const MIN_CORRELATION_DAYS: usize = 3;
/// Signs of a comparison, as tokens.
const COMPARISONS: &str = "<≤>≥=≠";
const WINDOW: &str = "a whole number of trading days";

/// Reads a whole expression with at least one column.
pub(super) fn parsed(text: &str) -> Result<Node, ExpressionError> {
    let mut parser = Parser { text, tokens: tokens(text)?, next: 0, depth: 0 };
    let root = parser.either()?;
    if parser.peek().token != Token::End {
        return Err(parser.refused("an operator, as + or *, or the end"));
    }
    let mut has_column = false;
    root.visit(&mut |node| has_column |= matches!(node, Node::Column(_)));
    if has_column {
        return Ok(root);
    }
    parser.next = 0;
    Err(parser.refused(&format!("an expression with a column: {}", columns())))
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Placed>,
    next: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> &Placed {
        // The last token is the end, and nothing takes it.
        &self.tokens[self.next]
    }

    fn take_sign(&mut self, signs: &str) -> Option<char> {
        match self.peek().token {
            Token::Sign(sign) if signs.contains(sign) => {
                self.next += 1;
                Some(sign)
            }
            _ => None,
        }
    }

    fn require_sign(&mut self, sign: char, expected: &str) -> Result<(), ExpressionError> {
        let mut buffer = [0; 4];
        match self.take_sign(sign.encode_utf8(&mut buffer)) {
            Some(_) => Ok(()),
            None => Err(self.refused(expected)),
        }
    }

    fn refused(&self, expected: &str) -> ExpressionError {
        self.refused_at(self.next, expected)
    }

    fn refused_at(&self, token: usize, expected: &str) -> ExpressionError {
        let Placed { token, written, at } = &self.tokens[token];
        let found = match token {
            Token::End => "the end".to_owned(),
            _ => format!("`{written}`"),
        };
        ExpressionError {
            text: self.text.to_owned(),
            at: *at,
            found,
            expected: expected.to_owned(),
        }
    }

    fn take_word(&mut self, word: &str) -> bool {
        let is_it = matches!(&self.peek().token, Token::Name(name) if name == word);
        self.next += usize::from(is_it);
        is_it
    }

    /// `or` binds least, then `and`, `not`, a comparison, and what is compared.
    fn either(&mut self) -> Result<Node, ExpressionError> {
        let mut left = self.all()?;
        while self.take_word("or") {
            left = both(Arithmetic::Or, left, self.all()?);
        }
        Ok(left)
    }

    fn all(&mut self) -> Result<Node, ExpressionError> {
        let mut left = self.denied()?;
        while self.take_word("and") {
            left = both(Arithmetic::And, left, self.denied()?);
        }
        Ok(left)
    }

    fn denied(&mut self) -> Result<Node, ExpressionError> {
        if !self.take_word("not") {
            return self.compared();
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.refused(&format!("at most {MAX_DEPTH} brackets inside each other")));
        }
        let inner = self.denied()?;
        self.depth -= 1;
        Ok(Node::Each(Each::Not, Box::new(inner)))
    }

    fn compared(&mut self) -> Result<Node, ExpressionError> {
        let left = self.sum()?;
        let Some(sign) = self.take_sign(COMPARISONS) else { return Ok(left) };
        let operator = match sign {
            '<' => Arithmetic::Less,
            '≤' => Arithmetic::AtMost,
            '>' => Arithmetic::Greater,
            '≥' => Arithmetic::AtLeast,
            '=' => Arithmetic::Equal,
            _ => Arithmetic::Unequal,
        };
        let compared = both(operator, left, self.sum()?);
        if matches!(self.peek().token, Token::Sign(sign) if COMPARISONS.contains(sign)) {
            return Err(self.refused("`and`: a comparison has two sides, as `1 < x and x < 2`"));
        }
        Ok(compared)
    }

    fn sum(&mut self) -> Result<Node, ExpressionError> {
        let mut left = self.product()?;
        while let Some(sign) = self.take_sign("+-") {
            let operator = if sign == '+' { Arithmetic::Add } else { Arithmetic::Subtract };
            left = both(operator, left, self.product()?);
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Node, ExpressionError> {
        let mut left = self.signed()?;
        while let Some(sign) = self.take_sign("*/") {
            let operator = if sign == '*' { Arithmetic::Multiply } else { Arithmetic::Divide };
            left = both(operator, left, self.signed()?);
        }
        Ok(left)
    }

    /// A sign binds less than a power: `-x ^ 2` is `-(x ^ 2)`, and `x ^ -1` is one over x.
    fn signed(&mut self) -> Result<Node, ExpressionError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.refused(&format!("at most {MAX_DEPTH} brackets inside each other")));
        }
        let node = match self.take_sign("+-") {
            Some('-') => match self.signed()? {
                Node::Number(number) => Node::Number(-number),
                inner => Node::Each(Each::Negative, Box::new(inner)),
            },
            Some(_) => self.signed()?,
            None => self.power()?,
        };
        self.depth -= 1;
        Ok(node)
    }

    fn power(&mut self) -> Result<Node, ExpressionError> {
        let base = self.one()?;
        match self.take_sign("^") {
            Some(_) => Ok(both(Arithmetic::Power, base, self.signed()?)),
            None => Ok(base),
        }
    }

    fn one(&mut self) -> Result<Node, ExpressionError> {
        let Placed { token, .. } = self.peek().clone();
        match token {
            Token::Number(number) => {
                self.next += 1;
                Ok(Node::Number(number))
            }
            Token::Sign('(') => {
                self.next += 1;
                let inner = self.either()?;
                self.require_sign(')', "`)` or an operator")?;
                Ok(inner)
            }
            Token::Name(name) => self.named(&name),
            _ => Err(self.refused("a number, a column, an operator or `(`")),
        }
    }

    fn named(&mut self, name: &str) -> Result<Node, ExpressionError> {
        let is_called =
            matches!(self.tokens.get(self.next + 1), Some(Placed { token: Token::Sign('('), .. }));
        let operator = OPERATORS.iter().find(|help| help.name == name);
        match (operator, is_called) {
            (Some(help), true) => {
                self.next += 2;
                let node = self.arguments(help.operator, help.usage)?;
                self.require_sign(')', &format!("`)`: it is written `{}`", help.usage))?;
                Ok(node)
            }
            (Some(help), false) => {
                Err(self.refused(&format!("the operator written whole, `{}`", help.usage)))
            }
            (None, true) => Err(self.refused(&format!("one of the operators {}", operators()))),
            (None, false) => match COLUMNS.iter().find(|column| column.0 == name) {
                Some(&(column, _)) => {
                    self.next += 1;
                    Ok(Node::Column(column))
                }
                None => Err(self.refused(&format!("one of the columns {}", columns()))),
            },
        }
    }

    fn arguments(&mut self, operator: Operator, usage: &str) -> Result<Node, ExpressionError> {
        Ok(match operator {
            Operator::Each(each) => Node::Each(each, Box::new(self.either()?)),
            Operator::Across(across) => Node::Across(across, Box::new(self.either()?)),
            Operator::Within(within) => Node::Within(within, Box::new(self.either()?)),
            Operator::Choice => {
                let condition = self.either()?;
                self.comma(usage)?;
                let chosen = self.either()?;
                self.comma(usage)?;
                Node::Choice(Box::new([condition, chosen, self.either()?]))
            }
            Operator::Arithmetic(arithmetic) => {
                let left = self.either()?;
                self.comma(usage)?;
                both(arithmetic, left, self.either()?)
            }
            Operator::OverTime(over) => {
                let inner = self.either()?;
                self.comma(usage)?;
                Node::OverTime(over, Box::new(inner), self.window(OverTime::min_days(over))?)
            }
            Operator::Correlation => {
                let left = self.either()?;
                self.comma(usage)?;
                let right = self.either()?;
                self.comma(usage)?;
                Node::Correlation(Box::new([left, right]), self.window(MIN_CORRELATION_DAYS)?)
            }
        })
    }

    fn comma(&mut self, usage: &str) -> Result<(), ExpressionError> {
        self.require_sign(',', &format!("`,`: it is written `{usage}`"))
    }

    fn window(&mut self, least: usize) -> Result<LookBack, ExpressionError> {
        let place = self.next;
        let expected = format!("{WINDOW} from {least} to {}", LookBack::MAX_DAYS);
        let days = match self.peek().token {
            Token::Number(number) if number.fract() == 0.0 && number >= least as f64 => {
                LookBack::new(number as usize).ok()
            }
            _ => None,
        };
        let days = days.ok_or_else(|| self.refused_at(place, &expected))?;
        self.next += 1;
        Ok(days)
    }
}

fn both(operator: Arithmetic, left: Node, right: Node) -> Node {
    Node::Arithmetic(operator, Box::new([left, right]))
}

fn columns() -> String {
    COLUMNS.map(|column| column.0).join(", ")
}

fn operators() -> String {
    OPERATORS.map(|help| help.name).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Node {
        // A column stands beside, since a number alone is no factor.
        match parsed(&format!("pb + ({text})")).unwrap() {
            Node::Arithmetic(Arithmetic::Add, sides) => sides[1].clone(),
            other => panic!("{other:?}"),
        }
    }

    fn value(node: &Node) -> f64 {
        match node {
            Node::Number(number) => *number,
            Node::Each(Each::Negative, inner) => -value(inner),
            Node::Arithmetic(operator, sides) => {
                let (a, b) = (value(&sides[0]), value(&sides[1]));
                match operator {
                    Arithmetic::Add => a + b,
                    Arithmetic::Subtract => a - b,
                    Arithmetic::Multiply => a * b,
                    Arithmetic::Divide => a / b,
                    Arithmetic::Power => a.powf(b),
                    Arithmetic::Less => f64::from(u8::from(a < b)),
                    Arithmetic::And => f64::from(u8::from(a != 0.0 && b != 0.0)),
                    Arithmetic::Or => f64::from(u8::from(a != 0.0 || b != 0.0)),
                    _ => f64::NAN,
                }
            }
            _ => f64::NAN,
        }
    }

    /// By hand: what the blackboard says.
    #[test]
    fn signs_bind_as_on_the_blackboard() {
        for (text, by_hand) in [
            ("2 + 3 * 4", 14.0),
            ("(2 + 3) * 4", 20.0),
            ("10 - 4 - 3", 3.0),
            ("16 / 4 / 2", 2.0),
            ("-3 ^ 2", -9.0),
            ("(-3) ^ 2", 9.0),
            ("2 ^ 3 ^ 2", 512.0),
            ("2 ^ -1", 0.5),
            ("2 * -3", -6.0),
            ("- - 3", 3.0),
            ("1e2 - .5", 99.5),
            ("1e-2*100", 1.0),
            ("1 < 2", 1.0),
            ("2 + 1 < 2", 0.0),
            ("1 or 0 and 0", 1.0),
            ("(1 or 0) and 0", 0.0),
            ("1 < 2 and 3 < 2 or 1 < 2", 1.0),
        ] {
            assert_eq!(value(&number(text)), by_hand, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_pointed_at() {
        let none = "";
        for (text, at, found, expected) in [
            ("rank(pb", 7, "the end", "`)`"),
            ("pb +", 4, "the end", "a number"),
            ("pbb", 0, "`pbb`", "pe_ttm"),
            ("rnk(pb)", 0, "`rnk`", "rolling_rank"),
            ("rank + pb", 0, "`rank`", "`rank(x)`"),
            ("rolling_std(return)", 18, "`)`", "`rolling_std(x, days)`"),
            ("rolling_std(return, 1)", 20, "`1`", "from 2 to 2500"),
            ("rolling_mean(return, 2.5)", 21, "`2.5`", "a whole number"),
            ("rolling_mean(return, pb)", 21, "`pb`", "a whole number"),
            ("delay(pb, -1)", 10, "`-`", "from 1 to 2500"),
            ("delay(pb, 0)", 10, "`0`", "from 1 to 2500"),
            ("pb pe_ttm", 3, "`pe_ttm`", "an operator"),
            ("pb)", 2, "`)`", "the end"),
            ("1 + 2", 0, "`1`", "with a column"),
            (none, 0, "the end", "a number"),
            ("rank（pb）", 4, "`（`", "half-width `(`"),
            ("pb ? 2", 3, "`?`", "one of + -"),
            ("1 < pb < 2", 7, "`<`", "`1 < x and x < 2`"),
            ("pb = 2", 3, "`=`", "`==`"),
            ("pb > 1 && pb < 2", 7, "`&`", "`and`"),
            ("pb ≥ 2", 3, "`≥`", "half-width `>=`"),
            ("if(pb > 1, 2)", 12, "`)`", "`if(condition, x, y)`"),
            ("pb and", 6, "the end", "a number"),
            ("group_rank(pb, 3)", 13, "`,`", "`group_rank(x)`"),
            ("1.2.3 * pb", 0, "`1.2.3`", "a number"),
            ("20d * pb", 0, "`20d`", "a number"),
        ] {
            let error = parsed(text).unwrap_err();
            assert_eq!((error.at, error.found.as_str()), (at, found), "{text}: {error}");
            assert!(error.expected.contains(expected), "{text}: {error}");
        }
        let deep = format!("{}pb{}", "(".repeat(100), ")".repeat(100));
        assert!(parsed(&deep).unwrap_err().expected.contains("at most 64"));
        assert!(parsed(&format!("{}pb", "-".repeat(100_000))).is_err());
        assert!(parsed(&format!("{}pb", "not ".repeat(100_000))).is_err());
        // The caret stands under the place, two columns for a full-width sign.
        let shown = parsed("pb × rank").unwrap_err().to_string();
        assert!(shown.ends_with("\n    pb × rank\n       ^"), "{shown}");
    }
}
