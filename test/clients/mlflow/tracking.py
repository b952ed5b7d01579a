"""Experiments, runs and their files, with MLflow's own client and nothing else."""

import json
import math
import time

import mlflow
import numpy as np
import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag, ViewType
from steps import raises, run_all, step

client = MlflowClient()
known = {}


@step
def set_experiment():
    experiment = mlflow.set_experiment("flights")
    again = mlflow.set_experiment("flights")
    assert experiment.experiment_id == again.experiment_id
    assert experiment.lifecycle_stage == "active"
    assert client.get_experiment_by_name("no such") is None
    assert client.get_experiment("0").name == "Default"
    raises("RESOURCE_ALREADY_EXISTS", lambda: client.create_experiment("flights"))
    known["experiment"] = experiment.experiment_id


@step
def start_run_and_log():
    with mlflow.start_run(run_name="first", description="a *note*") as run:
        mlflow.log_param("depth", 6)
        mlflow.log_params({"rate": 0.1, "kind": "gbdt"})
        mlflow.log_metric("auc", 0.7, step=1)
        mlflow.log_metrics({"auc": 0.72, "loss": 0.5}, step=2)
        mlflow.set_tag("stage", "trial")
        mlflow.set_tags({"team": "air", "n": 3})
        raises("INVALID_PARAMETER_VALUE", lambda: mlflow.log_param("depth", 7))
    known["run"] = run.info.run_id
    stored = client.get_run(run.info.run_id)
    assert stored.info.status == "FINISHED" and stored.info.end_time >= stored.info.start_time
    assert stored.data.params == {"depth": "6", "rate": "0.1", "kind": "gbdt"}
    assert stored.data.metrics == {"auc": 0.72, "loss": 0.5}
    assert stored.data.tags["team"] == "air" and stored.data.tags["n"] == "3"
    assert stored.data.tags["mlflow.runName"] == "first" == stored.info.run_name
    assert stored.data.tags["mlflow.note.content"] == "a *note*"


@step
def failed_run():
    try:
        with mlflow.start_run() as run:
            raise ValueError("on purpose")
    except ValueError:
        pass
    assert client.get_run(run.info.run_id).info.status == "FAILED"


@step
def batch_and_special_values():
    run = client.create_run(known["experiment"], run_name="batch")
    run_id = run.info.run_id
    metrics = [Metric("m", i * 0.5, 1000 + i, i) for i in range(1000)]
    client.log_batch(run_id, metrics=metrics)
    client.log_batch(run_id, metrics=metrics[:10])
    client.log_batch(run_id, params=[Param("a", "1")], tags=[RunTag("b", "2")])
    client.log_metric(run_id, "nan", math.nan)
    client.log_metric(run_id, "inf", math.inf)
    client.log_metric(run_id, "late", 5.0, timestamp=50, step=5)
    client.log_metric(run_id, "late", 4.0, timestamp=99, step=4)
    data = client.get_run(run_id).data
    assert math.isnan(data.metrics["nan"]) and data.metrics["inf"] >= 1.79e308
    assert data.metrics["late"] == 5.0, "the greatest step is the latest, not what was written last"
    history = client.get_metric_history(run_id, "m")
    assert [point.step for point in history] == list(range(1000))
    assert history[-1].value == 499.5
    raises("INVALID_PARAMETER_VALUE", lambda: client.log_batch(run_id, params=[Param("a", "other")]))
    raises("INVALID_PARAMETER_VALUE", lambda: client.log_metric(run_id, "../up", 1.0))
    client.log_param(run_id, "long", "x" * 7000)
    assert len(client.get_run(run_id).data.params["long"]) == 6000
    client.delete_tag(run_id, "b")
    raises("RESOURCE_DOES_NOT_EXIST", lambda: client.delete_tag(run_id, "b"))
    client.set_terminated(run_id)


@step
def inputs():
    frame = pd.DataFrame({"x": [1.0, 2.0], "y": [0, 1]})
    data = mlflow.data.from_pandas(frame, source="s3://bucket/frame.parquet", name="frame", targets="y")
    with mlflow.start_run(run_name="inputs") as run:
        mlflow.log_input(data, context="training", tags={"part": "one"})
        mlflow.log_input(data, context="training")
    (logged,) = client.get_run(run.info.run_id).inputs.dataset_inputs
    assert logged.dataset.name == "frame" and logged.dataset.digest == data.digest
    assert {tag.key: tag.value for tag in logged.tags}["mlflow.data.context"] == "training"
    assert json.loads(logged.dataset.schema)["mlflow_colspec"]
    found = mlflow.search_runs(filter_string="dataset.name = 'frame'", output_format="list")
    assert [one.info.run_id for one in found] == [run.info.run_id]


@step
def nested_runs():
    with mlflow.start_run(run_name="parent") as parent:
        for _ in range(2):
            with mlflow.start_run(nested=True):
                mlflow.log_metric("score", 1.0)
    children = mlflow.search_runs(
        filter_string=f"tags.mlflow.parentRunId = '{parent.info.run_id}'", output_format="list"
    )
    assert len(children) == 2
    assert mlflow.get_parent_run(children[0].info.run_id).info.run_id == parent.info.run_id


