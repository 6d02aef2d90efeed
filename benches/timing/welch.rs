//! Welch's t-test: whether two samples of unequal variance have one mean.

/// What it says.
pub(crate) struct Welch {
    /// The difference of the means in units of its own deviation.
    pub(crate) t: f64,
    /// The degrees of freedom, by Welch and Satterthwaite.
    pub(crate) degrees: f64,
    /// The difference of the means.
    pub(crate) difference: f64,
}

/// Compares two samples without what is beyond the 95th percentile of both together: interrupts, and other work of the machine.
pub(crate) fn welch(one: Vec<f64>, other: Vec<f64>) -> Welch {
    let mut all = [&one[..], &other].concat();
    all.sort_by(f64::total_cmp);
    let limit = all[all.len() * 95 / 100];
    let (one, other) = (Sample::below(limit, one), Sample::below(limit, other));
    let (a, b) = (one.variance / one.count, other.variance / other.count);
    let difference = one.mean - other.mean;
    let degrees = (a + b).powi(2) / (a.powi(2) / (one.count - 1.0) + b.powi(2) / (other.count - 1.0));
    Welch { t: difference / (a + b).sqrt(), degrees, difference }
}

struct Sample {
    count: f64,
    mean: f64,
    variance: f64,
}

impl Sample {
    fn below(limit: f64, mut values: Vec<f64>) -> Self {
        values.retain(|value| *value <= limit);
        #[expect(clippy::cast_precision_loss, reason = "a sample has some thousand values")]
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
        Self { count, mean, variance }
    }
}
