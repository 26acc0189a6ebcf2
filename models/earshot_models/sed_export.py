"""Sequence network -> bundle: model.onnx and manifest.json (the card is written by sed_card.py)."""

import hashlib
from pathlib import Path

import numpy as np
import torch

from . import export, frontend, sed_blocks
from .sed_events import SequenceRule
from .sed_network import (BLOCK_FRAMES, FUTURE_FRAMES, PAST_FRAMES, STEP_FRAMES, VISIBLE_FRAMES, Scorer, SequenceNetwork)

VERSION = "1.1.0"
OUTPUTS = ["probabilities", "state_next"]
TOLERANCE = 1e-4
BATCH_STEP = 4
"""Runtimes fill batches up to a multiple of this; then a stream's results do not depend on the others, bit for bit."""


def write_onnx(network: SequenceNetwork, file: Path) -> str:
    """Exports, checks the file against the network, returns its SHA-256."""
    model = Scorer(network).eval()
    example = (torch.rand(3, VISIBLE_FRAMES, frontend.MEL_BANDS) * 60 - 80, torch.rand(3, network.state_size))
    torch.onnx.export(model, example, str(file), opset_version=export.OPSET, input_names=["logmel", "state"], output_names=OUTPUTS,
                      do_constant_folding=True, dynamic_axes={n: {0: "streams"} for n in ("logmel", "state", *OUTPUTS)})
    check(network, file)
    return hashlib.sha256(file.read_bytes()).hexdigest()


def runner(file: Path):
    """-> run(logmel [N, visible, 64], state [N, S]) -> (probabilities [N, steps, L], state_next [N, S]), filled up to ``BATCH_STEP``."""
    session = export.session(file)

    def run(logmel: np.ndarray, state: np.ndarray):
        count = len(logmel)
        full = -(-count // BATCH_STEP) * BATCH_STEP
        feed = {"logmel": _filled(logmel, full), "state": _filled(state, full)}
        return tuple(output[:count] for output in session.run(OUTPUTS, feed))
    return run


def _filled(rows: np.ndarray, count: int) -> np.ndarray:
    return np.concatenate([rows, np.zeros((count - len(rows), *rows.shape[1:]), np.float32)]) if len(rows) < count else rows


def check(network: SequenceNetwork, file: Path) -> None:
    """Fails when block by block in onnxruntime differs from the network over whole sequences, or a stream from itself in other company."""
    codes = noise_codes(7, 6)
    inputs = frontend.dequantise(np.stack([sed_blocks.blocks(c) for c in codes]))
    run = runner(file)
    state, answers = np.zeros((7, network.state_size), np.float32), []
    for b in range(inputs.shape[1]):
        probabilities, following = run(inputs[:, b], state)
        alone = [run(inputs[i:i + 1, b], state[i:i + 1]) for i in range(7)]
        if not all((p[0] == q).all() and (s[0] == t).all() for (p, s), q, t in zip(alone, probabilities, following)):
            raise RuntimeError(f"{file}: results depend on the batch")
        answers.append(probabilities)
        state = following
    with torch.no_grad():
        expected = torch.sigmoid(network.eval().sequence(torch.from_numpy(inputs))).numpy()
    difference = np.abs(np.concatenate(answers, axis=1) - expected).max()
    if not difference < TOLERANCE:
        raise RuntimeError(f"{file}: probabilities differ from the trained network by {difference}")


def noise_codes(count: int, length_blocks: int) -> np.ndarray:
    """Streams for checks, uint8 [count, frames, 64]: noise, silence, silence after noise."""
    codes = np.random.default_rng(1).integers(0, 256, size=(count, length_blocks * BLOCK_FRAMES, frontend.MEL_BANDS)).astype(np.uint8)
    codes[0] = 0
    codes[1, length_blocks * BLOCK_FRAMES // 2:] = 0
    return codes


def manifest(bundle_id: str, names: list, sha256: str, state_size: int, rule: SequenceRule, training: dict, metrics: dict) -> dict:
    return {
        "schema": "earshot.model-bundle/1",
        "id": bundle_id,
        "version": VERSION,
        "task": "audio-event-detection",
        "labels": names,
        "frontEnd": frontend.MANIFEST_ENTRY,
        "sequence": {"blockFrames": BLOCK_FRAMES, "pastFrames": PAST_FRAMES, "futureFrames": FUTURE_FRAMES, "stepFrames": STEP_FRAMES},
        "input": {"name": "logmel", "unit": "dB re full-scale power"},
        "state": {"name": "state", "next": "state_next", "size": state_size},
        "outputs": {"probabilities": "probabilities"},
        "onnx": {"file": "model.onnx", "sha256": sha256},
        "detection": rule.manifest_entry(names),
        "training": training,
        "metrics": metrics,
        "licence": export.LICENCE,
    }
