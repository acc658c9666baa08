//! What was found, for people and for programs.

use std::process::ExitCode;

use serde::{Serialize, Serializer};

use super::{super::say, check::Check};

/// How one check came out.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    /// As it should be.
    Pass,
    /// To be looked at by somebody.
    Warn,
    /// Not as it must be.
    Fail,
}

#[derive(Serialize)]
struct Line {
    verdict: Verdict,
    #[serde(serialize_with = "by_name")]
    check: Check,
    detail: String,
    controls: &'static [&'static str],
}

#[derive(Serialize)]
struct Whole<'a> {
    verdict: Verdict,
    pass: usize,
    warn: usize,
    fail: usize,
    checks: &'a [Line],
}

/// Lines in the order in which they were found.
#[derive(Default)]
pub(super) struct Report(Vec<Line>);

impl Report {
    pub(super) fn pass(&mut self, check: Check, detail: impl Into<String>) {
        self.line(Verdict::Pass, check, detail);
    }

    pub(super) fn warn(&mut self, check: Check, detail: impl Into<String>) {
        self.line(Verdict::Warn, check, detail);
    }

    pub(super) fn fail(&mut self, check: Check, detail: impl Into<String>) {
        self.line(Verdict::Fail, check, detail);
    }

    pub(super) fn line(&mut self, verdict: Verdict, check: Check, detail: impl Into<String>) {
        self.0.push(Line {
            verdict,
            check,
            detail: detail.into(),
            controls: check.controls(),
        });
    }

    /// Prints it; gives 0 when all is well, 1 when something should be looked at, 2 when something has failed.
    pub(super) fn end(&self, as_json: bool) -> Result<ExitCode, serde_json::Error> {
        let count = |verdict| self.0.iter().filter(|line| line.verdict == verdict).count();
        let worst = self.0.iter().map(|line| line.verdict).max();
        let worst = worst.unwrap_or(Verdict::Pass);
        let whole = Whole {
            verdict: worst,
            pass: count(Verdict::Pass),
            warn: count(Verdict::Warn),
            fail: count(Verdict::Fail),
            checks: &self.0,
        };
        if as_json {
            say(&serde_json::to_string(&whole)?);
        } else {
            self.0.iter().for_each(|line| say(&line.to_string()));
            say(&format!(
                "{} pass, {} warn, {} fail",
                whole.pass, whole.warn, whole.fail
            ));
        }
        Ok(ExitCode::from(worst as u8))
    }
}

#[cfg(test)]
impl Report {
    pub(super) fn verdicts(&self) -> Vec<Verdict> {
        self.0.iter().map(|line| line.verdict).collect()
    }
}

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let verdict = match self.verdict {
            Verdict::Pass => "pass",
            Verdict::Warn => "warn",
            Verdict::Fail => "fail",
        };
        let (name, controls) = (self.check.name(), self.controls.join(", "));
        write!(f, "{verdict}  {name}: {} [{controls}]", self.detail)
    }
}

fn by_name<S: Serializer>(check: &Check, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(check.name())
}
