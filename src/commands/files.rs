//! Writing keys to files: all of them or none, and never over others unaware.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// A file that is to be written.
pub(super) struct NewFile<'a> {
    /// Its name within the folder.
    pub(super) name: &'static str,
    /// What it holds.
    pub(super) text: &'a str,
    /// Who may read it.
    pub(super) readers: Readers,
}

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Readers {
    /// Its owner only.
    Owner,
    /// Everybody.
    Everybody,
}

/// Writes `files` into `folder`, which is made where it is missing.
///
/// # Errors
/// Fails where one of them is there and `force` is not set; nothing was written then.
pub(super) fn write(folder: &Path, files: &[NewFile<'_>], force: bool) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let taken: Vec<_> = files.iter().map(|file| folder.join(file.name)).filter(|path| path.exists()).collect();
    if let (Some(path), false) = (taken.first(), force) {
        bail!("{} is there already: give --force to overwrite it", path.display());
    }
    let mut drafts = Vec::new();
    for file in files {
        let path = folder.join(file.name);
        let draft = folder.join(format!(".{}.{}", file.name, std::process::id()));
        let written = write_draft(&draft, file).with_context(|| format!("cannot write {}", path.display()));
        drafts.push((draft, path));
        if let Err(error) = written {
            remove(&drafts);
            return Err(error);
        }
    }
    for (draft, path) in &drafts {
        if let Err(error) = fs::rename(draft, path) {
            remove(&drafts);
            return Err(error).with_context(|| format!("cannot write {}", path.display()));
        }
    }
    File::open(folder).and_then(|folder| folder.sync_all()).context("cannot sync the folder")
}

fn write_draft(draft: &Path, file: &NewFile<'_>) -> io::Result<()> {
    let mode = match file.readers {
        Readers::Owner => 0o600,
        Readers::Everybody => 0o644,
    };
    let mut opened = OpenOptions::new().write(true).create_new(true).mode(mode).open(draft)?;
    opened.write_all(file.text.as_bytes())?;
    opened.sync_all()
}

fn remove(drafts: &[(PathBuf, PathBuf)]) {
    for (draft, _) in drafts {
        let _gone_already = fs::remove_file(draft);
    }
}