@step
def search_runs():
    experiment = client.create_experiment("search")
    ids = {}
    for name, score, kind in [("a", 0.1, "x"), ("b", 0.9, "y"), ("c", math.nan, "x"), ("d", None, "y")]:
        run = client.create_run(experiment, run_name=name, start_time=1000 + len(ids))
        ids[name] = run.info.run_id
        client.log_param(run.info.run_id, "kind", kind)
        if score is not None:
            client.log_metric(run.info.run_id, "score", score)
    client.set_tag(ids["a"], "note.with-dash", "It is")

    def names(filter_string="", order_by=(), **more):
        found = client.search_runs([experiment], filter_string, order_by=list(order_by), **more)
        return "".join(run.info.run_name for run in found)

    assert names() == "dcba"
    assert names("metrics.score > 0.5") == "b"
    assert names("params.kind = 'x' and metrics.score < 1") == "a"
    assert names("tags.`note.with-dash` LIKE 'It%'") == "a"
    assert names("attributes.run_name ILIKE 'A'") == "a"
    assert names(f"attributes.run_id IN ('{ids['a']}', '{ids['d']}')") == "da"
    assert names("attributes.start_time >= 1002") == "dc"
    assert names(order_by=["metrics.score DESC"]) == "bacd", "values, then NaN, then missing"
    assert names(order_by=["metrics.score ASC"]) == "abcd"
    assert names("tags.`note.with-dash` IS NULL") == "dcb"
    # What MLflow itself refuses.
    assert names("metrics.score > 0.5 OR params.kind = 'x'") == "cba"
    assert names("metrics.score IS NULL") == "d"
    assert names("params.kind IN ('x')") == "ca"
    page = client.search_runs([experiment], max_results=3)
    rest = client.search_runs([experiment], max_results=3, page_token=page.token)
    assert len(page) == 3 and len(rest) == 1 and not rest.token
    for wrong in ["metrics.score > 'x'", "nope.x = 1", "metrics.score ~ 1", "params.kind ="]:
        raises("INVALID_PARAMETER_VALUE", lambda: names(wrong))
    raises("INVALID_PARAMETER_VALUE", lambda: client.search_runs([experiment], page_token="nonsense"))
    frame = mlflow.search_runs([experiment])
    assert len(frame) == 4 and set(frame["params.kind"]) == {"x", "y"}


@step
def search_experiments():
    for name in ["exp-a", "exp-b", "exp-c"]:
        client.create_experiment(name, tags={"letter": name[-1]})
    names = [e.name for e in client.search_experiments(filter_string="name LIKE 'exp-%'", order_by=["name DESC"])]
    assert names == ["exp-c", "exp-b", "exp-a"]
    found = client.search_experiments(filter_string="tags.letter = 'b'")
    assert [e.name for e in found] == ["exp-b"]
    client.rename_experiment(found[0].experiment_id, "exp-renamed")
    assert client.get_experiment_by_name("exp-renamed").experiment_id == found[0].experiment_id


@step
def system_metrics():
    with mlflow.start_run(run_name="machine", log_system_metrics=False) as run:
        from mlflow.system_metrics.system_metrics_monitor import SystemMetricsMonitor

        monitor = SystemMetricsMonitor(run.info.run_id, sampling_interval=0.2, samples_before_logging=1)
        monitor.start()
        time.sleep(1.5)
        monitor.finish()
    metrics = client.get_run(run.info.run_id).data.metrics
    assert any(key.startswith("system/cpu") for key in metrics), metrics


@step
def delete_and_restore():
    run_id = known["run"]
    client.delete_run(run_id)
    assert client.get_run(run_id).info.lifecycle_stage == "deleted"
    raises("INVALID_PARAMETER_VALUE", lambda: client.log_metric(run_id, "auc", 1.0))
    deleted = client.search_runs([known["experiment"]], run_view_type=ViewType.DELETED_ONLY)
    assert [run.info.run_id for run in deleted] == [run_id]
    client.restore_run(run_id)
    assert client.get_run(run_id).info.lifecycle_stage == "active"
    experiment = client.create_experiment("to delete")
    run = client.create_run(experiment)
    client.delete_experiment(experiment)
    assert client.get_run(run.info.run_id).info.lifecycle_stage == "deleted"
    raises("INVALID_PARAMETER_VALUE", lambda: client.create_run(experiment))
    raises("RESOURCE_ALREADY_EXISTS", lambda: client.create_experiment("to delete"))
    client.restore_experiment(experiment)
    assert client.get_run(run.info.run_id).info.lifecycle_stage == "active"


@step
def what_is_not_there():
    raises("RESOURCE_DOES_NOT_EXIST", lambda: client.get_run("0" * 32))
    raises("RESOURCE_DOES_NOT_EXIST", lambda: client.get_experiment("99999"))


run_all()
