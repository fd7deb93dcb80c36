//! How the accumulated value moves with the unit value, and what breaks it.
//!
//! Between two distributions `accumulated = scale x unit + paid`. The scale is one until a split; after a split of one unit
//! into `k` many publishers go on for the first holder's unit, and the scale becomes `k`. A dividend steps `paid` up, a split
//! turns `scale`; on that day both leave the same return, `accumulated change / (scale x unit before)`, and only the days
//! after tell which it was.

/// What happened between two values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Step {
    /// The unit's own change is the return.
    Ordinary,
    /// Something was distributed: `dividend` a unit, or each unit became `factor`.
    Distribution { dividend: f64, factor: f64 },
    /// The unit was rescaled: it rose as no market does while the accumulated value stood still.
    Split { factor: f64 },
    /// The accumulated value was restated by that much, CNY; the unit's own change is the return.
    Restated { by: f64 },
}

/// What a later day decided about the last distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    Dividend,
    Split,
}

/// Two neighbouring values of both columns and the most that rounding can make of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    pub(super) unit: [f64; 2],
    pub(super) accumulated: [f64; 2],
    /// Half a last decimal of the unit values.
    pub(super) unit_halves: [f64; 2],
    /// Half a last decimal of the accumulated values.
    pub(super) accumulated_halves: [f64; 2],
    /// Return that is still believed, in size.
    pub(super) believed: f64,
}

/// The scale as far as it is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Law {
    scale: f64,
    is_settled: bool,
    /// Sums of `d unit x d accumulated` and `d unit^2` over ordinary steps at an unsettled or unusual scale.
    sums: [f64; 2],
    /// Largest rounding of a step in the sums.
    worst: f64,
    n: usize,
    /// The scale after the last distribution, had it been a split, and the values of that day.
    rival: Option<(f64, Anchor)>,
}

/// Values of one day.
#[derive(Debug, Clone, Copy)]
struct Anchor {
    unit: f64,
    accumulated: f64,
    halves: [f64; 2],
}

/// Scales that an unsettled record may show; a dividend day shows less, of any sign.
const SCALES: std::ops::RangeInclusive<f64> = 0.5..=50.0;
/// A step speaks for a scale when it is so many times what rounding can make.
const CLEAR: f64 = 5.0;
/// A distribution of less can only be a dividend.
const SMALLEST_SPLIT: f64 = 0.02;

impl Pair {
    fn changes(&self) -> (f64, f64) {
        (self.unit[1] - self.unit[0], self.accumulated[1] - self.accumulated[0])
    }

    /// Most that rounding makes of `accumulated change - scale x unit change`.
    fn rounding(&self, scale: f64) -> f64 {
        scale * self.unit_halves.iter().sum::<f64>() + self.accumulated_halves.iter().sum::<f64>()
    }

    fn end(&self) -> Anchor {
        Anchor {
            unit: self.unit[1],
            accumulated: self.accumulated[1],
            halves: [self.unit_halves[1], self.accumulated_halves[1]],
        }
    }

    /// From an earlier day to this pair's end.
    fn since(&self, from: &Anchor) -> Self {
        Self {
            unit: [from.unit, self.unit[1]],
            accumulated: [from.accumulated, self.accumulated[1]],
            unit_halves: [from.halves[0], self.unit_halves[1]],
            accumulated_halves: [from.halves[1], self.accumulated_halves[1]],
            believed: self.believed,
        }
    }

    fn unit_return(&self) -> f64 {
        self.unit[1] / self.unit[0] - 1.0
    }
}

impl Law {
    /// The law of a record that begins with these values.
    pub(super) fn beginning(unit: f64, accumulated: f64, rounding: f64) -> Self {
        let is_settled = (accumulated - unit).abs() <= rounding;
        Self { scale: 1.0, is_settled, sums: [0.0; 2], worst: 0.0, n: 0, rival: None }
    }

    /// Whether the last distribution may have been a split.
    pub(super) fn is_open(&self) -> bool {
        self.rival.is_some()
    }

    /// Whether the scale is known to be one, not estimated.
    fn is_plain(&self) -> bool {
        self.scale == 1.0
    }

