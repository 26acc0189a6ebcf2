"""Clip accuracy and live-stream figures of trained networks, on folds they never saw."""

from functools import lru_cache

import numpy as np
import torch

from . import data, frontend, stream
from .network import Classifier, Scorer

STREAM_SEEDS = (0, 1, 2)


def scorer(network: Classifier):
    """-> score(codes uint8 [windows, 100, 64]) -> probabilities float32 [windows, labels]."""
    model = Scorer(network).eval()

    def score(codes: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return np.concatenate([model(torch.from_numpy(frontend.dequantise(codes[i:i + 64])))[0].numpy()
                                   for i in range(0, len(codes), 64)])
    return score


@lru_cache(maxsize=None)
def clip_codes(clip: data.Recording) -> np.ndarray:
    """uint8 [frames, 64] of the whole recording."""
    return frontend.log_mel_codes(data.cached_samples(clip))


def confusion(network: Classifier, clips: list, names: list, gain_db: float = 0.0) -> np.ndarray:
    """int [true, predicted] over clips; a clip's result is the mean of its windows' probabilities.

    gain_db shifts the codes as a sensor of other sensitivity would (floor and ceiling applied).
    """
    score, counts = scorer(network), np.zeros((len(names), len(names)), int)
    for clip in clips:
        codes = clip_codes(clip).astype(int)
        if gain_db:
            codes = np.where(codes == 0, 0, codes + round(gain_db / frontend.STEP_DB))
        codes = np.clip(codes, 0, 255).astype(np.uint8)
        counts[names.index(clip.label), score(stream.windows(codes)).mean(axis=0).argmax()] += 1
    return counts


def accuracy(counts: np.ndarray) -> float:
    return float(counts.trace() / counts.sum())


def streams_of(network: Classifier, clips: list, names: list) -> list:
    """The clips as live streams, in one random order per STREAM_SEEDS."""
    score = scorer(network)
    return [stream.play(clips, names, score, seed) for seed in STREAM_SEEDS]


def background_stream(network: Classifier, names: list) -> stream.Stream:
    """The forest-day recordings kept out of training, one after another: every event on it is wrong."""
    return stream.play(data.forest_clips(held_out=True), names, scorer(network))


def rounded(value, digits: int = 4):
    """The same structure with its floats rounded."""
    if isinstance(value, dict):
        return {k: rounded(v, digits) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(v, digits) for v in value]
    return round(value, digits) if isinstance(value, float) else value
