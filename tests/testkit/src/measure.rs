//! Measuring by comparison: on a shared machine only the ratio of two rates that were measured side by side can be trusted.

use std::time::{Duration, Instant};

const ROUNDS: usize = 15;
const ROUND: Duration = Duration::from_millis(100);

/// Something to measure, and what it is called.
pub struct Subject<'a> {
    name: &'a str,
    run: Box<dyn FnMut(u32) + 'a>,
}

impl<'a> Subject<'a> {
    /// `run` is told how often to do what is measured.
    pub fn new(name: &'a str, run: impl FnMut(u32) + 'a) -> Self {
        Self { name, run: Box::new(run) }
    }
}

/// Runs the subjects in turn, round after round, and prints for each the median of its rates, and of its ratios to the first
/// subject in the same round. Answers the ratios.
pub fn compare(title: &str, mut subjects: Vec<Subject<'_>>) -> Vec<f64> {
    let counts: Vec<_> = subjects.iter_mut().map(calibrate).collect();
    let mut rates = vec![Vec::with_capacity(ROUNDS); subjects.len()];
    for _ in 0..ROUNDS {
        for ((subject, count), rates) in subjects.iter_mut().zip(&counts).zip(&mut rates) {
            rates.push(f64::from(*count) / seconds(subject, *count));
        }
    }
    println!("\n{title}\n{:44} {:>12} {:>7}", "", "a second", "ratio");
    let ratio =
        |rates: &[f64], first: &[f64]| median(rates.iter().zip(first).map(|(rate, first)| rate / first).collect());
    let ratios: Vec<_> = rates.iter().map(|of_subject| ratio(of_subject, &rates[0])).collect();
    for ((subject, rates), ratio) in subjects.iter().zip(rates).zip(&ratios) {
        println!("{:44} {:>12.1} {ratio:>7.3}", subject.name, median(rates));
    }
    ratios
}

/// How often the subject runs in one round. Runs it for a round, which warms it up.
fn calibrate(subject: &mut Subject<'_>) -> u32 {
    let mut count = 1;
    loop {
        let taken = seconds(subject, count);
        if taken >= ROUND.as_secs_f64() || count >= 1 << 24 {
            return count;
        }
        count *= 2;
    }
}

fn seconds(subject: &mut Subject<'_>, count: u32) -> f64 {
    let start = Instant::now();
    (subject.run)(count);
    start.elapsed().as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
