//! What waits for the writer, and who of it shares a transaction.
//!
//! A transaction takes in whatever comes until nothing is left to do in it: while SQLite works on one task, those of others get
//! ready, and each that still gets in is spared the wait for the next commit.

use tokio::sync::mpsc;

use crate::task::Queued;

/// What waits for the writer.
pub(crate) struct Queue {
    /// Where it comes from.
    pub(crate) waiting: mpsc::Receiver<Box<dyn Queued>>,
    /// What was taken and had to wait for a transaction of its own after all.
    pub(crate) held: Option<Box<dyn Queued>>,
    /// The most tasks of one transaction.
    pub(crate) batch: usize,
}

impl Queue {
    /// The first tasks of a transaction, or none where the queue is closed and empty.
    pub(crate) async fn first(&mut self) -> Vec<Box<dyn Queued>> {
        let mut batch: Vec<_> = self.held.take().into_iter().collect();
        if batch.is_empty() {
            self.waiting.recv_many(&mut batch, self.batch).await;
        }
        batch
    }
}

/// Whether a transaction may take in what comes while it runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Company {
    /// It may: whoever comes is spared the wait for the next one, and the commit.
    Welcome,
    /// It may not.
    None,
}

/// What may join a transaction.
pub(crate) struct Joining<'a> {
    /// Where it comes from.
    pub(crate) queue: &'a mut Queue,
    /// Whether it may.
    pub(crate) company: Company,
    /// Whether the commit waits for the disk.
    pub(crate) synced: bool,
}

impl Joining<'_> {
    /// Adds to `batch` what has come since. Who asks for a commit that waits for the disk waits for the next one, if this does not.
    pub(crate) fn take_in(&mut self, batch: &mut Vec<Box<dyn Queued>>) {
        while self.company == Company::Welcome
            && batch.len() < self.queue.batch
            && self.queue.held.is_none()
            && let Ok(task) = self.queue.waiting.try_recv()
        {
            match task.is_synced() && !self.synced {
                true => self.queue.held = Some(task),
                false => batch.push(task),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use sqlx::SqliteConnection;

    use super::*;
    use crate::error::SqliteError;
    use crate::task::{Task, queued};

    struct Note<const SYNCED: bool>;

    #[async_trait]
    impl<const SYNCED: bool> Task for Note<SYNCED> {
        type Answer = ();

        const SYNCED: bool = SYNCED;

        async fn run(&self, _: &mut SqliteConnection) -> Result<(), SqliteError> {
            Ok(())
        }
    }

    /// A queue in which these wait.
    fn queue(synced: &[bool]) -> Queue {
        let (sender, waiting) = mpsc::channel(10);
        for synced in synced {
            let task = if *synced { queued(Note::<true>).0 } else { queued(Note::<false>).0 };
            sender.try_send(task).ok().unwrap();
        }
        Queue { waiting, held: None, batch: 3 }
    }

    /// How many join a transaction of one.
    fn joined(queue: &mut Queue, company: Company, synced: bool) -> usize {
        let mut batch = vec![queued(Note::<false>).0];
        Joining { queue, company, synced }.take_in(&mut batch);
        batch.len() - 1
    }

    #[test]
    fn a_transaction_takes_in_what_has_room() {
        let mut queue = queue(&[false; 4]);
        assert_eq!(joined(&mut queue, Company::None, false), 0);
        assert_eq!(joined(&mut queue, Company::Welcome, false), 2);
        assert_eq!(joined(&mut queue, Company::Welcome, true), 2);
    }

    #[tokio::test]
    async fn who_waits_for_the_disk_begins_the_next_transaction_and_is_not_lost() {
        let mut queue = queue(&[false, true, false]);
        assert_eq!(joined(&mut queue, Company::Welcome, false), 1);
        assert_eq!(joined(&mut queue, Company::Welcome, false), 0, "nobody overtakes");
        let next = queue.first().await;
        assert!(next.len() == 1 && next[0].is_synced());
        assert_eq!(joined(&mut queue, Company::Welcome, true), 1);
        assert!(queue.first().await.is_empty(), "closed and empty");
    }
}
