"""
Prints all that a server of MLflow's protocol keeps, as JSON, without what differs from server to server. What an
argument names (files, registry) is left out.
"""

import hashlib
import json
import math
import os
import sys
import tempfile

from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts
from mlflow.entities import ViewType

client = MlflowClient()
# Marks of what was imported or exported, and what only some of MLflow's stores note.
OTHER_TAGS = ("trimtab.", "mlflow.modelVersions")


def digests(folder):
    found = {}
    for below, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(below, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, folder)] = hashlib.sha256(file.read()).hexdigest()
    return found


def files_of_run(run_id):
    if "files" in sys.argv:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        if not client.list_artifacts(run_id):
            return {}
        return digests(client.download_artifacts(run_id, "", folder))


def files_of_model(model_id):
    if "files" in sys.argv:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        return digests(download_artifacts(artifact_uri=f"models:/{model_id}", dst_path=folder))


def told(value):
    """A value of a metric. MLflow's databases keep infinities as the greatest double."""
    return repr(math.copysign(math.inf, value) if abs(value) >= sys.float_info.max else value)


def tags_of(tags):
    return {key: value for key, value in tags.items() if not key.startswith(OTHER_TAGS)}


def run_facts(run, experiment, names):
    run_id = run.info.run_id
    parent = run.data.tags.get("mlflow.parentRunId")
    tags = tags_of(run.data.tags)
    if parent:
        tags["mlflow.parentRunId"] = names[parent]
    history = {}
    for key in run.data.metrics:
        points = client.get_metric_history(run_id, key)
        pairs = [[point.step, point.timestamp, told(point.value)] for point in points]
        history[key] = pairs if len(pairs) < 100 else [len(pairs), hashlib.sha256(json.dumps(pairs).encode()).hexdigest()]
    deleted = run.info.lifecycle_stage == "deleted" or experiment.lifecycle_stage == "deleted"
    return {
        "experiment": experiment.name,
        "status": run.info.status,
        "stage": run.info.lifecycle_stage,
        "start": run.info.start_time,
        "end": run.info.end_time,
        "params": run.data.params,
        "tags": tags,
        "latest": {key: told(value) for key, value in run.data.metrics.items()},
        "history": history,
        "datasets": [
            [used.dataset.to_dictionary(), {tag.key: tag.value for tag in used.tags}]
            for used in run.inputs.dataset_inputs
        ],
        "outputs": [output.step for output in run.outputs.model_outputs] if run.outputs else [],
        "files": {} if deleted else files_of_run(run_id),
    }


def logged_model_facts(model, names):
    return {
        "name": model.name,
        "type": model.model_type,
        "status": str(model.status),
        "run": names.get(model.source_run_id),
        "params": model.params,
        "tags": tags_of(model.tags),
        "metrics": [[m.key, m.value, m.step, m.timestamp, m.dataset_name, m.dataset_digest] for m in model.metrics],
        "files": files_of_model(model.model_id),
    }


def version_facts(version, names):
    return {
        "run": names.get(version.run_id),
        "description": version.description or "",
        "tags": tags_of(version.tags),
        "stage": version.current_stage,
        "status": version.status,
        "of a logged model": bool(version.model_id) or version.source.startswith("models:/"),
    }


def main():
    experiments = client.search_experiments(view_type=ViewType.ALL)
    runs = [
        (run, experiment)
        for experiment in experiments
        for run in client.search_runs([experiment.experiment_id], run_view_type=ViewType.ALL)
    ]
    names = {run.info.run_id: run.info.run_name for run, _ in runs}
    models = [model for one in experiments for model in client.search_logged_models([one.experiment_id])]
    with_registry = "registry" not in sys.argv
    registered = client.search_registered_models() if with_registry else []
    versions = client.search_model_versions() if with_registry else []
    return {
        "experiments": {
            one.name: {"stage": one.lifecycle_stage, "tags": tags_of(one.tags)}
            for one in experiments
        },
        "runs": {run.info.run_name: run_facts(run, experiment, names) for run, experiment in runs},
        "logged models": [logged_model_facts(model, names) for model in models],
        "registered": {
            one.name: {"description": one.description or "", "tags": tags_of(one.tags), "aliases": {alias: str(version) for alias, version in one.aliases.items()}}
            for one in registered
        },
        "versions": {f"{one.name}/{one.version}": version_facts(one, names) for one in versions},
    }


json.dump(main(), sys.stdout, indent=1, sort_keys=True)
