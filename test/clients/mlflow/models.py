"""Logged models, autologging, the registry and evaluation, with MLflow's own client and the learners it knows."""

import mlflow
import numpy as np
import pandas as pd
from mlflow import MlflowClient
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from steps import raises, run_all, step

client = MlflowClient()
mlflow.set_experiment("models")
known = {}
frame, target = load_breast_cancer(return_X_y=True, as_frame=True)
frame = frame.iloc[:, :5]


@step
def sklearn_autolog():
    mlflow.sklearn.autolog()
    with mlflow.start_run() as run:
        model = make_pipeline(StandardScaler(), LogisticRegression(C=0.5)).fit(frame, target)
        model.score(frame, target)
    mlflow.sklearn.autolog(disable=True)
    stored = client.get_run(run.info.run_id)
    assert stored.data.params["logisticregression__C"] == "0.5"
    assert stored.data.metrics["training_accuracy_score"] > 0.8
    assert stored.outputs.model_outputs, "the model is an output of the run"
    assert {item.path for item in client.list_artifacts(run.info.run_id)} >= {"estimator.html"}


@step
def xgboost_autolog():
    import xgboost

    mlflow.xgboost.autolog()
    with mlflow.start_run() as run:
        data = xgboost.DMatrix(frame, label=target)
        xgboost.train({"objective": "binary:logistic", "max_depth": 2}, data, 5, evals=[(data, "train")])
    mlflow.xgboost.autolog(disable=True)
    stored = client.get_run(run.info.run_id)
    assert stored.data.params["max_depth"] == "2"
    assert len(client.get_metric_history(run.info.run_id, "train-logloss")) >= 5
    assert "feature_importance_weight.json" in {item.path for item in client.list_artifacts(run.info.run_id)}


@step
def lightgbm_autolog():
    import lightgbm

    mlflow.lightgbm.autolog()
    with mlflow.start_run() as run:
        data = lightgbm.Dataset(frame, label=target)
        lightgbm.train({"objective": "binary", "verbose": -1}, data, 5, valid_sets=[data], valid_names=["train"])
    mlflow.lightgbm.autolog(disable=True)
    stored = client.get_run(run.info.run_id)
    assert stored.data.params["objective"] == "binary"
    assert len(client.get_metric_history(run.info.run_id, "train-binary_logloss")) >= 5


@step
def log_and_register():
    model = LogisticRegression(max_iter=500).fit(frame, target)
    known["answers"] = model.predict(frame)
    for _ in range(2):
        with mlflow.start_run() as run:
            info = mlflow.sklearn.log_model(
                model, name="classifier", registered_model_name="cancer", input_example=frame.head(2)
            )
    known["run"], known["model_id"] = run.info.run_id, info.model_id
    logged = mlflow.get_logged_model(info.model_id)
    assert str(logged.status) in ("LoggedModelStatus.READY", "READY") and logged.source_run_id == run.info.run_id
    versions = client.search_model_versions("name = 'cancer'")
    assert sorted(int(version.version) for version in versions) == [1, 2]
    assert client.get_model_version("cancer", "2").run_id == run.info.run_id


@step
def alias_tags_stage():
    client.set_registered_model_alias("cancer", "candidate", "1")
    client.set_registered_model_alias("cancer", "candidate", "2")
    assert client.get_model_version_by_alias("cancer", "candidate").version == "2"
    client.set_model_version_tag("cancer", "2", "checked", "yes")
    client.set_registered_model_tag("cancer", "team", "health")
    client.update_model_version("cancer", "2", description="the second")
    client.update_registered_model("cancer", description="finds tumours")
    version = client.get_model_version("cancer", "2")
    assert version.tags == {"checked": "yes"} and version.description == "the second"
    assert client.get_registered_model("cancer").aliases == {"candidate": "2"}
    client.transition_model_version_stage("cancer", "1", "Production")
    client.transition_model_version_stage("cancer", "2", "Production", archive_existing_versions=True)
    assert client.get_model_version("cancer", "1").current_stage == "Archived"
    assert [v.version for v in client.get_latest_versions("cancer", ["Production"])] == ["2"]
    raises("INVALID_PARAMETER_VALUE", lambda: client.set_registered_model_alias("cancer", "v1", "1"))
    raises("RESOURCE_DOES_NOT_EXIST", lambda: client.get_model_version("cancer", "9"))
    raises("RESOURCE_ALREADY_EXISTS", lambda: client.create_registered_model("cancer"))


@step
def load_in_every_way():
    uris = ["models:/cancer@candidate", "models:/cancer/2", "models:/cancer/Production", f"models:/{known['model_id']}"]
    for uri in [*uris, "models:/cancer/latest", f"runs:/{known['run']}/classifier"]:
        model = mlflow.pyfunc.load_model(uri)
        assert np.array_equal(model.predict(frame), known["answers"]), uri


@step
def search_registry():
    client.create_registered_model("other", tags={"team": "air"})
    assert [m.name for m in client.search_registered_models("name LIKE 'can%'")] == ["cancer"]
    assert [m.name for m in client.search_registered_models("tags.team = 'air'")] == ["other"]
    assert [v.version for v in client.search_model_versions(f"run_id = '{known['run']}'")] == ["2"]
    experiment = mlflow.get_experiment_by_name("models").experiment_id
    found = mlflow.search_logged_models([experiment], filter_string="name = 'classifier'", output_format="list")
    assert len(found) == 2
    client.rename_registered_model("other", "renamed")
    client.delete_registered_model("renamed")
    raises("RESOURCE_DOES_NOT_EXIST", lambda: client.get_registered_model("renamed"))


@step
def logged_model_metrics():
    with mlflow.start_run():
        data = mlflow.data.from_pandas(frame.assign(y=target), name="cancer", targets="y")
        mlflow.log_metric("f1", 0.9, dataset=data, model_id=known["model_id"])
    (metric,) = [m for m in mlflow.get_logged_model(known["model_id"]).metrics if m.key == "f1"]
    assert metric.value == 0.9 and metric.dataset_name == "cancer"


@step
def evaluate():
    data = frame.assign(target=target)
    with mlflow.start_run() as run:
        result = mlflow.models.evaluate(
            "models:/cancer@candidate",
            data,
            targets="target",
            model_type="classifier",
            evaluators="default",
            evaluator_config={"log_model_explainability": False},
        )
    assert result.metrics["accuracy_score"] > 0.8
    stored = client.get_run(run.info.run_id)
    assert abs(stored.data.metrics["accuracy_score"] - result.metrics["accuracy_score"]) < 1e-12
    paths = {item.path for item in client.list_artifacts(run.info.run_id)}
    assert any("confusion_matrix" in path for path in paths) and any("roc_curve" in path for path in paths), paths


@step
def prompts():
    prompt = mlflow.genai.register_prompt(name="greeting", template="Hello {{name}}", commit_message="first")
    mlflow.genai.set_prompt_alias("greeting", alias="live", version=prompt.version)
    assert mlflow.genai.load_prompt("prompts:/greeting@live").format(name="Ann") == "Hello Ann"
    names = [model.name for model in client.search_registered_models()]
    assert "greeting" not in names, "prompts are no models"


@step
def delete_version():
    client.delete_model_version("cancer", "2")
    assert client.get_registered_model("cancer").aliases == {}
    client.delete_registered_model("cancer")
    assert client.search_model_versions("name = 'cancer'") == []


assert isinstance(frame, pd.DataFrame)
run_all()
