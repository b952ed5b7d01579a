"""Drives an endpoint through NVIDIA's public Open Inference Protocol client (`pip install 'tritonclient[http]'`).

usage: python open-inference.py HOST:PORT ENDPOINT

The endpoint must take the columns date (timestamp), distance (number) and origin (string). Exits with 1 and says what
differs when an answer is not as the protocol has it.
"""

import sys

import numpy as np
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

url, model = sys.argv[1], sys.argv[2]
client = triton.InferenceServerClient(url)
ROWS = 5


def inputs(binary):
    columns = {
        "date": np.full((ROWS, 1), 983_442_600_000, dtype=np.int64),
        "distance": np.linspace(100, 2000, ROWS, dtype=np.float32).reshape(ROWS, 1),
        "origin": np.array([[b"ATL"], [b"ORD"], [b"DEN"], ["Zürich".encode()], [b""]], dtype=object),
    }
    datatypes = {"date": "INT64", "distance": "FP32", "origin": "BYTES"}
    tensors = []
    for name, values in columns.items():
        tensor = triton.InferInput(name, list(values.shape), datatypes[name])
        tensor.set_data_from_numpy(values, binary_data=binary)
        tensors.append(tensor)
    return tensors


def refused(call, status, words):
    try:
        call()
    except InferenceServerException as error:
        assert words in error.message(), f"{words!r} not in {error.message()!r}"
        assert status in str(error.status()), f"{status} is not {error.status()}"
        return
    raise AssertionError(f"no refusal with {words!r}")


assert client.is_server_live() and client.is_server_ready() and client.is_model_ready(model)
assert "binary_tensor_data" in client.get_server_metadata()["extensions"]
metadata = client.get_model_metadata(model)
assert [tensor["name"] for tensor in metadata["inputs"]] == ["date", "distance", "origin"], metadata
output = metadata["outputs"][0]["name"]
version = metadata["versions"][0]
assert client.is_model_ready(model, version)
assert any(entry["name"] == model for entry in client.get_model_repository_index())

answers = []
for binary_in in (False, True):
    for binary_out in (False, True):
        for compression in (None, "gzip", "deflate"):
            result = client.infer(
                model,
                inputs(binary_in),
                model_version=version,
                request_id="a-request",
                outputs=[triton.InferRequestedOutput(output, binary_data=binary_out)],
                request_compression_algorithm=compression,
            )
            assert result.get_response()["id"] == "a-request"
            assert result.get_response()["model_version"] == version
            answers.append(result.as_numpy(output))
answers.append(client.infer(model, inputs(True), model_version=version).as_numpy(output))
for answer in answers:
    assert answer.shape == (ROWS, 1) and answer.dtype == np.float32, answer
    np.testing.assert_array_equal(answer, answers[0])
assert len(np.unique(answers[0])) > 1

waiting = [client.async_infer(model, inputs(True)) for _ in range(20)]
assert all(request.get_result().as_numpy(output).shape == (ROWS, 1) for request in waiting)

refused(lambda: client.infer("no-such-model", inputs(True)), "404", "Request for unknown model: 'no-such-model'")
refused(lambda: client.get_model_metadata(model, "999"), "404", "Request for unknown model")
refused(lambda: client.infer(model, inputs(True)[:1]), "400", "distance")
print(f"{len(answers) + len(waiting)} inferences as the protocol has them")
