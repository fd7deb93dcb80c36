"""Makes hard.csv and quantlib.csv, the fixtures of option_hard.rs.

    python3 -m venv v && v/bin/pip install mpmath==1.4.1 QuantLib==1.44 numpy==2.4.6
    v/bin/python make.py                  # hard.csv and 1,000 rows of quantlib.csv
    v/bin/python make.py 100000 FILE      # as many rows as wanted, elsewhere

hard.csv: 1,000 options on the edges, answers from 60 digits. The price is rounded to a double first; the implied
volatility is that of the rounded price, so that an ideal solver finds its last bit.
quantlib.csv: options of an ordinary chain, price and greeks by QuantLib's BlackCalculator and the price by mpmath.
"""

import sys

import mpmath as mp
import numpy as np

mp.mp.dps = 60


def normal(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2


def density(x):
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def black(flag, forward, strike, years, volatility):
    """Undiscounted price, delta, gamma, vega, theta; all mpf."""
    s = volatility * mp.sqrt(years)
    d1 = mp.log(forward / strike) / s + s / 2
    price = flag * (forward * normal(flag * d1) - strike * normal(flag * (d1 - s)))
    return (
        price,
        flag * normal(flag * d1),
        density(d1) / (forward * s),
        forward * density(d1) * mp.sqrt(years),
        -forward * density(d1) * volatility / (2 * mp.sqrt(years)),
    )


def implied(flag, price, forward, strike, years, guess):
    """Newton on the logarithm of the time value, from the true volatility."""
    intrinsic = max(mp.mpf(0), flag * (forward - strike))
    target, x = mp.log(price - intrinsic), guess
    for _ in range(60):
        value, _, _, vega, _ = black(flag, forward, strike, years, x)
        step = (mp.log(value - intrinsic) - target) * (value - intrinsic) / vega
        x -= step
        if abs(step) < mp.mpf(10) ** -45 * x:
            return x
    raise ArithmeticError("no volatility")


def hard_options(rng):
    def out(strike):
        return 1 if strike >= 5000.0 else -1

    for _ in range(250):
        years = np.exp(rng.uniform(np.log(7 / 365), 0))
        volatility = rng.uniform(0.1, 0.8)
        strike = 5000 * np.exp(rng.uniform(6, 20) * rng.choice([-1, 1]) * volatility * np.sqrt(years))
        yield "deep_otm", out(strike), strike, years, volatility
    for _ in range(250):
        years = np.exp(rng.uniform(np.log(1 / (365 * 24 * 12)), np.log(1 / 365)))
        volatility = rng.uniform(0.05, 1.5)
        strike = 5000 * np.exp(rng.uniform(-6, 6) * volatility * np.sqrt(years))
        yield "short", out(strike), strike, years, volatility
    for i in range(250):
        years = rng.uniform(0.01, 1)
        volatility = np.exp(rng.uniform(np.log(1e-3), np.log(0.3)))
        strike = 5000.0
        if i % 5 > 0:
            strike = 5000 * (1 + rng.choice([-1, 1]) * np.exp(rng.uniform(np.log(1e-9), np.log(1e-6))))
        yield "atm", out(strike), strike, years, volatility
    for i in range(250):
        if i % 2:
            years, volatility = rng.uniform(0.05, 1), rng.uniform(0.1, 0.6)
            deviations, flag = rng.uniform(0.5, 3.0), int(rng.choice([-1, 1]))
            strike = 5000 * np.exp(-flag * deviations * volatility * np.sqrt(years))
            yield "itm", flag, strike, years, volatility
        else:
            years, volatility = rng.uniform(1, 5), rng.uniform(0.8, 2.5)
            strike = 5000 * np.exp(rng.uniform(-2, 2))
            yield "high_vol", out(strike), strike, years, volatility


def write_hard(path):
    with open(path, "w") as file:
        file.write("kind,flag,forward,strike,years,volatility,price,delta,gamma,vega,theta,rho,implied_volatility,condition\n")
        for kind, flag, *terms in hard_options(np.random.default_rng(1000)):
            strike, years, volatility = (float(x) for x in terms)
            exact = [mp.mpf(x) for x in (5000.0, strike, years, volatility)]
            price, delta, gamma, vega, theta = black(flag, *exact)
            rounded = float(price)
            found = implied(flag, mp.mpf(rounded), *exact)
            row = [5000.0, strike, years, volatility, rounded, delta, gamma, vega, theta, -exact[2] * price, found]
            row.append(mp.mpf(rounded) / (vega * exact[3]))
            file.write(",".join([kind, str(flag)] + [repr(float(x)) for x in row]) + "\n")


def write_quantlib(path, n):
    import QuantLib as ql

    rng = np.random.default_rng(76)
    with open(path, "w") as file:
        file.write("flag,forward,strike,years,rate,volatility,price,delta,gamma,vega,theta,rho,price_exact\n")
        for _ in range(n):
            forward = float(rng.uniform(2000, 8000))
            years = float(np.exp(rng.uniform(np.log(1 / 365), np.log(2.0))))
            volatility = float(np.clip(np.exp(rng.normal(np.log(0.25), 0.5)), 0.05, 2.0))
            strike = float(forward * np.exp(rng.normal(0, 1.5) * volatility * np.sqrt(years)))
            rate, flag = float(rng.uniform(0, 0.05)), int(rng.choice([-1, 1]))
            kind = ql.Option.Call if flag == 1 else ql.Option.Put
            discount = float(np.exp(-rate * years))
            calculator = ql.BlackCalculator(
                ql.PlainVanillaPayoff(kind, strike), forward, volatility * np.sqrt(years), discount
            )
            price = calculator.value()
            vega = calculator.vega(years)
            exact = black(flag, *(mp.mpf(x) for x in (forward, strike, years, volatility)))[0]
            row = [
                forward, strike, years, rate, volatility, price, calculator.deltaForward(), calculator.gammaForward(),
                vega, rate * price - 0.5 * vega * volatility / years, -years * price,
                exact * mp.exp(-mp.mpf(rate) * mp.mpf(years)),
            ]
            file.write(",".join([str(flag)] + [repr(float(x)) for x in row]) + "\n")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        write_quantlib(sys.argv[2], int(sys.argv[1]))
    else:
        write_hard("hard.csv")
        write_quantlib("quantlib.csv", 1_000)
