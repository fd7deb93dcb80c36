"""Fits the coefficients of src/option/mills.rs (mpmath 1.4.1) and prints them, constant term first."""

import mpmath as mp

mp.mp.dps = 60
LEAST, CENTRE = mp.mpf("-0.45"), mp.mpf(5)


def ratio(z):
    return mp.sqrt(mp.pi / 2) * mp.exp(z * z / 2) * mp.erfc(-z / mp.sqrt(2))


def slope(z):
    with mp.workdps(120):
        return 1 + z * ratio(z)


def y_of(v):
    """v in [-1, 1) is 1 - 2 (LEAST + CENTRE)/(y + CENTRE)."""
    return 2 * (LEAST + CENTRE) / (1 - v) - CENTRE


def fit(function, degree):
    n = degree + 60
    nodes = [mp.cos(mp.pi * (k + mp.mpf(1) / 2) / n) for k in range(n)]
    values = [function(y_of(v)) for v in nodes]
    chebyshev = [
        2 / mp.mpf(n) * sum(f * mp.cos(mp.pi * j * (k + mp.mpf(1) / 2) / n) for k, f in enumerate(values))
        for j in range(degree + 1)
    ]
    chebyshev[0] /= 2
    before, now = [mp.mpf(1)], [mp.mpf(0), mp.mpf(1)]
    powers = [mp.mpf(0)] * (degree + 1)
    for j, weight in enumerate(chebyshev):
        polynomial = before if j == 0 else now
        for i, x in enumerate(polynomial):
            powers[i] += weight * x
        if j > 0:
            after = [mp.mpf(0)] + [2 * x for x in now]
            for i, x in enumerate(before):
                after[i] -= x
            before, now = now, after
    return powers


for name, function, degree in (
    ("RATIO", lambda y: (y + mp.mpf("0.8")) * ratio(-y), 25),
    ("SLOPE", lambda y: (y + 1) ** 2 * slope(-y), 28),
):
    print(name)
    for x in fit(function, degree):
        print("   ", repr(float(x)))
