//! What is asked of replicas.

use std::sync::Arc;
use std::time::Duration;

use jwksd_domain::audit::Origin;
use jwksd_domain::key::{Kid, RotationMode};
use jwksd_domain::ports::{KeyCustody, Signer};
use jwksd_domain::usecase::{RevocationReason, RewrapMode, RotateKeys, TokenLife, Trigger};
use jwksd_testkit::{FakeCipher, FakeSigner, SeededEntropy};
use zeroize::Zeroizing;

use crate::backstage::pause;
use crate::ledger::Held;
use crate::replica::Replica;
use crate::task::{Errand, Outcome, Task, Work};
use crate::world::{Place, World, at_once, user};

/// How many errands are under way at most when another one is asked for.
const MOST_TASKS: usize = 12;

impl World {
    /// Somebody asks for something.
    pub(crate) fn ask(&mut self) {
        let errand = match self.dice.below(80) {
            0..=39 => Errand::Issue,
            40..=55 => Errand::Authenticate,
            56..=65 => Errand::Rotate(RotationMode::Careful),
            66 if self.dice.one_in(3) => Errand::Rotate(RotationMode::Forced),
            67..=68 => Errand::CleanUp,
            69 => Errand::Revoke,
            70..=71 => Errand::Import,
            72..=79 if !self.setting.previous.is_empty() => Errand::Rewrap,
            _ => return,
        };
        if let Some(number) = self.any_serving().filter(|_| self.tasks.len() < MOST_TASKS) {
            self.begin(number, errand);
        }
    }

    /// Begins an errand at a process that runs.
    pub(crate) fn begin(&mut self, number: usize, errand: Errand) {
        let Some(work) = self.work(number, errand) else { return };
        let now = self.now();
        if matches!(errand, Errand::Rotate(_) | Errand::Revoke | Errand::Import) {
            self.ledger.asked.push(now);
        }
        if errand != Errand::Tick {
            self.note(&format!("replica {number}: is asked: {errand:?}"));
        }
        self.tasks.push(Task::new(number, errand, work, now));
    }

    fn work(&mut self, number: usize, errand: Errand) -> Option<Work> {
        let (key, pem) = match errand {
            Errand::Revoke => (Some(self.key_to_revoke()?), None),
            Errand::Import => (None, Some(self.file())),
            _ => (None, None),
        };
        let Place::Up(replica) = &self.places[number] else { return None };
        Some(match (errand, key, pem) {
            (Errand::Start, ..) => starting(replica),
            (Errand::Tick, ..) => rotating(replica, Trigger::Schedule),
            (Errand::Rotate(mode), ..) => rotating(replica, Trigger::Asked(mode, Origin::of_the_server())),
            (Errand::CleanUp, ..) => {
                let clean_up_keys = Arc::clone(&replica.does.clean_up_keys);
                Box::pin(async move { Outcome::CleanedUp(clean_up_keys.run(Origin::of_the_server()).await) })
            }
            (Errand::Issue, ..) => self.issuing(replica),
            (Errand::Authenticate, ..) => authenticating(replica, self.dice.pick(&self.ledger.tokens)?),
            (Errand::Rewrap, ..) => {
                let rewrap_keys = Arc::clone(&replica.does.rewrap_keys);
                Box::pin(async move {
                    Outcome::Rewrapped(rewrap_keys.run(RewrapMode::Careful, Origin::of_the_server()).await)
                })
            }
            (Errand::Revoke, Some(kid), _) => revoking(replica, kid),
            (Errand::Import, _, Some(pem)) => importing(replica, pem),
            (Errand::Revoke | Errand::Import, ..) => return None,
        })
    }

    /// Any key of the ring; whoever had it revoked has it in a file.
    fn key_to_revoke(&mut self) -> Option<Kid> {
        let ring = Arc::clone(&self.ledger.ring);
        let kids: Vec<_> = ring.keys.iter().map(|key| key.kid().clone()).collect();
        let kid = self.dice.pick(&kids)?;
        let software = self.software(0);
        if let Ok(pair) = at_once(software.export(ring.find(&kid)?)) {
            self.files.insert(kid.clone(), pair.private);
        }
        Some(kid)
    }

    /// A private key in a file: one that was there before, or one that was made elsewhere.
    fn file(&mut self) -> Zeroizing<String> {
        let known: Vec<_> = self.files.values().cloned().collect();
        if let Some(pem) = self.dice.pick(&known).filter(|_| self.dice.one_in(2)) {
            return pem;
        }
        let software = self.software(self.dice.below(u64::MAX));
        let made = at_once(software.generate(self.setting.policy.algorithm)).unwrap();
        let order = jwksd_domain::key::KeyOrder {
            algorithm: made.public.algorithm(),
            purpose: jwksd_domain::key::KeyPurpose::Signing,
            schedule: jwksd_domain::key::KeySchedule::new(self.now(), self.now(), self.now(), Duration::ZERO),
        };
        let key = order.fill(made, self.now());
        let pem = at_once(software.export(&key)).unwrap().private;
        self.files.insert(key.kid().clone(), pem.clone());
        pem
    }

    /// A signer outside of the system, with its encryption keys.
    fn software(&self, seed: u64) -> FakeSigner {
        let cipher = FakeCipher::new(self.setting.current, &self.setting.previous);
        FakeSigner::new(Arc::new(cipher), Arc::new(SeededEntropy::new(seed)))
    }

    /// A token of the usual life, or of any that is permitted.
    fn issuing(&self, replica: &Replica) -> Work {
        let longest = replica.setting.policy.token_life.as_secs();
        let life = match self.dice.one_in(2) {
            true => TokenLife::Usual,
            false => TokenLife::Of(Duration::from_secs(self.dice.between(1, longest))),
        };
        let mint_token = Arc::clone(&replica.does.mint_token);
        Box::pin(async move { Outcome::Issued(mint_token.run(&user(), life).await) })
    }
}

fn starting(replica: &Replica) -> Work {
    let (open_keys, rotate_keys) = (Arc::clone(&replica.does.open_keys), Arc::clone(&replica.does.rotate_keys));
    Box::pin(async move {
        let opened = open_keys.run().await.map_err(|error| error.to_string());
        Outcome::Started(match opened {
            Ok(()) => rotate_keys.run(Trigger::Schedule).await.map(|_| ()).map_err(|error| error.to_string()),
            Err(error) => Err(error),
        })
    })
}

fn rotating(replica: &Replica, trigger: Trigger) -> Work {
    let rotate_keys: Arc<RotateKeys> = Arc::clone(&replica.does.rotate_keys);
    Box::pin(async move { Outcome::Rotated(rotate_keys.run(trigger).await) })
}

fn revoking(replica: &Replica, kid: Kid) -> Work {
    let revoke_key = Arc::clone(&replica.does.revoke_key);
    let reason = RevocationReason::parse("it leaked").unwrap();
    Box::pin(async move { Outcome::Revoked(revoke_key.run(&kid, reason, Origin::of_the_server()).await) })
}

fn importing(replica: &Replica, pem: Zeroizing<String>) -> Work {
    let import_key = Arc::clone(&replica.does.import_key);
    Box::pin(async move { Outcome::Imported(import_key.run(&pem, Origin::of_the_server()).await) })
}

fn authenticating(replica: &Replica, token: Held) -> Work {
    let authenticate_token = Arc::clone(&replica.does.authenticate_token);
    Box::pin(async move {
        pause().await;
        let caller = authenticate_token.run(&token.text).await;
        Outcome::Authenticated(Box::new((token, caller)))
    })
}
