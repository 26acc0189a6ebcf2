"""What training sequences are made of: events of clips and background beds, as mel powers with their levels per 20 ms block.

Block j of a recording are its samples [320 j, 320 j + 320); frame f of the front end covers the samples [320 f, 320 f + 1024).
"""

import os
from dataclasses import dataclass

import librosa
import numpy as np
from scipy import signal

from . import backgrounds, data, frontend, mixtures, scenes

NOISES = 48

HANN2 = np.cumsum(signal.get_window("hann", frontend.FFT_LENGTH) ** 2)
BAND_EDGES_HZ = librosa.mel_frequencies(frontend.MEL_BANDS + 2, fmin=frontend.F_MIN_HZ, fmax=frontend.F_MAX_HZ)
TO_LEVEL = (BAND_EDGES_HZ[2:] - BAND_EDGES_HZ[:-2]) / (frontend.FFT_LENGTH * HANN2[-1])
"""Mel powers [.., 64] @ TO_LEVEL -> mean square of the samples (Slaney's weights undone, Parseval)."""
CUT_SHARE = 1 - np.concatenate([[0.0], HANN2[[319, 639, 959, 1023]]]) / HANN2[-1]
"""Share of a frame's energy that is left when its first (or last) 0, 1, 2, 3, 4 blocks are silent."""


@dataclass(frozen=True)
class Clip:
    """A clip of a class: mel power [frames, 64] per speed; mean-square level per block; spans of its events in blocks (all at original speed)."""

    label: int
    mels: list
    level: np.ndarray
    spans: list


@dataclass(frozen=True)
class Bed:
    """A background without any class: mel power [frames, 64], mean-square level per block."""

    mel: np.ndarray
    level: np.ndarray


def block_level(samples: np.ndarray) -> np.ndarray:
    """Mean square per block after the mixtures' high-pass."""
    heard = signal.sosfilt(mixtures.HIGH_PASS, samples.astype(np.float64))
    count = len(samples) // mixtures.BLOCK
    return (heard[:count * mixtures.BLOCK].reshape(count, mixtures.BLOCK) ** 2).mean(axis=1)


def clips(names: list, folds: tuple) -> list:
    """The ESC-10 clips of ``folds`` that hold any sound."""
    out = []
    for recording in data.esc10_clips():
        if recording.fold in folds:
            samples = data.cached_samples(recording)
            spans = mixtures.spans(samples)
            if spans:
                out.append(Clip(names.index(recording.label), data.cached_mels(recording), block_level(samples), spans))
    return out


def beds(scenes_per_kind: int, seed: int = 0) -> list:
    """Training half of the forest day at two speeds, scenes of the training side, coloured noises, hum and tones."""
    rng, out = np.random.default_rng(seed), []
    for recording in data.forest_clips(held_out=False):
        mels, level = data.cached_mels(recording), block_level(data.cached_samples(recording))
        for speed in (data.ORIGINAL, int(rng.integers(len(data.SPEEDS)))):
            out.append(Bed(mels[speed], _stretched(level, len(mels[speed]))))
    for kind in scenes.KINDS:
        out += scene_beds(kind)[:scenes_per_kind]
    return out + [Bed(mel, mel @ TO_LEVEL) for mel in map(data.mel_power, backgrounds.noise_waves(rng, NOISES))]


def scene_beds(kind: str) -> list:
    """All training scenes of a kind; their codes and levels are kept on disk."""
    file = data.CACHE_DIR / "backgrounds" / f"beds-{kind}-{backgrounds.TRAINING_SEED}-{backgrounds.TRAINING_SCENES}-v1.npz"
    if not file.exists():
        bank = backgrounds.scene_bank(backgrounds.TRAINING_SEED, kind, backgrounds.TRAINING_SCENES, backgrounds.TRAINING_SCENE_S)
        waves = [wave / backgrounds.PEAK_INT16 for wave in bank]
        partial = file.with_suffix(f".{os.getpid()}.npz")
        np.savez(partial, codes=np.stack([frontend.log_mel_codes(wave) for wave in waves]), levels=np.stack([block_level(wave) for wave in waves]))
        partial.replace(file)
    kept = np.load(file)
    power = np.append(0, 10 ** (frontend.dequantise(np.arange(1, 256, dtype=np.uint8)) / 10)).astype(np.float32)
    return [Bed(power[codes], level) for codes, level in zip(kept["codes"], kept["levels"])]


def _stretched(level: np.ndarray, length: int) -> np.ndarray:
    return level[np.minimum((np.arange(length) * len(level) / length).astype(int), len(level) - 1)]
