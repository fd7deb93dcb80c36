//! The user's calendar and rule files over the built-in ones.

use std::path::{Path, PathBuf};

use anyhow::Context;
use shoals_core::{CoreError, Rulebook, Text};
use shoals_data::SourceFile;

use crate::arguments::RulebookArgs;

/// A rulebook, and the files that went into it.
#[derive(Debug, Clone, Default)]
pub(crate) struct UserRulebook {
    pub(crate) rulebook: Rulebook,
    pub(crate) files: Vec<SourceFile>,
}

impl UserRulebook {
    /// The built-in rulebook under the files of the flags.
    pub(crate) fn of(args: &RulebookArgs) -> anyhow::Result<Self> {
        Self::default().under(args.calendar.as_deref(), &args.rules, Path::new(""))
    }

    /// This rulebook under further files, named from `folder`.
    pub(crate) fn under(
        mut self,
        calendar: Option<&Path>,
        rules: &[PathBuf],
        folder: &Path,
    ) -> anyhow::Result<Self> {
        if let Some(name) = calendar {
            self.set(name, folder, Rulebook::with_calendar)?;
        }
        for name in rules {
            self.set(name, folder, Rulebook::with_rules)?;
        }
        Ok(self)
    }

    fn set(
        &mut self,
        name: &Path,
        folder: &Path,
        with: impl Fn(Rulebook, &str) -> Result<Rulebook, CoreError>,
    ) -> anyhow::Result<()> {
        let path = folder.join(name);
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read `{}`", path.display()))?;
        self.rulebook = with(self.rulebook.clone(), &text)
            .with_context(|| format!("in `{}`", path.display()))?;
        // A lock names the file as the study does, wherever the study stands.
        let file = SourceFile::of(&path)?;
        self.files.push(SourceFile { path: name.display().to_string(), ..file });
        Ok(())
    }

    /// What a reader of the numbers must know.
    pub(crate) fn notes(&self) -> Vec<Text> {
        let note = |SourceFile { path, sha256, .. }: &SourceFile| {
            Text::new(
                format!("`{path}`（SHA-256 {sha256}）覆盖内置日历与规则"),
                format!("`{path}` (SHA-256 {sha256}) over the built-in calendar and rules"),
            )
        };
        self.files.iter().map(note).collect()
    }
}