    fn tolerance(&self, pair: &Pair, scale: f64) -> f64 {
        let error = if self.is_plain() || self.sums[1] == 0.0 {
            0.0
        } else {
            2.0 * self.worst / self.sums[1].sqrt()
        };
        pair.rounding(scale) + error * pair.changes().0.abs()
    }

    fn fits(&self, pair: &Pair, scale: f64) -> bool {
        let (du, da) = pair.changes();
        (da - scale * du).abs() <= self.tolerance(pair, scale)
    }

    /// Takes the next pair: what happened, and what it says about the last distribution.
    pub(super) fn step(&mut self, pair: &Pair) -> (Step, Option<Decision>) {
        let decision = self.decide(pair);
        let is_clear = pair.changes().0.abs() >= CLEAR * self.tolerance(pair, self.scale);
        if self.fits(pair, self.scale)
            || self.rival.is_some_and(|(rival, _)| self.fits(pair, rival))
        {
            self.is_settled |= is_clear;
            self.learn(pair);
            return (Step::Ordinary, decision);
        }
        if !self.is_settled && is_clear {
            let (du, da) = pair.changes();
            if SCALES.contains(&(da / du)) {
                self.learn_unsettled(pair);
                return (Step::Ordinary, decision);
            }
        }
        (self.broken(pair), decision)
    }

    /// Which of two scales the days after a distribution show, all of them together.
    fn decide(&mut self, pair: &Pair) -> Option<Decision> {
        let (rival, anchor) = self.rival?;
        let all = pair.since(&anchor);
        match (self.fits(&all, self.scale), self.fits(&all, rival)) {
            (true, false) => {
                self.rival = None;
                Some(Decision::Dividend)
            }
            (false, true) => {
                self.rival = None;
                self.rescale(rival);
                Some(Decision::Split)
            }
            _ => None,
        }
    }

    fn rescale(&mut self, scale: f64) {
        self.scale = scale;
        self.sums = [0.0; 2];
        self.worst = 0.0;
        self.n = 0;
    }

    /// An ordinary step makes an estimated scale finer; the scale one needs none.
    fn learn(&mut self, pair: &Pair) {
        if !self.is_plain() && self.rival.is_none() {
            self.add(pair);
            if self.n >= 2 {
                self.scale = self.sums[0] / self.sums[1];
            }
        }
    }

    /// Two clear steps of one scale settle it.
    fn learn_unsettled(&mut self, pair: &Pair) {
        let (du, da) = pair.changes();
        if self.n == 0 {
            self.add(pair);
            return;
        }
        let before = self.sums[0] / self.sums[1];
        let error = 2.0 * self.worst / self.sums[1].sqrt();
        if (da - before * du).abs() > pair.rounding(before) + error * du.abs() {
            self.rescale(1.0);
        }
        self.add(pair);
        if self.n >= 2 {
            self.scale = self.sums[0] / self.sums[1];
            self.is_settled = true;
        }
    }

    fn add(&mut self, pair: &Pair) {
        let (du, da) = pair.changes();
        self.sums[0] += du * da;
        self.sums[1] += du * du;
        self.n += 1;
        self.worst = self.worst.max(pair.rounding(self.scale.max(1.0)));
    }

    /// A step that no scale known explains.
    fn broken(&mut self, pair: &Pair) -> Step {
        let (du, da) = pair.changes();
        let excess = da - self.scale * du;
        let growth = da / (self.scale * pair.unit[0]);
        let factor = pair.unit[0] * (1.0 + growth) / pair.unit[1];
        let is_believed = growth.abs() <= pair.believed;
        if !is_believed && pair.unit_return().abs() <= pair.believed {
            return Step::Restated { by: excess };
        }
        if excess > 0.0 {
            let is_split_possible = (factor - 1.0).abs() >= SMALLEST_SPLIT;
            self.rival = is_split_possible.then_some((self.scale * factor, pair.end()));
            self.is_settled = true;
            return Step::Distribution { dividend: excess / self.scale, factor };
        }
        if is_believed && pair.unit_return() > pair.believed {
            self.rescale(self.scale * factor);
            self.is_settled = true;
            return Step::Split { factor };
        }
        Step::Restated { by: excess }
    }
}
