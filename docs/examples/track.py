"""Tracks a run over the HTTP API: pip install requests, then python track.py [address of the server]."""

import math
import sys

import requests

SERVER = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:5000"


def call(method, path, **options):
    answer = requests.request(method, SERVER + path, timeout=30, **options)
    if not answer.ok:
        # Every refusal says what is wrong and what to do next.
        raise SystemExit(answer.json()["error"]["message"])
    return answer.json() if answer.content else None


call("POST", "/api/experiments", json={"name": "python"})
run = call("POST", "/api/runs", json={
    "experiment": "python",
    "params": [{"key": "depth", "value": 6}, {"key": "rate", "value": 0.1}],
    "tags": {"stage": "trial"},
})["id"]
points = [{"key": "loss", "value": math.exp(-step / 20), "step": step} for step in range(100)]
call("POST", f"/api/runs/{run}/log", json={"metrics": points})
call("PUT", f"/api/runs/{run}/artifacts/notes.txt", data=b"It went well.",
     headers={"content-type": "application/octet-stream"})
call("PATCH", f"/api/runs/{run}", json={"status": "finished"})

found = call("POST", "/api/runs/search", json={
    "experiments": ["python"], "filter": "metrics.loss < 0.01", "orderBy": ["metrics.loss asc"],
})
for best in found["runs"]:
    print(best["id"], best["params"], {metric["key"]: round(metric["value"], 4) for metric in best["metrics"]})
