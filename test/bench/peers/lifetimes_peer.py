"""What the Python package lifetimes needs for the work that the benchmarks give to the project's models.

Log-likelihoods are computed here from the papers' formulas at the parameters that lifetimes found, and share no code with either of them.
Run: lifetimes_peer.py fit MODEL FILE RUNS
     lifetimes_peer.py forecast FILE SECONDS PARAMETERS      with PARAMETERS the JSON of r, alpha, a, b (MBG/NBD) and p, q, v
FILE is CSV: x,tx,T,m. The last line printed is the result, JSON.
"""

import json
import statistics
import sys
import time
import warnings

import numpy as np
import pandas as pd
from lifetimes import BetaGeoFitter, GammaGammaFitter, ModifiedBetaGeoFitter, ParetoNBDFitter
from scipy.special import betaln, gammaln, hyp2f1

FITTERS = {"BG/NBD": BetaGeoFitter, "MBG/NBD": ModifiedBetaGeoFitter, "Pareto/NBD": ParetoNBDFitter, "Gamma-Gamma": GammaGammaFitter}
SEED = 1


def read(path):
    table = pd.read_csv(path, float_precision="round_trip")
    return tuple(table[name].to_numpy(dtype=float) for name in ("x", "tx", "T", "m"))


# Log-likelihoods: Fader, Hardie & Lee 2005; Batislam et al. 2007; Schmittlein et al. 1987 as in Fader & Hardie's note; Fader & Hardie 2013.

def bg_log_likelihood(x, tx, T, m, r, alpha, a, b):
    left = np.where(x > 0, np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + tx), -np.inf)
    both = np.logaddexp(-(r + x) * np.log(alpha + T), left)
    return gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x) - betaln(a, b) + both


def mbg_log_likelihood(x, tx, T, m, r, alpha, a, b):
    left = np.log(a) - np.log(b + x) - (r + x) * np.log(alpha + tx)
    both = np.logaddexp(-(r + x) * np.log(alpha + T), left)
    return gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x + 1) - betaln(a, b) + both


def pareto_log_likelihood(x, tx, T, m, r, alpha, s, beta):
    most, least, second = (alpha, beta, s + 1) if alpha >= beta else (beta, alpha, r + x)
    power = r + s + x

    def integral(y):
        return hyp2f1(power, second, power + 1, (most - least) / (most + y)) * (most + y) ** -power

    a0 = integral(tx) - integral(T)
    both = np.logaddexp(-(r + x) * np.log(alpha + T) - s * np.log(beta + T), np.log(s) - np.log(power) + np.log(a0))
    return gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta) + both


def gamma_gamma_log_likelihood(x, tx, T, m, p, q, v):
    buys = (x > 0) & (m > 0)
    x, m = x[buys], m[buys]
    return (
        gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(v)
        + (p * x - 1) * np.log(m) + p * x * np.log(x) - (p * x + q) * np.log(x * m + v)
    )


LOG_LIKELIHOODS = {
    "BG/NBD": bg_log_likelihood,
    "MBG/NBD": mbg_log_likelihood,
    "Pareto/NBD": pareto_log_likelihood,
    "Gamma-Gamma": gamma_gamma_log_likelihood,
}


def timing(run):
    cpu, wall = time.process_time(), time.perf_counter()
    result = run()
    return {"wallMs": (time.perf_counter() - wall) * 1e3, "cpuMs": (time.process_time() - cpu) * 1e3}, result


def fit(model, path, runs):
    x, tx, T, m = read(path)
    buys = (x > 0) & (m > 0)
    data = (x[buys], m[buys]) if model == "Gamma-Gamma" else (x, tx, T)

    def once():
        # Pareto/NBD starts at a random place.
        np.random.seed(SEED)
        return FITTERS[model]().fit(*data)

    timings = []
    for _ in range(int(runs)):
        took, fitted = timing(once)
        timings.append(took)
    parameters = {name: float(value) for name, value in fitted.params_.items()}
    log_likelihood = float(LOG_LIKELIHOODS[model](x, tx, T, m, **parameters).sum())
    return {"timings": timings, "parameters": parameters, "logLikelihood": log_likelihood}


def with_parameters(fitter, **parameters):
    fitter.params_ = pd.Series(parameters)
    fitter.predict = getattr(fitter, "conditional_expected_number_of_purchases_up_to_time", None)
    return fitter


HORIZON = 52
SILENCE = 12
DISCOUNT = 1.1 ** (7 / 365)


def forecast(path, seconds, parameters):
    """All customers at once; a round is repeated for so long, and the median counts."""
    given = json.loads(parameters)
    r, alpha = given["r"], given["alpha"]
    x, tx, T, m = read(path)
    model = with_parameters(ModifiedBetaGeoFitter(), **{name: given[name] for name in ("r", "alpha", "a", "b")})
    spend = with_parameters(GammaGammaFitter(), **{name: given[name] for name in ("p", "q", "v")})

    def standing():
        alive = model.conditional_probability_alive(x, tx, T)
        silence = 1 - alive * (1 - ((alpha + T) / (alpha + T + SILENCE)) ** (r + x))
        return alive, silence, model.predict(HORIZON, x, tx, T)

    def weekly_value():
        before, value = 0.0, 0.0
        for week in range(1, HORIZON + 1):
            until = model.predict(week, x, tx, T)
            value = value + (until - before) / DISCOUNT**week
            before = until
        return value * spend.conditional_expected_average_profit(x, m)

    frequency, recency, age, mean = pd.Series(x), pd.Series(tx), pd.Series(T), pd.Series(m)

    def monthly_value():
        return spend.customer_lifetime_value(model, frequency, recency, age, mean, time=12, discount_rate=0.01, freq="W")

    def us_each(run):
        rounds, until = [], time.perf_counter() + float(seconds)
        while time.perf_counter() < until or len(rounds) < 3:
            rounds.append(timing(run)[0]["wallMs"])
        return 1e3 * statistics.median(rounds) / len(x)

    return {
        "standingUs": us_each(standing),
        "weeklyValueUs": us_each(weekly_value),
        "monthlyValueUs": us_each(monthly_value),
        "values": [float(value) for value in weekly_value()],
    }


def main(command, *words):
    warnings.filterwarnings("ignore")
    print(json.dumps({"fit": fit, "forecast": forecast}[command](*words)))


main(*sys.argv[1:])
