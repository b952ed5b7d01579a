"""
Makes something of everything that MLflow keeps, with its own client, for imports to take over. The argument is how many
points the longest metric gets, in thousands.
"""

import math
import os
import sys
import tempfile

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, LoggedModelOutput, Metric, Param, RunTag
from mlflow.utils.mlflow_tags import MLFLOW_DATASET_CONTEXT

client = MlflowClient()
LONG = 1000 * int(sys.argv[1])


def files(run_id):
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(f"{folder}/plots/deep")
        for path, content in [
            ("notes.txt", "plain".encode()),
            ("plots/deep/a b.bin", bytes(range(256)) * 300),
            ("plots/empty", b""),
        ]:
            with open(f"{folder}/{path}", "wb") as file:
                file.write(content)
        client.log_artifacts(run_id, folder)


def experiments():
    flights = client.create_experiment("flights", tags={"team": "air", "mlflow.note.content": "of *delays*"})
    gone = client.create_experiment("gone")
    run = client.create_run(gone, start_time=5_000, run_name="went with it")
    client.log_metric(run.info.run_id, "m", 1.0, timestamp=1, step=1)
    client.set_terminated(run.info.run_id, end_time=6_000)
    client.delete_experiment(gone)
    return flights


def full_run(experiment):
    run_id = client.create_run(
        experiment, start_time=1_000, run_name="full", tags={"mlflow.user": "ann", "mlflow.source.name": "train.py"}
    ).info.run_id
    client.log_batch(
        run_id,
        params=[Param("depth", "6"), Param("opt/rate", "0.1"), Param("text", "ü" * 60)],
        tags=[RunTag("stage", "trial"), RunTag("mlflow.note.content", "a run"), RunTag("empty", "")],
    )
    values = [(0.5, 10, 0), (0.25, 20, 1), (0.25, 21, 1), (math.nan, 30, 2), (math.inf, 40, 3), (-math.inf, 50, 4)]
    client.log_batch(run_id, metrics=[Metric("loss", value, at, step) for value, at, step in values])
    client.log_batch(run_id, metrics=[Metric("val/loss", 1e-300, 7, -3), Metric("val/loss", -1e300, 8, 2**40)])
    data = Dataset("flights", "0a1b", "http", '{"url": "http://x"}', '{"mlflow_colspec": []}', '{"num_rows": 2}')
    client.log_inputs(run_id, [DatasetInput(data, [InputTag(MLFLOW_DATASET_CONTEXT, "training")])])
    files(run_id)
    client.set_terminated(run_id, end_time=2_000)
    return run_id


def other_runs(experiment, parent):
    child = client.create_run(experiment, start_time=3_000, run_name="child", tags={"mlflow.parentRunId": parent})
    client.set_terminated(child.info.run_id, "FAILED", end_time=3_500)
    client.create_run(experiment, start_time=4_000, run_name="still runs")
    deleted = client.create_run(experiment, start_time=4_500, run_name="deleted").info.run_id
    client.log_batch(deleted, metrics=[Metric("m", 2.0, 1, 1)], params=[Param("p", "q")])
    client.delete_run(deleted)
    long = client.create_run(experiment, start_time=5_000, run_name="long").info.run_id
    for start in range(0, LONG, 1000):
        client.log_batch(long, metrics=[Metric("m", at / 3, 1_000 + at, at) for at in range(start, start + 1000)])
    client.set_terminated(long, "KILLED", end_time=9_000)


def models(experiment, run_id):
    model = client.create_logged_model(
        experiment, name="trees", source_run_id=run_id, tags={"kind": "gbdt"}, params={"n": "5"}, model_type="boosted"
    )
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(f"{folder}/data")
        for path in ["MLmodel", "data/trees.bin"]:
            with open(f"{folder}/{path}", "w") as file:
                file.write(path)
        client.log_model_artifacts(model.model_id, folder)
    client.finalize_logged_model(model.model_id, "READY")
    client.log_outputs(run_id, [LoggedModelOutput(model.model_id, 3)])
    client.log_metric(
        run_id, "auc", 0.9, timestamp=60, step=0, model_id=model.model_id, dataset_name="flights", dataset_digest="0a1b"
    )
    return model.model_id


def registry(run_id, model_id):
    client.create_registered_model("delays", tags={"team": "air"}, description="of flights")
    source = client.get_run(run_id).info.artifact_uri
    client.create_model_version("delays", f"{source}/model", run_id, tags={"checked": "yes"}, description="first")
    client.create_model_version("delays", f"{source}/plots")
    client.create_model_version("delays", f"models:/{model_id}", run_id, model_id=model_id)
    client.delete_model_version("delays", "2")
    client.set_registered_model_alias("delays", "champion", "3")
    client.set_registered_model_alias("delays", "first", "1")
    client.transition_model_version_stage("delays", "1", "Staging")
    client.create_registered_model("without versions")


flights = experiments()
full = full_run(flights)
model = models(flights, full)
other_runs(flights, full)
registry(full, model)
assert mlflow.__version__
