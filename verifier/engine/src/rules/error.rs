//! What is wrong with a rule set's text, and where.

use std::fmt;

use serde::Serialize;
use utoipa::ToSchema;

use super::bounds::MAX_ERRORS;

/// A place in the text, both from 1; columns count characters.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Position {
    /// Line.
    pub line: u32,
    /// Character in it.
    pub column: u32,
}

/// What kind of mistake it is. The names are stable.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleErrorCode {
    /// A text that is no IP address or network stands where one is meant.
    AddressInvalid,
    /// There is no such attribute.
    AttributeUnknown,
    /// Something is larger than it may be.
    BoundExceeded,
    /// A character that has no place there, or that cannot be seen.
    CharacterRefused,
    /// A text that is no assigned country code stands where one is meant.
    CountryUnknown,
    /// The attribute identifies a person, or is only tried: a decision does not show it.
    HiddenValue,
    /// There is no list of that name.
    ListUnknown,
    /// A name is given twice.
    NameTaken,
    /// A name that is too long or has other characters than it may have.
    NameInvalid,
    /// A number that is too large or too exact, or has an unknown unit.
    NumberInvalid,
    /// The set has no rule: nothing would be decided.
    SetEmpty,
    /// Something else was expected here.
    SyntaxUnexpected,
    /// A text that does not end in its line, or has an unknown escape.
    TextInvalid,
    /// The types do not go together.
    TypeMismatch,
    /// The numbers count different things.
    UnitMismatch,
    /// The attribute may be unknown here, and the rule does not say what then.
    UnknownNotHandled,
}

impl RuleErrorCode {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::AddressInvalid,
        Self::AttributeUnknown,
        Self::BoundExceeded,
        Self::CharacterRefused,
        Self::CountryUnknown,
        Self::HiddenValue,
        Self::ListUnknown,
        Self::NameTaken,
        Self::NameInvalid,
        Self::NumberInvalid,
        Self::SetEmpty,
        Self::SyntaxUnexpected,
        Self::TextInvalid,
        Self::TypeMismatch,
        Self::UnitMismatch,
        Self::UnknownNotHandled,
    ];

    /// Its name in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AddressInvalid => "address_invalid",
            Self::AttributeUnknown => "attribute_unknown",
            Self::BoundExceeded => "bound_exceeded",
            Self::CharacterRefused => "character_refused",
            Self::CountryUnknown => "country_unknown",
            Self::HiddenValue => "hidden_value",
            Self::ListUnknown => "list_unknown",
            Self::NameTaken => "name_taken",
            Self::NameInvalid => "name_invalid",
            Self::NumberInvalid => "number_invalid",
            Self::SetEmpty => "set_empty",
            Self::SyntaxUnexpected => "syntax_unexpected",
            Self::TextInvalid => "text_invalid",
            Self::TypeMismatch => "type_mismatch",
            Self::UnitMismatch => "unit_mismatch",
            Self::UnknownNotHandled => "unknown_not_handled",
        }
    }

    /// What it means, in one sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::AddressInvalid => {
                "A text that is no IP address or network stands where one is meant."
            }
            Self::AttributeUnknown => "There is no such attribute.",
            Self::BoundExceeded => "Something is larger than it may be.",
            Self::CharacterRefused => {
                "A character that has no place there, or that cannot be seen."
            }
            Self::CountryUnknown => {
                "A text that is no assigned country code stands where one is meant."
            }
            Self::HiddenValue => {
                "The attribute identifies a person, or is only tried: a decision does not show it."
            }
            Self::ListUnknown => "There is no list of that name.",
            Self::NameTaken => "A name is given twice.",
            Self::NameInvalid => {
                "A name that is too long or has other characters than it may have."
            }
            Self::NumberInvalid => {
                "A number that is too large or too exact, or has an unknown unit."
            }
            Self::SetEmpty => "The set has no rule: nothing would be decided.",
            Self::SyntaxUnexpected => "Something else was expected here.",
            Self::TextInvalid => "A text that does not end in its line, or has an unknown escape.",
            Self::TypeMismatch => "The types do not go together.",
            Self::UnitMismatch => "The numbers count different things.",
            Self::UnknownNotHandled => {
                "The attribute may be unknown here, and the rule does not say what then."
            }
        }
    }
}

/// One mistake.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, ToSchema)]
pub struct RuleError {
    /// Line, from 1.
    pub line: u32,
    /// Character in the line, from 1.
    pub column: u32,
    /// What kind of mistake it is.
    pub code: RuleErrorCode,
    /// What it is, for the person who wrote the rule. It may repeat names of the text.
    pub message: String,
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

/// All mistakes of a text, in its order; at most [`MAX_ERRORS`].
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct RuleErrors(pub Vec<RuleError>);

impl fmt::Display for RuleErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            let line_end = if index == 0 { "" } else { "\n" };
            write!(f, "{line_end}{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for RuleErrors {}

/// Takes what is found.
#[derive(Default)]
pub(super) struct Errors(Vec<RuleError>);

impl Errors {
    pub(super) fn add(&mut self, at: Position, code: RuleErrorCode, message: impl Into<String>) {
        if self.0.len() < MAX_ERRORS {
            self.0.push(RuleError {
                line: at.line,
                column: at.column,
                code,
                message: message.into(),
            });
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.0.len() >= MAX_ERRORS
    }

    /// `value`, where nothing was found.
    pub(super) fn finish<T>(self, value: T) -> Result<T, RuleErrors> {
        match self.0.is_empty() {
            true => Ok(value),
            false => Err(self.into_found()),
        }
    }

    pub(super) fn into_found(mut self) -> RuleErrors {
        self.0.sort_by_key(|error| (error.line, error.column));
        RuleErrors(self.0)
    }
}
