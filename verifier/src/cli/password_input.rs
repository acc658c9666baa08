//! A password from the terminal, without showing it, or from a pipe: never from the command line, where
//! every process could read it.

use std::io::{BufRead, IsTerminal, Write, stderr, stdin};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use super::CliError;

/// Reads one: a line of a pipe, or typed twice.
pub(super) fn read_password() -> Result<Zeroizing<String>, CliError> {
    if !stdin().is_terminal() {
        return read_line();
    }
    let _quiet = Quiet::new()?;
    let first = ask("Password: ")?;
    let second = ask("The same again: ")?;
    match *first == *second {
        true => Ok(first),
        false => Err("these are not the same".into()),
    }
}

fn ask(question: &str) -> Result<Zeroizing<String>, CliError> {
    write!(stderr(), "{question}")?;
    let line = read_line();
    writeln!(stderr())?;
    line
}

fn read_line() -> Result<Zeroizing<String>, CliError> {
    let mut line = Zeroizing::new(String::new());
    stdin().lock().read_line(&mut line)?;
    let length = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(length);
    Ok(line)
}

/// A terminal that shows nothing of what is typed, until this is dropped.
struct Quiet(Termios);

impl Quiet {
    fn new() -> Result<Self, CliError> {
        let before = tcgetattr(stdin())?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO);
        tcsetattr(stdin(), OptionalActions::Flush, &quiet)?;
        Ok(Self(before))
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // The terminal has gone, if this fails.
        let _ = tcsetattr(stdin(), OptionalActions::Flush, &self.0);
    }
}
