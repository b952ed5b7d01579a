"""Asks an endpoint through NVIDIA's Triton client: pip install 'tritonclient[http]', then python infer.py [host:port]."""

import sys

import numpy as np
import tritonclient.http as triton

server = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:5000"
client = triton.InferenceServerClient(server)

rows = {
    "placed": ("INT64", np.array([[1_775_124_000_000], [1_775_170_800_000]], dtype=np.int64)),  # ms since the epoch
    "country": ("BYTES", np.array([["IT"], ["DE"]], dtype=object)),
    "items": ("FP32", np.array([[2], [7]], dtype=np.float32)),
    "weight": ("FP32", np.array([[4.5], [0.3]], dtype=np.float32)),
}
inputs = []
for name, (datatype, values) in rows.items():
    tensor = triton.InferInput(name, list(values.shape), datatype)
    tensor.set_data_from_numpy(values)
    inputs.append(tensor)

answer = client.infer("orders", inputs)
print(answer.as_numpy("probability"))
