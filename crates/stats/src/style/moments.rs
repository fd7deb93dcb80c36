//! Centred second moments of factors and response, of one window and of the next.

#![allow(clippy::needless_range_loop, reason = "indices of factors, as in the formulas")]

use super::SINGULAR;

/// Most factors.
pub(super) const MOST: usize = 16;
/// A number a factor.
pub(super) type Row = [f64; MOST];

/// Sums of products of deviations from the window's means.
#[derive(Debug, Clone)]
pub(super) struct Moments {
    /// Factors.
    pub(super) k: usize,
    /// Observations.
    pub(super) n: usize,
    /// Factor with factor.
    pub(super) q: [Row; MOST],
    /// Factor with response.
    pub(super) c: Row,
    /// Response with itself.
    pub(super) s: f64,
}

impl Moments {
    pub(super) fn of(response: &[f64], factors: &[&[f64]]) -> Self {
        Running::start(response, factors, 0, response.len()).moments()
    }

    /// Scale of the penalty that stands for the sum: the mean variation of the funded factors.
    pub(super) fn ridge(&self, funded: &Row) -> f64 {
        let (mut sum, mut count) = (0.0, 0.0);
        for i in 0..self.k {
            sum += funded[i] * self.q[i][i];
            count += funded[i];
        }
        if count == 0.0 {
            return 0.0;
        }
        if sum > 0.0 { sum / count } else { 1.0 }
    }

    /// Inverse moments of the weights whose funded part sums to 1, row-major, and the directions nothing is known of.
    pub(super) fn inverse(&self, funded: &Row) -> (Vec<f64>, Vec<Row>) {
        let (k, ridge) = (self.k, self.ridge(funded));
        let (mut kept, mut unknown): (Vec<usize>, Vec<Row>) = (Vec::with_capacity(k), Vec::new());
        let mut factor = Cholesky::default();
        for i in 0..k {
            kept.push(i);
            if !factor.border(self, funded, ridge, &kept) {
                unknown.push(factor.null_direction(&kept));
                kept.pop();
            }
        }
        let ones = factor.solve(&kept, funded);
        let whole: f64 = kept.iter().map(|&i| funded[i] * ones[i]).sum();
        let mut inverse = vec![0.0; k * k];
        for &j in &kept {
            let mut unit = [0.0; MOST];
            unit[j] = 1.0;
            let column = factor.solve(&kept, &unit);
            for &i in &kept {
                let budget = if whole > 0.0 { ones[i] * ones[j] / whole } else { 0.0 };
                inverse[i * k + j] = column[i] - budget;
            }
        }
        (inverse, unknown)
    }
}

/// `L D L'` of the moments of some factors plus the penalty on their sum.
#[derive(Debug, Clone, Default)]
pub(super) struct Cholesky {
    lower: [Row; MOST],
    pivots: Row,
}

impl Cholesky {
    /// Adds the last of `order`, whose earlier ones are in; false where it is their combination.
    pub(super) fn border(
        &mut self,
        moments: &Moments,
        funded: &Row,
        ridge: f64,
        order: &[usize],
    ) -> bool {
        let i = order.len() - 1;
        let row = order[i];
        let of = |other: usize| moments.q[row][other] + ridge * funded[row] * funded[other];
        let mut unscaled = [0.0; MOST];
        let mut pivot = of(row);
        let whole = pivot;
        for j in 0..i {
            let mut sum = of(order[j]);
            for p in 0..j {
                sum -= unscaled[p] * self.lower[j][p];
            }
            unscaled[j] = sum;
            self.lower[i][j] = sum / self.pivots[j];
            pivot -= sum * self.lower[i][j];
        }
        self.pivots[i] = pivot;
        pivot > SINGULAR * whole
    }

