"""What a trained network makes of recordings it never saw: logits of clips, of mixtures and of hours of background."""

from functools import lru_cache

import numpy as np
import torch

from . import backgrounds, calibrate, data, frontend, operate, stream
from .network import Classifier

STREAM_SEEDS = (0, 1, 2)
SILENT_LOGIT = -60.0
"""A window without any sound is not shown to the model (nor is it by the runtime): its probabilities are 0."""
ACTIVE_RANGE_DB = 30.0
POSITIVE_FRAMES = 8
CALIBRATION_SCENES = 15
"""Per kind, of the generated hours, as the backgrounds that probabilities are calibrated on."""


def logits_of(network: Classifier):
    """-> f(codes uint8 [windows, 100, 64]) -> logits float32 [windows, labels]."""
    network.eval()

    def logits(codes: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            out = np.concatenate([network(torch.from_numpy(frontend.dequantise(codes[i:i + 64])))[0].numpy() for i in range(0, len(codes), 64)])
        out[~codes.any(axis=(1, 2))] = SILENT_LOGIT
        return out
    return logits


def onnx_logits_of(session, scale, offset):
    """The same of an exported graph: its calibrated probabilities, taken back to logits."""
    def logits(codes: np.ndarray) -> np.ndarray:
        p = np.concatenate([session.run(["probabilities"], {"logmel": frontend.dequantise(codes[i:i + 64])})[0] for i in range(0, len(codes), 64)])
        p = np.clip(p.astype(float), 1e-12, 1 - 1e-12)
        out = (np.log(p / (1 - p)) - np.asarray(offset)) / np.asarray(scale)
        out[~codes.any(axis=(1, 2))] = SILENT_LOGIT
        return out
    return logits


@lru_cache(maxsize=None)
def clip_codes(clip: data.Recording) -> np.ndarray:
    """uint8 [frames, 64] of the whole recording."""
    return frontend.log_mel_codes(data.cached_samples(clip))


def shifted(codes: np.ndarray, gain_db: float) -> np.ndarray:
    """Codes as a sensor of other sensitivity would send them (floor and ceiling applied)."""
    louder = np.where(codes == 0, 0, codes.astype(int) + round(gain_db / frontend.STEP_DB))
    return np.clip(louder, 0, 255).astype(np.uint8)


def clips_of(folds) -> list:
    return [clip for clip in data.esc10_clips() if clip.fold in folds]


def clip_probabilities(logits, clips: list, scale, offset, gain_db: float = 0.0) -> np.ndarray:
    """float [clips, labels]: a clip's result, the mean of its windows' calibrated probabilities."""
    return np.stack([calibrate.apply(logits(stream.windows(shifted(clip_codes(clip), gain_db))), scale, offset).mean(axis=0) for clip in clips])


def confusion(probabilities: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """int [true, predicted] of clip results [clips, labels] and true labels [clips]."""
    counts = np.zeros((probabilities.shape[1],) * 2, int)
    np.add.at(counts, (truth, probabilities.argmax(axis=1)), 1)
    return counts


def truth_of(clips: list, names: list) -> np.ndarray:
    return np.array([names.index(clip.label) for clip in clips])


def accuracy(counts: np.ndarray) -> float:
    return float(counts.trace() / counts.sum())


def evidence(logits, names: list, fold: int, judging: bool) -> calibrate.Judged:
    """Windows that calibration is fitted or judged on (the three parts of ``calibrate``), of one fold and one side of the backgrounds."""
    one_hot = np.eye(len(names))
    recorded = [(stream.windows(clip_codes(clip)), names.index(clip.label), _active(clip_codes(clip))) for clip in clips_of([fold])]
    first, second = [], []
    for codes, label, active in recorded:
        frames = [int(active[s:s + stream.WINDOW_FRAMES].sum()) for s in range(0, max(len(active) - stream.WINDOW_FRAMES, 0) + 1, stream.HOP_FRAMES)]
        keep = [i for i, n in enumerate(frames) if n == 0 or n >= POSITIVE_FRAMES]
        first.append((logits(codes)[keep], np.stack([one_hot[label] * (frames[i] > 0) for i in keep]) if keep else np.zeros((0, len(names)))))
    for mixed in operate.mixed(fold, judging):
        values = logits(stream.windows(mixed.codes))
        begin = np.arange(len(values)) * stream.HOP_S
        overlap = np.minimum(begin + stream.WINDOW_S, mixed.offset_s) - np.maximum(begin, mixed.onset_s)
        enough = overlap >= 0.5 * min(stream.WINDOW_S, mixed.offset_s - mixed.onset_s)
        keep = enough | (overlap <= 0)
        second.append((values[keep], one_hot[names.index(mixed.label)] * enough[keep, None]))
    which = backgrounds.JUDGING_HOURS if judging else backgrounds.TUNING_HOURS
    third = [logits(stream.windows(scene)) for codes in backgrounds.all_scene_codes(which).values() for scene in codes[:CALIBRATION_SCENES]]
    if judging:
        third += [logits(stream.windows(frontend.log_mel_codes(samples))) for samples in backgrounds.judging_recordings().values()]
    third = np.concatenate(third)
    return calibrate.Judged.of_parts([_stacked(first), _stacked(second), (third, np.zeros((len(third), len(names))))])


def _stacked(parts: list) -> tuple:
    return np.concatenate([values for values, _ in parts]), np.concatenate([truth for _, truth in parts])


def _active(codes: np.ndarray) -> np.ndarray:
    """bool [frames]: within 30 dB of the clip's 98th level percentile."""
    power = (10 ** (frontend.dequantise(codes) / 10) * (codes > 0)).sum(axis=1)
    level = 10 * np.log10(power + 1e-12)
    heard = level > -90
    loudest = float(np.percentile(level[heard], 98)) if heard.any() else -90.0
    return level > max(loudest - ACTIVE_RANGE_DB, -85.0)


def streams_of(logits, scale, offset, clips: list, names: list) -> list:
    """The clips as live streams, in one random order per STREAM_SEEDS."""
    def score(codes):
        return calibrate.apply(logits(codes), scale, offset)
    return [stream.play(clips, names, score, seed) for seed in STREAM_SEEDS]


def rounded(value, digits: int = 4):
    """The same structure with its floats rounded."""
    if isinstance(value, dict):
        return {k: rounded(v, digits) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(v, digits) for v in value]
    return round(value, digits) if isinstance(value, float) else value
