//! Which encryption key seals private keys, and where it comes from. The dev profile makes one once and keeps it beside the
//! database.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use jwksd_domain::ports::{Entropy, KeyRepository};
use zeroize::Zeroizing;

use crate::config::{Config, EncryptionKey};

/// The encryption keys in force.
pub struct Encryption {
    /// What new private keys are sealed with.
    pub current: EncryptionKey,
    /// What still opens.
    pub previous: Vec<EncryptionKey>,
    /// Where the current one comes from.
    pub origin: KeyOrigin,
}

impl Encryption {
    /// A key that is gone with the process.
    pub fn ephemeral(entropy: &dyn Entropy) -> Self {
        Self { current: new_key(entropy), previous: Vec::new(), origin: KeyOrigin::Ephemeral }
    }
}

/// Where an encryption key comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyOrigin {
    /// It was configured.
    Configured,
    /// It was made now and is kept in this file.
    MadeNow(PathBuf),
    /// It is kept in this file.
    KeptIn(PathBuf),
    /// It was made now and is gone at the end, like the database.
    Ephemeral,
}

impl fmt::Display for KeyOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Configured => f.write_str("configured"),
            Self::MadeNow(path) => write!(f, "made now, kept in {}", path.display()),
            Self::KeptIn(path) => write!(f, "kept in {}", path.display()),
            Self::Ephemeral => f.write_str("made now, gone at the end"),
        }
    }
}

/// Finds the encryption key, or makes one where the dev profile may. `keys` is asked whether something is sealed already: a new
/// key would not open it.
///
/// # Errors
/// Fails where the key file cannot be read or written, and where it is missing though the database holds sealed keys.
pub async fn find(config: &Config, keys: &dyn KeyRepository, entropy: &dyn Entropy) -> anyhow::Result<Encryption> {
    let previous = config.encryption.previous.clone();
    if let Some(current) = config.encryption.current.clone() {
        return Ok(Encryption { current, previous, origin: KeyOrigin::Configured });
    }
    let Some(database) = config.database.file() else {
        return Ok(Encryption { current: new_key(entropy), previous, origin: KeyOrigin::Ephemeral });
    };
    let path = key_file(database);
    if let Some(current) = read(&path)? {
        return Ok(Encryption { current, previous, origin: KeyOrigin::KeptIn(path) });
    }
    let ring = keys.load().await?;
    if let Some(key) = ring.keys.first() {
        bail!(
            "the database holds keys sealed with encryption key {}, and {} is missing: bring it back or set --encryption-key",
            key.private.sealed_by,
            path.display()
        );
    }
    let made = new_key(entropy);
    if keep(&path, &made).with_context(|| format!("cannot write the key file {}", path.display()))? {
        return Ok(Encryption { current: made, previous, origin: KeyOrigin::MadeNow(path) });
    }
    // Another process was faster: its key is the one.
    let current = read(&path)?.with_context(|| format!("the key file {} came and went", path.display()))?;
    Ok(Encryption { current, previous, origin: KeyOrigin::KeptIn(path) })
}

/// Whether the key file beside the database of `config` is sound, where there is one that counts: to be asked before a database
/// is made that nobody wants.
///
/// # Errors
/// Fails where the key file cannot be read.
pub fn check_key_file(config: &Config) -> anyhow::Result<()> {
    match (&config.encryption.current, config.database.file()) {
        (None, Some(database)) => read(&key_file(database)).map(|_| ()),
        (Some(_), _) | (None, None) => Ok(()),
    }
}

/// Whether others than the owner may read the key file.
pub fn is_open_to_others(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

fn key_file(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".key");
    PathBuf::from(name)
}

fn new_key(entropy: &dyn Entropy) -> EncryptionKey {
    let mut bytes = Zeroizing::new([0; 32]);
    entropy.fill(&mut *bytes);
    EncryptionKey::new(*bytes)
}

fn read(path: &Path) -> anyhow::Result<Option<EncryptionKey>> {
    let text = match fs::read_to_string(path) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot read the key file {}", path.display())),
    };
    let key = EncryptionKey::parse(text.trim())
        .map_err(|problem| anyhow::anyhow!("the key file {} {problem}", path.display()));
    key.map(Some)
}

/// Writes the key file whole or not at all, readable by its owner only; `false` where there is one already, which is left alone.
fn keep(path: &Path, key: &EncryptionKey) -> io::Result<bool> {
    let draft = path.with_extension(format!("key.{}", std::process::id()));
    let written = write_draft(&draft, key).and_then(|()| fs::hard_link(&draft, path));
    let removed = fs::remove_file(&draft);
    match written {
        Ok(()) => removed.and_then(|()| sync_folder(path)).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.exists() => Ok(false),
        Err(error) => Err(error),
    }
}

fn write_draft(draft: &Path, key: &EncryptionKey) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(draft)?;
    writeln!(file, "{}", &*key.to_base64())?;
    file.sync_all()
}

/// The name of a file is durable when its folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_is_private_and_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = key_file(&folder.path().join("jwksd.db"));
        let (first, second) = (EncryptionKey::new([1; 32]), EncryptionKey::new([2; 32]));
        assert!(keep(&path, &first).unwrap());
        assert!(!keep(&path, &second).unwrap());
        assert!(!is_open_to_others(&path));
        assert_eq!(read(&path).unwrap().unwrap().expose(), first.expose());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left behind");
    }

    #[test]
    fn a_damaged_key_file_is_an_error_and_not_a_new_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jwksd.db.key");
        fs::write(&path, "nonsense").unwrap();
        assert!(read(&path).is_err());
    }
}
