"""The committed sequence bundles are whole, consistent and fit for a runtime."""

import hashlib
import json

import numpy as np
import pytest

from earshot_models import export, frontend, sed_blocks, sed_export
from earshot_models.golden import MODELS_DIR
from earshot_models.sed_events import events, rule_of
from earshot_models.sed_golden import FILE as GOLDEN_FILE
from earshot_models.signals import render

BUNDLES = [file for file in sorted((MODELS_DIR / "bundles").glob("*/manifest.json"))
           if json.loads(file.read_text())["task"] == "audio-event-detection"]


@pytest.fixture(params=BUNDLES, ids=[b.parent.name for b in BUNDLES])
def bundle(request):
    return request.param.parent, json.loads(request.param.read_text())


def score(bundle, name, duration_s):
    folder, manifest = bundle
    run = sed_export.runner(folder / "model.onnx")
    return sed_blocks.score_streams(run, manifest["state"]["size"], [frontend.log_mel_codes(render(name, duration_s))])[0]


def test_manifest_matches_the_file(bundle):
    folder, manifest = bundle
    assert manifest["id"] == folder.name and manifest["frontEnd"] == frontend.MANIFEST_ENTRY
    assert manifest["labels"] == sorted(manifest["labels"])
    assert manifest["onnx"]["sha256"] == hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()
    rule = rule_of(manifest["detection"], manifest["labels"])
    for one in (rule.common, *rule.per_label.values()):
        assert 0 < one.off <= one.on < 1 and one.median_steps % 2 == 1 and one.min_duration_s >= 0 and one.merge_gap_s >= 0


def test_graph_has_the_promised_inputs_and_outputs(bundle):
    folder, manifest = bundle
    session = export.session(folder / "model.onnx")
    shape, size = manifest["sequence"], manifest["state"]["size"]
    visible = shape["pastFrames"] + shape["blockFrames"] + shape["futureFrames"]
    assert {(i.name, i.type, *i.shape[1:]) for i in session.get_inputs()} == \
        {("logmel", "tensor(float)", visible, 64), ("state", "tensor(float)", size)}
    run = sed_export.runner(folder / "model.onnx")
    probabilities, following = run(np.full((2, visible, 64), -60, np.float32), np.zeros((2, size), np.float32))
    assert probabilities.shape == (2, shape["blockFrames"] // shape["stepFrames"], len(manifest["labels"])) and following.shape == (2, size)


@pytest.mark.parametrize("signal", ["silence", "noise"])
def test_silence_and_white_noise_are_none_of_the_classes(bundle, signal):
    assert events(score(bundle, signal, 8.0), rule_of(bundle[1]["detection"], bundle[1]["labels"])) == []


def test_golden_sequence_is_of_the_committed_bundle():
    golden = json.loads(GOLDEN_FILE.read_text())
    folder = MODELS_DIR / "bundles" / golden["bundle"]
    manifest = json.loads((folder / "manifest.json").read_text())
    assert golden["onnxSha256"] == manifest["onnx"]["sha256"]
    for case in golden["cases"]:
        np.testing.assert_allclose(score((folder, manifest), case["name"], case["durationS"]), case["probabilities"], atol=1e-4)
