//! A runbook's commands, taken from its text.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::scene::text;

/// The steps of a file in `docs/runbooks`, carried out one by one in one shell's variables.
pub(super) struct Runbook {
    steps: Vec<(String, Vec<String>)>,
    done: usize,
    variables: PathBuf,
    environment: Vec<(String, String)>,
    folder: PathBuf,
}

impl Runbook {
    pub(super) fn read(name: &str, folder: &Path, environment: Vec<(String, String)>) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/runbooks");
        let document = std::fs::read_to_string(path.join(format!("{name}.md"))).unwrap();
        let sections = document.split("\n## ").skip(1);
        let steps: Vec<_> = sections
            .map(|section| {
                let title = section.lines().next().unwrap().to_owned();
                (title, blocks(section))
            })
            .filter(|(_, blocks)| !blocks.is_empty())
            .collect();
        assert!(!steps.is_empty());
        Self {
            steps,
            done: 0,
            variables: folder.join(format!("{name}.variables")),
            environment,
            folder: folder.to_owned(),
        }
    }

    /// Carries out the next step, whose title starts with `title`; gives what it printed.
    #[track_caller]
    pub(super) fn step(&mut self, title: &str) -> String {
        let (found, blocks) = &self.steps[self.done];
        assert!(found.starts_with(title), "the next step is {found:?}");
        self.done += 1;
        let said = blocks.iter().map(|block| self.carry_out(block));
        said.collect()
    }

    /// Carries out the step that was last again.
    #[track_caller]
    pub(super) fn again(&self) -> String {
        let (_, blocks) = &self.steps[self.done - 1];
        blocks.iter().map(|block| self.carry_out(block)).collect()
    }

    #[track_caller]
    pub(super) fn end(self) {
        assert_eq!(self.done, self.steps.len(), "steps are left");
    }

    #[track_caller]
    fn carry_out(&self, block: &str) -> String {
        let variables = self.variables.display();
        let script = format!(
            "set -eu\nif [ -e {variables} ]; then . {variables}; fi\nset -a\n{block}\nset +a\nexport -p > {variables}"
        );
        let output = Command::new("bash")
            .args(["-c", &script])
            .current_dir(&self.folder)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .output()
            .unwrap();
        let said = text(&output.stdout);
        assert!(
            output.status.success(),
            "{block}\n{said}{}",
            text(&output.stderr)
        );
        said
    }
}

fn blocks(section: &str) -> Vec<String> {
    let parts = section.split("\n```sh\n").skip(1);
    parts
        .map(|part| part.split("\n```").next().unwrap().to_owned())
        .collect()
}
