//! Text to tokens, each with its place.

use super::{
    bounds::{MAX_NAME, MAX_TEXT},
    error::{Errors, Position, RuleErrorCode},
};

/// The smallest part of a text that means something.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'a> {
    /// Nothing follows.
    End,
    /// `@name`, without the sign.
    List(&'a str),
    /// Digits, perhaps a point and digits, perhaps letters right behind.
    Number { digits: &'a str, suffix: &'a str },
    /// What has a meaning of its own: `(`, `<=`.
    Symbol(&'static str),
    /// What is between quotes, without escapes.
    Text(String),
    /// A keyword or a name, with its points.
    Word(&'a str),
}

pub(super) struct Lexed<'a> {
    /// The last one is [`Token::End`].
    pub(super) tokens: Vec<(Position, Token<'a>)>,
    /// Comments without their sign, with the number of tokens before each.
    pub(super) comments: Vec<(usize, String)>,
}

/// Longest first.
const SYMBOLS: [&str; 15] = [
    "==", "!=", "<=", ">=", "<", ">", "(", ")", "[", "]", ",", "=", "+", "-", "*",
];

pub(super) fn lex<'a>(text: &'a str, errors: &mut Errors) -> Lexed<'a> {
    let mut lexer = Lexer {
        rest: text,
        at: Position { line: 1, column: 1 },
        errors,
    };
    let mut found = Lexed {
        tokens: Vec::new(),
        comments: Vec::new(),
    };
    while let Some(first) = lexer.rest.chars().next() {
        if lexer.errors.is_full() {
            break;
        }
        let at = lexer.at;
        match first {
            ' ' | '\t' | '\r' | '\n' => _ = lexer.take(first.len_utf8()),
            '#' => {
                let comment = lexer.comment();
                found.comments.push((found.tokens.len(), comment));
            }
            _ => found
                .tokens
                .extend(lexer.token(first).map(|token| (at, token))),
        }
    }
    found.tokens.push((lexer.at, Token::End));
    found
}

struct Lexer<'a, 'e> {
    rest: &'a str,
    at: Position,
    errors: &'e mut Errors,
}

impl<'a> Lexer<'a, '_> {
    /// Takes that many bytes.
    fn take(&mut self, len: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(len);
        for character in taken.chars() {
            match character {
                '\n' => {
                    self.at.line += 1;
                    self.at.column = 1;
                }
                _ => self.at.column += 1,
            }
        }
        self.rest = rest;
        taken
    }

    fn take_while(&mut self, is_part: impl Fn(char) -> bool) -> &'a str {
        let len = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        self.take(len)
    }

    fn comment(&mut self) -> String {
        let at = self.at;
        let line = self.take_while(|c| c != '\n');
        self.refuse_hidden(at, line);
        line.trim_start_matches('#').trim().to_owned()
    }

    fn token(&mut self, first: char) -> Option<Token<'a>> {
        let at = self.at;
        match first {
            '"' => return self.text(),
            '@' => {
                self.take(1);
                let name = self.take_while(is_word_part);
                if !is_name(name) {
                    let message = "a list's name has small letters, digits and _ after the @";
                    self.errors.add(at, RuleErrorCode::NameInvalid, message);
                }
                return Some(Token::List(name));
            }
            'a'..='z' | 'A'..='Z' | '_' => {
                return Some(Token::Word(
                    self.take_while(|c| is_word_part(c) || c == '.'),
                ));
            }
            '0'..='9' => {
                let digits = self.take_while(|c| c.is_ascii_digit() || c == '.');
                let suffix = self.take_while(is_word_part);
                return Some(Token::Number { digits, suffix });
            }
            _ => {}
        }
        if let Some(symbol) = SYMBOLS
            .into_iter()
            .find(|symbol| self.rest.starts_with(symbol))
        {
            self.take(symbol.len());
            return Some(Token::Symbol(symbol));
        }
        let message = format!("{} has no place here", name_of(first));
        self.errors
            .add(at, RuleErrorCode::CharacterRefused, message);
        self.take(first.len_utf8());
        None
    }

    fn text(&mut self) -> Option<Token<'a>> {
        let start = self.at;
        self.take(1);
        let mut text = String::new();
        loop {
            let at = self.at;
            let plain = self.take_while(|c| !matches!(c, '"' | '\\' | '\n'));
            self.refuse_hidden(at, plain);
            text.push_str(plain);
            let rest = self.rest.as_bytes();
            match (rest.first(), rest.get(1)) {
                (Some(b'"'), _) => {
                    self.take(1);
                    break;
                }
                (Some(b'\\'), Some(escaped @ (b'"' | b'\\'))) => {
                    text.push(char::from(*escaped));
                    self.take(2);
                }
                (Some(b'\\'), _) => {
                    let message = "only \\\" and \\\\ are escapes";
                    self.errors
                        .add(self.at, RuleErrorCode::TextInvalid, message);
                    self.take(1);
                }
                _ => {
                    let message = "the text does not end in this line";
                    self.errors.add(start, RuleErrorCode::TextInvalid, message);
                    return None;
                }
            }
        }
        if text.len() > MAX_TEXT {
            let message = format!("a text has at most {MAX_TEXT} bytes");
            self.errors
                .add(start, RuleErrorCode::BoundExceeded, message);
            text.clear();
        }
        Some(Token::Text(text))
    }

    /// Characters that a reader does not see, or that show him another order, must not stand in what he approves
    /// (CVE-2021-42574).
    fn refuse_hidden(&mut self, start: Position, text: &str) {
        let hidden = text.chars().zip(0_u32..).find(|(c, _)| is_hidden(*c));
        if let Some((character, offset)) = hidden {
            let at = Position {
                column: start.column + offset,
                ..start
            };
            let message = format!("{} cannot be seen", name_of(character));
            self.errors
                .add(at, RuleErrorCode::CharacterRefused, message);
        }
    }
}

fn is_word_part(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

/// Whether it can name a rule's reason, a value or a list.
pub(super) fn is_name(name: &str) -> bool {
    name.len() <= MAX_NAME
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

pub(super) fn is_hidden(character: char) -> bool {
    (character.is_control() && !matches!(character, '\t' | '\r'))
        || matches!(
            character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
        )
}

fn name_of(character: char) -> String {
    match character.is_ascii_graphic() {
        true => format!("'{character}'"),
        false => format!("U+{:04X}", u32::from(character)),
    }
}
