//! Every choice of a schedule, from one seed.

use jwksd_domain::ports::Entropy;
use jwksd_testkit::SeededEntropy;

/// Chooses; the same choices for the same seed.
pub(crate) struct Dice(SeededEntropy);

impl Dice {
    /// The choices of `seed`.
    pub(crate) const fn new(seed: u64) -> Self {
        Self(SeededEntropy::new(seed))
    }

    /// A number below `bound`, which is not zero.
    pub(crate) fn below(&self, bound: u64) -> u64 {
        let mut word = [0; 8];
        self.0.fill(&mut word);
        u64::from_le_bytes(word) % bound
    }

    /// A number in `[low, high]`.
    pub(crate) fn between(&self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// A number in `[-bound, bound]`.
    pub(crate) fn around_zero(&self, bound: u64) -> i64 {
        let number = i64::try_from(self.between(0, 2 * bound)).unwrap();
        number - i64::try_from(bound).unwrap()
    }

    /// Once in `times`.
    pub(crate) fn one_in(&self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// One of `items`, if there is one.
    pub(crate) fn pick<T: Clone>(&self, items: &[T]) -> Option<T> {
        let index = usize::try_from(self.below(items.len().max(1) as u64)).unwrap();
        items.get(index).cloned()
    }
}
