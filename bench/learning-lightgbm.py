"""The LightGBM side of learning-lightgbm.ts: reads one JSON request a line, answers with one JSON object a line."""

import json
import sys
import time

import lightgbm
import numpy
from sklearn import datasets


def read(file, rows):
    """A matrix that lies column by column in a file of float32."""
    return numpy.fromfile(file, numpy.float32).reshape(-1, rows).T.copy()


def train(request):
    x = read(request["train"], request["trainRows"])
    y = numpy.fromfile(request["trainLabels"], numpy.float64)
    test = read(request["test"], request["testRows"])
    params = dict(request["params"], verbose=-1, num_threads=1, deterministic=True)
    wall, cpu = time.perf_counter(), time.process_time()
    categories = request.get("categories") or "auto"
    data = lightgbm.Dataset(x, y, params=params, categorical_feature=categories)
    booster = lightgbm.train(params, data, request["iterations"])
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    booster.predict(test).astype(numpy.float64).tofile(request["predictions"])
    return {"wallS": wall, "cpuS": cpu}


def dataset(request):
    """Writes a data set that scikit-learn ships as float32 columns and float64 targets."""
    loaded = getattr(datasets, "load_" + request["name"])()
    loaded.data.astype(numpy.float32).T.tofile(request["values"])
    loaded.target.astype(numpy.float64).tofile(request["targets"])
    return {"rows": loaded.data.shape[0], "features": loaded.data.shape[1]}


for line in sys.stdin:
    request = json.loads(line)
    answer = {"train": train, "dataset": dataset}[request["do"]](request)
    print(json.dumps(answer), flush=True)
