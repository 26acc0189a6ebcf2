"""Network -> model bundle: model.onnx and manifest.json (the card is written by card.py)."""

import hashlib
import json
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from . import frontend
from .network import EMBEDDING_SIZE, HOP_FRAMES, WINDOW_FRAMES, Scorer
from .stream import LabelRule, Rule

OPSET = 14
VERSION = "2.0.0"
LICENCE = ("Apache-2.0 (weights); data: ESC-10 by K. J. Piczak, CC BY 3.0 (single clips CC0 or CC BY), and "
           "scikit-maad forest recordings, BSD-3-Clause (training negatives)")


def write_onnx(model: Scorer, file: Path) -> str:
    """Exports, checks the file against the network, returns its SHA-256."""
    model.eval()
    example = torch.rand(2, WINDOW_FRAMES, frontend.MEL_BANDS) * 60 - 80
    torch.onnx.export(model, example, str(file), opset_version=OPSET, input_names=["logmel"],
                      output_names=["probabilities", "embedding"], do_constant_folding=True,
                      dynamic_axes={n: {0: "windows"} for n in ("logmel", "probabilities", "embedding")})
    check(model, file)
    return hashlib.sha256(file.read_bytes()).hexdigest()


def check(model: Scorer, file: Path) -> None:
    """Fails when onnxruntime and the network differ by more than 1e-4, or a window's result depends on its batch."""
    rng = np.random.default_rng(1)
    codes = rng.integers(0, 256, size=(7, WINDOW_FRAMES, frontend.MEL_BANDS)).astype(np.uint8)
    codes[0] = 0
    codes[1, 50:] = 0
    inputs = frontend.dequantise(codes)
    probabilities, embedding = session(file).run(["probabilities", "embedding"], {"logmel": inputs})
    with torch.no_grad():
        expected = [output.numpy() for output in model(torch.from_numpy(inputs))]
    for got, want, name in zip((probabilities, embedding), expected, ("probabilities", "embedding")):
        difference = np.abs(got - want).max()
        if not difference < 1e-4 * max(1.0, np.abs(want).max()):
            raise RuntimeError(f"{file}: {name} differ from the trained network by {difference}")
    alone = np.concatenate([session(file).run(["probabilities"], {"logmel": row[None]})[0] for row in inputs])
    if np.abs(alone - probabilities).max() > 1e-5:
        raise RuntimeError(f"{file}: results depend on the batch by {np.abs(alone - probabilities).max()}")


def session(file: Path) -> onnxruntime.InferenceSession:
    """A CPU session with one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


def manifest(bundle_id: str, names: list, sha256: str, rule: Rule, training: dict, metrics: dict) -> dict:
    return {
        "schema": "earshot.model-bundle/1",
        "id": bundle_id,
        "version": VERSION,
        "task": "audio-classification",
        "labels": names,
        "frontEnd": frontend.MANIFEST_ENTRY,
        "window": {"frames": WINDOW_FRAMES, "hopFrames": HOP_FRAMES},
        "input": {"name": "logmel", "unit": "dB re full-scale power"},
        "outputs": {"probabilities": "probabilities", "embedding": "embedding"},
        "embeddingSize": EMBEDDING_SIZE,
        "onnx": {"file": "model.onnx", "sha256": sha256},
        "detection": {**_label_rule(rule.common), "mergeGapS": rule.merge_gap_s,
                      "perLabel": {names[k]: _label_rule(each) for k, each in sorted(rule.per_label.items())}},
        "training": training,
        "metrics": metrics,
        "licence": LICENCE,
    }


def _label_rule(rule: LabelRule) -> dict:
    return {"onThreshold": rule.on, "offThreshold": rule.off, "minDurationS": rule.min_duration_s}


def write_manifest(file: Path, value: dict) -> None:
    file.write_text(json.dumps(value, indent=2) + "\n")