    /// The direction along which the last of `order`, a combination of the others, changes nothing.
    pub(super) fn null_direction(&self, order: &[usize]) -> Row {
        let last = order.len() - 1;
        let mut solved = self.lower[last];
        for i in (0..last).rev() {
            for p in i + 1..last {
                solved[i] -= self.lower[p][i] * solved[p];
            }
        }
        let mut direction = [0.0; MOST];
        direction[order[last]] = 1.0;
        for i in 0..last {
            direction[order[i]] = -solved[i];
        }
        direction
    }

    /// Solves for a right side given and returned by factor.
    pub(super) fn solve(&self, order: &[usize], right: &Row) -> Row {
        let m = order.len();
        let mut x = [0.0; MOST];
        for i in 0..m {
            x[i] = right[order[i]];
            for p in 0..i {
                x[i] -= self.lower[i][p] * x[p];
            }
        }
        for i in 0..m {
            x[i] /= self.pivots[i];
        }
        for i in (0..m).rev() {
            for p in i + 1..m {
                x[i] -= self.lower[p][i] * x[p];
            }
        }
        let mut out = [0.0; MOST];
        for i in 0..m {
            out[order[i]] = x[i];
        }
        out
    }
}

/// Sums about an anchor near the window's means, one row in and one row out at a time.
///
/// An anchor away from the means costs digits, and every exchange of a row leaves a rounding behind: once all rows of
/// a window have gone the sums are begun afresh.
pub(super) struct Running<'a> {
    response: &'a [f64],
    factors: &'a [&'a [f64]],
    from: usize,
    n: usize,
    since: usize,
    anchor: Row,
    anchor_y: f64,
    x: Row,
    xx: [Row; MOST],
    y: f64,
    xy: Row,
    yy: f64,
}

impl<'a> Running<'a> {
    pub(super) fn start(
        response: &'a [f64],
        factors: &'a [&'a [f64]],
        from: usize,
        n: usize,
    ) -> Self {
        let mean = |column: &[f64]| column[from..from + n].iter().sum::<f64>() / n as f64;
        let mut anchor = [0.0; MOST];
        for (cell, column) in anchor.iter_mut().zip(factors) {
            *cell = mean(column);
        }
        let (x, xy, xx) = ([0.0; MOST], [0.0; MOST], [[0.0; MOST]; MOST]);
        let (anchor_y, since) = (mean(response), 0);
        let mut sums = Self {
            response,
            factors,
            from,
            n,
            since,
            anchor,
            anchor_y,
            x,
            xx,
            y: 0.0,
            xy,
            yy: 0.0,
        };
        for t in from..from + n {
            sums.exchange(t, 1.0);
        }
        sums
    }

    /// Moves the window on by one row.
    pub(super) fn step(&mut self) {
        self.since += 1;
        if self.since == self.n {
            *self = Self::start(self.response, self.factors, self.from + 1, self.n);
            return;
        }
        self.exchange(self.from, -1.0);
        self.exchange(self.from + self.n, 1.0);
        self.from += 1;
    }

    fn exchange(&mut self, t: usize, sign: f64) {
        let k = self.factors.len();
        let mut row = [0.0; MOST];
        for i in 0..k {
            row[i] = self.factors[i][t] - self.anchor[i];
        }
        let y = self.response[t] - self.anchor_y;
        self.y += sign * y;
        self.yy += sign * y * y;
        for i in 0..k {
            let signed = sign * row[i];
            self.x[i] += signed;
            self.xy[i] += signed * y;
            for j in 0..=i {
                self.xx[i][j] += signed * row[j];
            }
        }
    }

    pub(super) fn moments(&self) -> Moments {
        let (k, n) = (self.factors.len(), self.n as f64);
        let (mut q, mut c) = ([[0.0; MOST]; MOST], [0.0; MOST]);
        for i in 0..k {
            c[i] = self.xy[i] - self.x[i] * self.y / n;
            for j in 0..=i {
                q[i][j] = self.xx[i][j] - self.x[i] * self.x[j] / n;
                q[j][i] = q[i][j];
            }
        }
        Moments { k, n: self.n, q, c, s: self.yy - self.y * self.y / n }
    }
}
