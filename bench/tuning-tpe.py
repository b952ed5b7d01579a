"""Optuna's side of tuning-tpe.ts: prints { problem: [best value of each seed] } as JSON.

    pip install optuna==5.0.0 && python bench/tuning-tpe.py univariate|multivariate <seeds> <trials>
"""

import json
import math
import sys
import time

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)
mode, seeds, trials = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def sphere(t):
    return sum((t.suggest_float(f"x{i}", -5, 5) - 0.7 * i + 1) ** 2 for i in range(5))


def branin(t):
    x, y = t.suggest_float("x", -5, 10), t.suggest_float("y", 0, 15)
    curve = y - 5.1 * x * x / (4 * math.pi**2) + 5 * x / math.pi - 6
    return curve**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10 - 0.397887


def rosenbrock(t):
    x, y = t.suggest_float("x", -2, 2), t.suggest_float("y", -1, 3)
    return 100 * (y - x * x) ** 2 + (1 - x) ** 2


def mixed(t):
    penalty = {"gbdt": 0, "forest": 1, "linear": 2, "nearest": 4, "naive": 8}
    kind = penalty[t.suggest_categorical("kind", list(penalty))]
    rate = (math.log10(t.suggest_float("rate", 1e-5, 1, log=True)) + 2) ** 2
    depth = ((t.suggest_int("depth", 1, 16) - 6) / 4) ** 2
    leaves = (math.log2(t.suggest_int("leaves", 2, 512, log=True)) - 5) ** 2 / 4
    return kind + rate + depth + leaves + 4 * (t.suggest_float("share", 0.1, 1, step=0.05) - 0.8) ** 2


results = {}
started = time.process_time()
for problem in (sphere, branin, rosenbrock, mixed):
    bests = []
    for seed in range(seeds):
        sampler = optuna.samplers.TPESampler(seed=seed, multivariate=mode == "multivariate", constant_liar=False)
        study = optuna.create_study(sampler=sampler)
        study.optimize(problem, n_trials=trials)
        bests.append(study.best_value)
    results[problem.__name__] = bests
print(json.dumps({"bests": results, "cpuSeconds": time.process_time() - started}))
