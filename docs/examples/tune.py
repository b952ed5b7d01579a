"""Searches for good params over the HTTP API: pip install requests, then python tune.py [address of the server]."""

import sys

import requests

SERVER = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:5000"


def post(path, body):
    answer = requests.post(SERVER + path, json=body, timeout=30)
    if not answer.ok:
        raise SystemExit(answer.json()["error"]["message"])
    return answer.json()


post("/api/studies", {
    "name": "valley",
    "directions": ["minimize"],
    "space": {
        "x": {"kind": "float", "low": -5, "high": 5},
        "y": {"kind": "float", "low": 0.001, "high": 10, "log": True},
        "side": {"kind": "categorical", "choices": ["left", "right"]},
    },
    "sampler": {"name": "tpe", "seed": 1},
    "pruner": {"name": "median", "warmupSteps": 3},
    "experiment": "valley",
})


def loss(params, step):
    """Falls with every step towards what these params are worth."""
    worth = (params["x"] - 1) ** 2 + (params["y"] - 2) ** 2 + (0 if params["side"] == "right" else 1)
    return worth + 5 / step


def try_once():
    trial = post("/api/studies/valley/ask", {})
    path = f"/api/studies/valley/trials/{trial['number']}"
    for step in range(1, 11):
        value = loss(trial["params"], step)
        if post(f"{path}/reports", {"step": step, "value": value})["prune"]:
            return post(f"{path}/tell", {"state": "pruned"})
    return post(f"{path}/tell", {"values": [value]})


states = [try_once()["state"] for _ in range(60)]
study = requests.get(f"{SERVER}/api/studies/valley", timeout=30).json()
print(states.count("complete"), "complete,", states.count("pruned"), "pruned")
print("best:", study["best"][0]["values"], study["best"][0]["params"])
