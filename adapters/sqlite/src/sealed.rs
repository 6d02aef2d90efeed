//! Reading a sealed secret, in whatever table it stands.

use jwksd_domain::key::EncryptionKeyId;
use jwksd_domain::ports::Sealed;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// The secret of the column `bytes`, and the encryption key of the column `sealed_by`.
///
/// Reads all that can stand there, also what is no BLOB or no text: whether it opens is for the cipher to say, so that one row
/// that was damaged keeps no other from being read.
pub(crate) fn sealed(row: &SqliteRow, bytes: &str) -> Result<Sealed, sqlx::Error> {
    let sealed_by: Vec<u8> = row.try_get_unchecked("sealed_by")?;
    let sealed_by = EncryptionKeyId::stored(String::from_utf8_lossy(&sealed_by).into_owned());
    Ok(Sealed { bytes: row.try_get_unchecked(bytes)?, sealed_by })
}
