"""Files of runs, with MLflow's own client: plain ones, folders, figures, images and tables."""

import json
import os
import tempfile

import mlflow
import numpy as np
import pandas as pd
from mlflow import MlflowClient
from steps import run_all, step

client = MlflowClient()
mlflow.set_experiment("files")


@step
def artifacts():
    with mlflow.start_run(run_name="files") as run:
        mlflow.log_text("hello", "a/b.txt")
        mlflow.log_dict({"x": [1, 2]}, "d.json")
        with tempfile.TemporaryDirectory() as folder:
            os.makedirs(f"{folder}/deep/er")
            for name in ["one.bin", "deep/two.bin", "deep/er/ü ber.bin", "empty"]:
                with open(f"{folder}/{name}", "wb") as file:
                    file.write(b"" if name == "empty" else os.urandom(70_000))
            mlflow.log_artifacts(folder, "tree")
    run_id = run.info.run_id
    assert sorted(item.path for item in client.list_artifacts(run_id)) == ["a", "d.json", "tree"]
    tree = {item.path: item for item in client.list_artifacts(run_id, "tree")}
    assert set(tree) == {"tree/one.bin", "tree/deep", "tree/empty"} and tree["tree/deep"].is_dir
    assert tree["tree/one.bin"].file_size == 70_000
    with tempfile.TemporaryDirectory() as folder:
        path = client.download_artifacts(run_id, "tree", folder)
        assert os.path.getsize(f"{path}/deep/er/ü ber.bin") == 70_000 and os.path.getsize(f"{path}/empty") == 0
    assert mlflow.artifacts.load_text(f"runs:/{run_id}/a/b.txt") == "hello"
    assert mlflow.artifacts.load_dict(f"runs:/{run_id}/d.json") == {"x": [1, 2]}
    assert client.list_artifacts(run_id, "no such") == []


@step
def images_figures_tables():
    import matplotlib.pyplot as plt
    from PIL import Image

    with mlflow.start_run(run_name="media") as run:
        figure, axis = plt.subplots()
        axis.plot([1, 2, 3])
        mlflow.log_figure(figure, "plots/line.png")
        plt.close(figure)
        picture = np.zeros((8, 8, 3), dtype=np.uint8)
        mlflow.log_image(picture, "pictures/black.png")
        for at in range(2):
            mlflow.log_image(Image.fromarray(picture + 40 * at), key="sample", step=at)
        mlflow.flush_artifact_async_logging()
        mlflow.log_table({"question": ["a", "b"], "answer": ["c", "d"]}, "table.json")
        mlflow.log_table(pd.DataFrame({"question": ["e"], "answer": ["f"]}), "table.json")
    paths = {item.path for item in client.list_artifacts(run.info.run_id)}
    assert {"plots", "pictures", "images", "table.json"} <= paths, paths
    table = mlflow.load_table("table.json", run_ids=[run.info.run_id])
    assert list(table["answer"]) == ["c", "d", "f"]
    tags = client.get_run(run.info.run_id).data.tags
    assert json.loads(tags["mlflow.loggedArtifacts"])[0]["path"] == "table.json"


run_all()
