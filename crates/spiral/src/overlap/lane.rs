//! A vector of paths that adds and multiplies like a number.

#![allow(clippy::inline_always, reason = "compiled with the vector instructions of the caller")]

use std::ops::{Add, Div, Mul, Sub};

use pulp::Simd;

/// As many paths as a vector register holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lane<S: Simd>(pub(super) S, pub(super) S::f64s);

macro_rules! operator {
    ($trait:ident, $method:ident, $vector:ident) => {
        impl<S: Simd> $trait for Lane<S> {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self(self.0, self.0.$vector(self.1, other.1))
            }
        }

        impl<S: Simd> $trait<f64> for Lane<S> {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: f64) -> Self {
                Self(self.0, self.0.$vector(self.1, self.0.splat_f64s(other)))
            }
        }

        impl<S: Simd> $trait<Lane<S>> for f64 {
            type Output = Lane<S>;

            #[inline(always)]
            fn $method(self, other: Lane<S>) -> Lane<S> {
                Lane(other.0, other.0.$vector(other.0.splat_f64s(self), other.1))
            }
        }
    };
}

operator!(Add, add, add_f64s);
operator!(Sub, sub, sub_f64s);
operator!(Mul, mul, mul_f64s);
operator!(Div, div, div_f64s);

impl<S: Simd> Lane<S> {
    #[inline(always)]
    pub(super) fn of(simd: S, x: f64) -> Self {
        Self(simd, simd.splat_f64s(x))
    }

    #[inline(always)]
    pub(super) fn max(self, other: f64) -> Self {
        Self(self.0, self.0.max_f64s(self.1, self.0.splat_f64s(other)))
    }

    #[inline(always)]
    pub(super) fn min(self, other: f64) -> Self {
        Self(self.0, self.0.min_f64s(self.1, self.0.splat_f64s(other)))
    }

    /// Lanes above `other`; false for NaN.
    #[inline(always)]
    pub(super) fn above(self, other: Self) -> Mask<S> {
        Mask(self.0, self.0.less_than_f64s(other.1, self.1))
    }
}

/// A yes or no a path.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mask<S: Simd>(S, S::m64s);

impl<S: Simd> Mask<S> {
    #[inline(always)]
    pub(super) fn choose(self, yes: Lane<S>, no: Lane<S>) -> Lane<S> {
        Lane(self.0, self.0.select_f64s(self.1, yes.1, no.1))
    }
}
