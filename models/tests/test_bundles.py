"""The committed bundles are whole, consistent and fit for a runtime."""

import hashlib
import json

import numpy as np
import onnxruntime
import pytest

from earshot_models import export, frontend
from earshot_models.golden import GOLDEN_DIR, MODELS_DIR
from earshot_models.signals import render
from earshot_models.stream import windows

BUNDLES = [file for file in sorted((MODELS_DIR / "bundles").glob("*/manifest.json"))
           if json.loads(file.read_text())["task"] == "audio-classification"]


@pytest.fixture(params=BUNDLES, ids=[b.parent.name for b in BUNDLES])
def bundle(request):
    return request.param.parent, json.loads(request.param.read_text())


def test_manifest_matches_the_file(bundle):
    folder, manifest = bundle
    assert manifest["id"] == folder.name and manifest["frontEnd"] == frontend.MANIFEST_ENTRY
    assert manifest["labels"] == sorted(manifest["labels"])
    assert manifest["onnx"]["sha256"] == hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()
    assert 0 < manifest["detection"]["offThreshold"] < manifest["detection"]["onThreshold"] < 1


def test_graph_has_the_promised_inputs_and_outputs(bundle):
    folder, manifest = bundle
    session = export.session(folder / "model.onnx")
    assert [(i.name, i.type, i.shape[1:]) for i in session.get_inputs()] == [("logmel", "tensor(float)", [100, 64])]
    shapes = {o.name: o.shape[1:] for o in session.get_outputs()}
    assert shapes == {"probabilities": [len(manifest["labels"])], "embedding": [manifest["embeddingSize"]]}


def test_results_do_not_depend_on_the_processor(bundle):
    """Quantised operators as this processor has them, against their simulation in floats."""
    folder, _ = bundle
    inputs = frontend.dequantise(np.random.default_rng(0).integers(0, 220, size=(16, 100, 64)).astype(np.uint8))
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    simulated = onnxruntime.InferenceSession(str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"])
    expected, found = (session.run(["probabilities"], {"logmel": inputs})[0] for session in (simulated, export.session(folder / "model.onnx")))
    np.testing.assert_allclose(found, expected, atol=0.01)


@pytest.mark.parametrize("signal", ["silence", "noise"])
def test_silence_and_white_noise_are_none_of_the_classes(bundle, signal):
    folder, manifest = bundle
    inputs = frontend.dequantise(windows(frontend.log_mel_codes(render(signal, 2.5))))
    probabilities = export.session(folder / "model.onnx").run(["probabilities"], {"logmel": inputs})[0]
    assert probabilities.max() < manifest["detection"]["offThreshold"]


def test_golden_classifier_is_of_the_committed_bundle():
    golden = json.loads((GOLDEN_DIR / "classifier.json").read_text())
    folder = MODELS_DIR / "bundles" / golden["bundle"]
    manifest = json.loads((folder / "manifest.json").read_text())
    assert golden["onnxSha256"] == manifest["onnx"]["sha256"] and golden["window"] == manifest["window"]
    for case in golden["cases"]:
        inputs = frontend.dequantise(windows(frontend.log_mel_codes(render(case["name"], case["durationS"])), manifest["window"]["hopFrames"]))
        probabilities = export.session(folder / "model.onnx").run(["probabilities"], {"logmel": inputs})[0]
        np.testing.assert_allclose(probabilities, case["probabilities"], atol=1e-4)
