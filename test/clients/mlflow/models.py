"""Logged models, the registry and evaluation, with MLflow's own client."""

import mlflow
import numpy as np
from mlflow import MlflowClient
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from steps import raises, run_all, step

client = MlflowClient()
mlflow.set_experiment("models")
known = {}
frame, target = load_breast_cancer(return_X_y=True, as_frame=True)
frame = frame.iloc[:, :5]


@step
def log_and_register():
    model = LogisticRegression(max_iter=500).fit(frame, target)
    known["answers"] = model.predict(frame)
    for _ in range(2):
        with mlflow.start_run() as run:
            info = mlflow.sklearn.log_model(
                model,
                name="classifier",
                registered_model_name="cancer",
                input_example=frame.head(2),
                # Finding out takes a second Python, and is seen to in autolog.py.
                pip_requirements=["scikit-learn"],
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


run_all()
