"""Writes the tiny sequence bundle beside this file: sequence/model.onnx and sequence/manifest.json.

    pip install onnx==1.16.2 numpy && python make_sequence.py

Blocks of 50 frames in 10 steps; the model is shown 10 frames before and 5 after. Per step the mean over its frames of
((dB + 100) / 100) -> [N, 10, 64]; sums = 8 x the means over the lower and the upper 32 bands; probabilities =
sigmoid(sums - 4 + state + 0.01 x level of all frames shown); state_next = 0.5 state + 0.25 (mean of sums over steps - 4).
Deterministic: the same bytes each time.
"""

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from make_bundle import BANDS, constant

PAST, BLOCK, FUTURE, STEP = 10, 50, 5, 5
SHOWN, STEPS, STATE = PAST + BLOCK + FUTURE, BLOCK // STEP, 2
HERE = Path(__file__).parent / "sequence"


def integers(name: str, value) -> onnx.TensorProto:
    return numpy_helper.from_array(np.asarray(value, dtype=np.int64), name)


def model() -> onnx.ModelProto:
    halves = np.kron(np.eye(2), np.full((32, 1), 8 / 32))
    nodes = [
        helper.make_node("Add", ["logmel", "floor"], ["above"]),
        helper.make_node("Mul", ["above", "scale"], ["relative"]),
        helper.make_node("ReduceMean", ["relative"], ["level"], axes=[1, 2], keepdims=1),
        helper.make_node("Mul", ["level", "scale"], ["little"]),
        helper.make_node("Slice", ["relative", "from", "to", "axis"], ["block"]),
        helper.make_node("Reshape", ["block", "shape"], ["stepped"]),
        helper.make_node("ReduceMean", ["stepped"], ["bands"], axes=[2], keepdims=0),
        helper.make_node("MatMul", ["bands", "halves"], ["means"]),
        helper.make_node("Add", ["means", "bias"], ["sums"]),
        helper.make_node("Unsqueeze", ["state", "axis"], ["carried"]),
        helper.make_node("Add", ["sums", "carried"], ["moved"]),
        helper.make_node("Add", ["moved", "little"], ["logits"]),
        helper.make_node("Sigmoid", ["logits"], ["probabilities"]),
        helper.make_node("ReduceMean", ["sums"], ["heard"], axes=[1], keepdims=0),
        helper.make_node("Mul", ["heard", "quarter"], ["new"]),
        helper.make_node("Mul", ["state", "half"], ["old"]),
        helper.make_node("Add", ["old", "new"], ["state_next"]),
    ]
    graph = helper.make_graph(
        nodes, "tiny-sequence",
        [helper.make_tensor_value_info("logmel", TensorProto.FLOAT, ["N", SHOWN, BANDS]),
         helper.make_tensor_value_info("state", TensorProto.FLOAT, ["N", STATE])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", STEPS, 2]),
         helper.make_tensor_value_info("state_next", TensorProto.FLOAT, ["N", STATE])],
        [constant("floor", 100), constant("scale", 0.01), constant("halves", halves), constant("bias", [-4, -4]),
         constant("half", 0.5), constant("quarter", 0.25), integers("from", [PAST]), integers("to", [PAST + BLOCK]),
         integers("axis", [1]), integers("shape", [-1, STEPS, STEP, BANDS])])
    made = helper.make_model(graph, producer_name="earshot", opset_imports=[helper.make_opsetid("", 13)])
    made.ir_version = 8
    onnx.checker.check_model(made, full_check=True)
    return made


def main() -> None:
    HERE.mkdir(exist_ok=True)
    data = model().SerializeToString(deterministic=True)
    (HERE / "model.onnx").write_bytes(data)
    front_end = json.loads((HERE.parent / "tiny" / "manifest.json").read_text())["frontEnd"]
    manifest = {
        "schema": "earshot.model-bundle/1",
        "id": "tiny-sequence",
        "version": "1.0.0",
        "task": "audio-event-detection",
        "labels": ["low", "high"],
        "frontEnd": front_end,
        "sequence": {"blockFrames": BLOCK, "pastFrames": PAST, "futureFrames": FUTURE, "stepFrames": STEP},
        "onnx": {"file": "model.onnx", "sha256": hashlib.sha256(data).hexdigest()},
        "detection": {"medianSteps": 3, "onThreshold": 0.5, "offThreshold": 0.3, "minDurationS": 0.5, "mergeGapS": 0.5,
                      "perLabel": {}},
    }
    (HERE / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


if __name__ == "__main__":
    main()
