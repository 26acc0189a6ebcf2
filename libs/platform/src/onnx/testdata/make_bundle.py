"""Writes the tiny test bundle beside this file: tiny/model.onnx and tiny/manifest.json.

    pip install onnx==1.16.2 numpy && python make_bundle.py

mean over frames of ((dB + 100) / 100) -> [N, 64]; probabilities = sigmoid of the mean over the lower and the upper 32
bands, scaled; embedding = means over 4 groups of 16 bands. Deterministic: the same bytes each time.
"""

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FRAMES, BANDS = 100, 64
HERE = Path(__file__).parent / "tiny"


def constant(name: str, value) -> onnx.TensorProto:
    return numpy_helper.from_array(np.asarray(value, dtype=np.float32), name)


def model() -> onnx.ModelProto:
    halves = np.kron(np.eye(2), np.full((32, 1), 8 / 32))
    quarters = np.kron(np.eye(4), np.full((16, 1), 1 / 16))
    nodes = [
        helper.make_node("Add", ["logmel", "floor"], ["above"]),
        helper.make_node("Mul", ["above", "scale"], ["relative"]),
        helper.make_node("ReduceMean", ["relative"], ["bands"], axes=[1], keepdims=0),
        helper.make_node("MatMul", ["bands", "halves"], ["sums"]),
        helper.make_node("Add", ["sums", "bias"], ["logits"]),
        helper.make_node("Sigmoid", ["logits"], ["probabilities"]),
        helper.make_node("MatMul", ["bands", "quarters"], ["embedding"]),
    ]
    graph = helper.make_graph(
        nodes, "tiny",
        [helper.make_tensor_value_info("logmel", TensorProto.FLOAT, ["N", FRAMES, BANDS])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", 2]),
         helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["N", 4])],
        [constant("floor", 100), constant("scale", 0.01), constant("halves", halves),
         constant("bias", [-4, -4]), constant("quarters", quarters)])
    made = helper.make_model(graph, producer_name="earshot", opset_imports=[helper.make_opsetid("", 13)])
    made.ir_version = 8
    onnx.checker.check_model(made, full_check=True)
    return made


def main() -> None:
    HERE.mkdir(exist_ok=True)
    data = model().SerializeToString(deterministic=True)
    (HERE / "model.onnx").write_bytes(data)
    manifest = {
        "schema": "earshot.model-bundle/1",
        "id": "tiny",
        "version": "1.0.0",
        "task": "audio-classification",
        "labels": ["low", "high"],
        "frontEnd": {
            "id": "logmel-16k-64-v1", "sampleRateHz": 16000, "fftLength": 1024, "windowLength": 1024,
            "hopLength": 320, "melBands": 64, "fMinHz": 50, "fMaxHz": 8000, "melScale": "slaney",
            "melNorm": "slaney", "floorDb": -100, "stepDb": 0.5},
        "window": {"frames": FRAMES, "hopFrames": 25},
        "input": {"name": "logmel"},
        "outputs": {"probabilities": "probabilities", "embedding": "embedding"},
        "embeddingSize": 4,
        "onnx": {"file": "model.onnx", "sha256": hashlib.sha256(data).hexdigest()},
        "detection": {"onThreshold": 0.5, "offThreshold": 0.3, "minDurationS": 1, "mergeGapS": 1, "perLabel": {}},
    }
    (HERE / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


if __name__ == "__main__":
    main()
