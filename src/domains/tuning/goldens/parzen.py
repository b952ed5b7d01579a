"""Reference densities of Optuna's Parzen estimator, for parzen.test.ts.

    pip install optuna==5.0.0 scipy && python parzen.py > parzen.json
"""

import json
import math

import numpy as np
import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers._tpe.parzen_estimator import _ParzenEstimator, _ParzenEstimatorParameters
from optuna.samplers._tpe.sampler import default_weights
from scipy.stats import norm

CHOICES = ["a", "b", "c", "d"]
SPACE = {
    "plain": (FloatDistribution(-2.0, 3.0), {"kind": "float", "low": -2.0, "high": 3.0}),
    "rate": (FloatDistribution(1e-4, 1.0, log=True), {"kind": "float", "low": 1e-4, "high": 1.0, "log": True}),
    "grid": (FloatDistribution(0.0, 1.0, step=0.1), {"kind": "float", "low": 0.0, "high": 1.0, "step": 0.1}),
    "depth": (IntDistribution(2, 12), {"kind": "int", "low": 2, "high": 12}),
    "even": (IntDistribution(0, 20, step=2), {"kind": "int", "low": 0, "high": 20, "step": 2}),
    "leaves": (IntDistribution(1, 300, log=True), {"kind": "int", "low": 1, "high": 300, "log": True}),
    "kind": (CategoricalDistribution(CHOICES), {"kind": "categorical", "choices": CHOICES}),
}


def draw(name, rng):
    if name == "plain":
        return float(rng.uniform(-2, 3))
    if name == "rate":
        return float(np.exp(rng.uniform(math.log(1e-4), 0)))
    if name == "grid":
        return round(float(rng.integers(0, 11)) * 0.1, 10)
    if name == "depth":
        return int(rng.integers(2, 13))
    if name == "even":
        return int(rng.integers(0, 11)) * 2
    if name == "leaves":
        return int(np.clip(round(np.exp(rng.uniform(math.log(0.5), math.log(300.5)))), 1, 300))
    return int(rng.integers(0, 4))


def draw_distinct(name, count, rng):
    """Which of two equal observations gets which width is left to chance by NumPy's sort, so there are none."""
    values = []
    while len(values) < count:
        value = draw(name, rng)
        if name == "kind" or value not in values:
            values.append(value)
    return values


def case(names, count, prior_weight, rng):
    pick = draw_distinct if len(names) > 1 else (lambda name, n, rng: [draw(name, rng) for _ in range(n)])
    observed = {name: pick(name, count, rng) for name in names}
    points = {name: [draw(name, rng) for _ in range(8)] for name in names}
    parameters = _ParzenEstimatorParameters(prior_weight, True, False, default_weights, True)
    columns = {name: np.asarray(values) for name, values in observed.items()}
    estimator = _ParzenEstimator(columns, {name: SPACE[name][0] for name in names}, parameters)
    logs = estimator.log_pdf({name: np.asarray(values) for name, values in points.items()})
    shown = lambda name, values: [CHOICES[v] for v in values] if name == "kind" else values
    return {
        "space": {name: SPACE[name][1] for name in names},
        "priorWeight": prior_weight,
        "observations": {name: shown(name, values) for name, values in observed.items()},
        "points": {name: shown(name, values) for name, values in points.items()},
        "logDensities": [float(x) for x in logs],
    }


rng = np.random.default_rng(7)
# Beyond 25 observations the weights of equals differ by age, so there are none either.
cases = [case([name], count, 1.0, rng) for name in SPACE for count in (0, 1, 2, 9, 24)]
cases += [case(list(SPACE), count, weight, rng) for count in (0, 1, 10) for weight in (1.0, 0.3)]
cases += [case(["plain", "rate", "leaves", "kind"], 60, weight, rng) for weight in (1.0, 0.3)]
zs = [-40.0, -29.5, -12.0, -6.0, -3.1, -1.3, -0.9, -0.2, 0.0, 0.4, 1.1, 2.6, 7.5, 30.0]
pairs = [[a, b] for a, b in zip(zs, zs[1:])] + [[-30.0, 30.0], [-1e-9, 1e-9], [20.0, 20.001], [-0.5, 0.5]]


def between(a, b):
    import mpmath as mp

    mp.mp.dps = 800
    return float(mp.log(mp.erfc(-b / mp.sqrt(2)) / 2 - mp.erfc(-a / mp.sqrt(2)) / 2))


print(
    json.dumps(
        {
            "optuna": optuna.__version__,
            "logNormalCdf": [[z, float(norm.logcdf(z))] for z in zs],
            "logNormalBetween": [[a, b, between(a, b)] for a, b in pairs],
            "densities": cases,
        }
    )
)
