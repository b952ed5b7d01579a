"""Autologging of the learners that MLflow knows, with its own client."""

import lightgbm
import mlflow
import xgboost
from mlflow import MlflowClient
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from steps import run_all, step

client = MlflowClient()
mlflow.set_experiment("autologging")
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
    # How models are logged is the same for all three, and slow.
    mlflow.xgboost.autolog(log_models=False)
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
    mlflow.lightgbm.autolog(log_models=False)
    with mlflow.start_run() as run:
        data = lightgbm.Dataset(frame, label=target)
        lightgbm.train({"objective": "binary", "verbose": -1}, data, 5, valid_sets=[data], valid_names=["train"])
    mlflow.lightgbm.autolog(disable=True)
    stored = client.get_run(run.info.run_id)
    assert stored.data.params["objective"] == "binary"
    assert len(client.get_metric_history(run.info.run_id, "train-binary_logloss")) >= 5


run_all()
