"""Writes learning.json: what LightGBM and scikit-learn make of 600 rows. Needs `pip install lightgbm scikit-learn`; format
the file afterwards with `npx biome check --write`."""

import json
from pathlib import Path

import lightgbm
import numpy
import sklearn
from sklearn import linear_model, metrics, preprocessing

ROWS = 600
random = numpy.random.default_rng(7)
numbers = random.integers(0, 40, ROWS).astype(float)
missing = random.integers(0, 10, ROWS).astype(float)
missing[random.random(ROWS) < 0.15] = numpy.nan
category = random.integers(0, 12, ROWS).astype(float)
noise = random.integers(0, 100, ROWS).astype(float)
x = numpy.column_stack([numbers, missing, category, noise])
score = numbers / 10 - 2 + numpy.where(numpy.isnan(missing), 1.5, missing / 10) + numpy.isin(category, [1, 4, 7, 8]) * 1.2
value = numpy.round(score * 10 + random.normal(0, 5, ROWS), 3)
binary = (random.random(ROWS) < 1 / (1 + numpy.exp(-score))).astype(float)

SHARED = dict(
    num_leaves=8, min_data_in_leaf=20, min_data_in_bin=1, learning_rate=0.1, max_bin=255, enable_bundle=False,
    feature_pre_filter=False, num_threads=1, deterministic=True, verbose=-1, min_data_per_group=10, lambda_l2=0.5,
    lambda_l1=0.1,
)
# How many rows a bin holds is estimated from hessians, with other rounding here and there: bind by hessians instead.
BY_HESSIAN = dict(min_data_in_leaf=1, min_sum_hessian_in_leaf=5, min_data_per_group=1)


def boosted(columns, target, categories, **params):
    data = lightgbm.Dataset(columns, target, params={**SHARED, **params}, categorical_feature=categories)
    return lightgbm.train({**SHARED, **params}, data, 30).predict(columns).tolist()


complete = x[:, [0, 3]]
scaled = preprocessing.StandardScaler().fit_transform(complete)
logistic = linear_model.LogisticRegression(C=0.5, tol=1e-12, max_iter=1000).fit(scaled, binary)
ridge = linear_model.Ridge(alpha=2).fit(scaled, value)
probability = numpy.round(1 / (1 + numpy.exp(-score + random.normal(0, 0.7, ROWS))), 4)
predicted = numpy.round(value + random.normal(0, 8, ROWS), 3)

golden = {
    "versions": {"lightgbm": lightgbm.__version__, "scikit-learn": sklearn.__version__},
    "columns": [[None if numpy.isnan(v) else v for v in column] for column in x.T.tolist()],
    "value": value.tolist(),
    "binary": binary.tolist(),
    "lightgbm": {
        "regression on numbers": boosted(x[:, [0, 1, 3]], value, [], objective="regression"),
        "binary on numbers": boosted(x[:, [0, 1, 3]], binary, [], objective="binary", **BY_HESSIAN),
        "regression with categories": boosted(x, value, [2], objective="regression"),
        "binary with categories": boosted(x, binary, [2], objective="binary", **BY_HESSIAN),
        "regression, few categories": boosted(
            numpy.column_stack([x[:, :2], x[:, 2] % 3, x[:, 3]]), value, [2], objective="regression"
        ),
        "regression, depth 3": boosted(x[:, [0, 1, 3]], value, [], objective="regression", max_depth=3),
    },
    "logistic": logistic.predict_proba(scaled)[:, 1].tolist(),
    "ridge": ridge.predict(scaled).tolist(),
    "probability": probability.tolist(),
    "predicted": predicted.tolist(),
    "metrics": {
        "auc": metrics.roc_auc_score(binary, probability),
        "logLoss": metrics.log_loss(binary, probability),
        "brier": metrics.brier_score_loss(binary, probability),
        "accuracy": metrics.accuracy_score(binary, probability > 0.5),
        "rmse": metrics.root_mean_squared_error(value, predicted),
        "mae": metrics.mean_absolute_error(value, predicted),
        "r2": metrics.r2_score(value, predicted),
    },
}
Path(__file__).with_name("learning.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
