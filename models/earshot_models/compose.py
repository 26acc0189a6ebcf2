"""Training windows, composed from waveforms and kept as the codes that a sensor would send.

A *pool* is a number of windows drawn once from a seed: one pool per fold (clips of a fold are only ever mixed with clips of the same fold, so any
set of folds can be put together from its pools) and one of sound that is none of the classes. What varies from epoch to epoch (level,
microphone, masks, roll) is done on the codes: ``augment``.

A label holds in a window when its clip is active there (within 30 dB of its loudest) for at least 160 ms and is not drowned; when it is heard for
less, it is not judged (weight 0).
"""

from dataclasses import dataclass
from functools import lru_cache

import librosa
import numpy as np
import scipy.fft

from . import frontend

ACTIVE_RANGE_DB = 30.0
POSITIVE_BLOCKS = 8
BLOCK = frontend.HOP_LENGTH
LOUDEST_DB = -12.0
"""RMS of the loudest 20 ms of a stored window, re full scale: a tone of it has 23.5 dB in its band, so nothing reaches the ceiling of the codes
(27.5 dB) and 120 dB below it are kept."""


def window_samples(frames: int) -> int:
    return (frames - 1) * frontend.HOP_LENGTH + frontend.FFT_LENGTH


@dataclass(frozen=True)
class Mix:
    """Shares (0-1) and ranges (dB) of the composition of a window with a class in it."""

    joined: float = 0.22
    padded: float = 0.1
    overlay: float = 0.35
    background: float = 0.5
    resampled: float = 0.6
    overlay_db: tuple = (-25.0, 3.0)
    positive_db: float = -13.0
    snr_db: tuple = (0.0, 40.0)


@dataclass(frozen=True)
class Source:
    """A clip at several speeds: samples float32 [N_i], activity per 20 ms block, RMS of its loudest blocks (98th percentile)."""

    label: int
    waves: list
    active: list
    loudness: list


def make_source(label: int, waves: list) -> Source:
    """waves: the same clip at each speed, float [N_i] at 16 kHz; scales nothing."""
    active, loudness = [], []
    for wave in waves:
        blocks = len(wave) // BLOCK
        level = 10 * np.log10((wave[:blocks * BLOCK].reshape(blocks, BLOCK) ** 2).mean(axis=1) + 1e-12)
        heard = level > -95
        loudest = float(np.percentile(level[heard], 98)) if heard.any() else -95.0
        active.append(level > max(loudest - ACTIVE_RANGE_DB, -95.0))
        loudness.append(10 ** (loudest / 20))
    return Source(label, waves, active, loudness)


@dataclass(frozen=True)
class Pool:
    """codes uint8 [N, frames, 64], targets float32 [N, labels], weights float32 [N, labels] (0: not judged), source int32 [N]: which clip or
    background sounds foremost."""

    codes: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    source: np.ndarray

    @staticmethod
    def joined(pools: list) -> "Pool":
        """One after another; sources stay apart."""
        offsets = np.cumsum([0] + [int(p.source.max()) + 1 for p in pools[:-1]])
        return Pool(*(np.concatenate([getattr(p, name) for p in pools]) for name in ("codes", "targets", "weights")),
                    np.concatenate([p.source + o for p, o in zip(pools, offsets)]))


@lru_cache(maxsize=1)
def _mel() -> np.ndarray:
    return librosa.filters.mel(sr=frontend.SAMPLE_RATE_HZ, n_fft=frontend.FFT_LENGTH, n_mels=frontend.MEL_BANDS, fmin=frontend.F_MIN_HZ,
                               fmax=frontend.F_MAX_HZ, htk=False, norm="slaney", dtype=np.float32).T.copy()


def codes_of(waves: np.ndarray) -> np.ndarray:
    """float32 [N, samples] -> uint8 [N, frames, 64]: the front end in single precision (codes differ by one step now and then)."""
    hann = librosa.filters.get_window("hann", frontend.FFT_LENGTH).astype(np.float32)
    framed = np.lib.stride_tricks.sliding_window_view(waves, frontend.FFT_LENGTH, axis=1)[:, ::frontend.HOP_LENGTH]
    spectrum = scipy.fft.rfft(framed * hann, axis=2)
    power = (spectrum.real**2 + spectrum.imag**2) @ _mel()
    return frontend.quantise(10 * np.log10(np.maximum(power, 1e-10)))


class Composer:
    """Draws windows of ``frames`` mel frames; every draw comes from ``rng`` alone."""

    def __init__(self, sources: list, backgrounds: list, label_count: int, rng: np.random.Generator, frames: int, mix: Mix = Mix()):
        """backgrounds: groups of float or int16 arrays [N] of at least a window; a group is drawn, then one of it."""
        self.by_label = [[i for i, s in enumerate(sources) if s.label == k] for k in range(label_count)]
        self.sources, self.backgrounds, self.label_count = sources, backgrounds, label_count
        self.rng, self.frames, self.mix, self.length = rng, frames, mix, window_samples(frames)

    def positives(self, count: int) -> Pool:
        """Windows with one or more of the classes in them, every class as often."""
        return self._pool(count, self._positive)

    def negatives(self, count: int) -> Pool:
        """Windows with none: backgrounds, at times cut off, faded, or two at once; now and then digital silence."""
        return self._pool(count, self._negative)

    def _pool(self, count: int, draw) -> Pool:
        targets = np.zeros((count, self.label_count), np.float32)
        weights = np.ones((count, self.label_count), np.float32)
        source, codes = np.zeros(count, np.int32), []
        for begin in range(0, count, 64):
            end = min(begin + 64, count)
            waves = np.zeros((end - begin, self.length), np.float32)
            for i in range(begin, end):
                source[i] = draw(waves[i - begin], targets[i], weights[i])
            codes.append(codes_of(self._levelled(waves)))
        return Pool(np.concatenate(codes), targets, weights, source)

    def _levelled(self, waves: np.ndarray) -> np.ndarray:
        blocks = waves[:, :waves.shape[1] // BLOCK * BLOCK].reshape(len(waves), -1, BLOCK)
        loudest = (blocks**2).mean(axis=2).max(axis=1)
        factor = np.where(loudest > 1e-12, 10 ** (LOUDEST_DB / 20) / np.sqrt(np.maximum(loudest, 1e-12)), 0.0)
        return waves * factor[:, None].astype(np.float32)

    def _draw(self) -> int:
        clips = self.by_label[self.rng.integers(self.label_count)]
        return clips[self.rng.integers(len(clips))]

    def _positive(self, wave, targets, weights) -> int:
        rng, mix, n, kind = self.rng, self.mix, self.length, self.rng.random()
        first = self._draw()
        if kind < mix.joined:
            cut = int(rng.uniform(0.1, 0.9) * n)
            self._place(first, wave, targets, weights, slice(0, cut), "end")
            start = cut + int(rng.choice([0, 0, rng.integers(0, n // 4)]))
            if start < n - n // 20:
                self._place(self._draw(), wave, targets, weights, slice(start, n), "start", rng.uniform(-12, 12))
        elif kind < mix.joined + mix.padded:
            cut = int(rng.uniform(0.15, 0.9) * n)
            if rng.random() < 0.5:
                self._place(first, wave, targets, weights, slice(0, cut), "end")
            else:
                self._place(first, wave, targets, weights, slice(n - cut, n), "start")
        else:
            self._place(first, wave, targets, weights, slice(0, n), "any")
            if rng.random() < mix.overlay:
                self._place(self._draw(), wave, targets, weights, slice(0, n), "any", rng.uniform(*mix.overlay_db))
        if rng.random() < mix.background:
            noise, _ = self._background()
            rms = np.sqrt((noise**2).mean()) + 1e-9
            wave += noise * np.float32(10 ** (-rng.uniform(*mix.snr_db) / 20) / rms)
        return first

    def _place(self, index, wave, targets, weights, where: slice, part: str, relative_db: float = 0.0) -> None:
        """Adds a crop of the clip ('start', 'end' or 'any'where) at ``relative_db`` re a loudest RMS of 1."""
        rng, length, source = self.rng, where.stop - where.start, self.sources[index]
        plain = len(source.waves) // 2
        speed = int(rng.integers(len(source.waves))) if rng.random() < self.mix.resampled else plain
        sound, active = source.waves[speed], source.active[speed]
        slack = max(len(sound) - length, 0)
        begin = {"start": 0, "end": slack, "any": int(rng.integers(slack + 1))}[part]
        if part == "any" and self._blocks(active, begin, length) < POSITIVE_BLOCKS:
            begin = int(rng.integers(slack + 1))
        piece = sound[begin:begin + length]
        at = where.stop - len(piece) if part == "end" else where.start + (int(rng.integers(length - len(piece) + 1)) if part == "any" else 0)
        wave[at:at + len(piece)] += piece * np.float32(10 ** (relative_db / 20) / source.loudness[speed])
        blocks, k = self._blocks(active, begin, length), source.label
        if blocks >= POSITIVE_BLOCKS and relative_db >= self.mix.positive_db:
            targets[k], weights[k] = 1.0, 1.0
        elif blocks > 0 and relative_db >= -20 and targets[k] == 0:
            weights[k] = 0.0

    @staticmethod
    def _blocks(active: np.ndarray, begin: int, length: int) -> int:
        return int(active[begin // BLOCK:(begin + length) // BLOCK].sum())

    def _background(self):
        """-> a window of one background float32 and which it was."""
        group = int(self.rng.integers(len(self.backgrounds)))
        one = int(self.rng.integers(len(self.backgrounds[group])))
        sound = self.backgrounds[group][one]
        begin = int(self.rng.integers(max(len(sound) - self.length, 0) + 1))
        part = np.resize(np.asarray(sound[begin:begin + self.length], np.float32), self.length)
        return (part / 32767.0 if sound.dtype == np.int16 else part), sum(map(len, self.backgrounds[:group])) + one

    def _negative(self, wave, _targets, _weights) -> int:
        rng, n = self.rng, self.length
        if rng.random() < 0.03:
            return 0
        noise, which = self._background()
        wave += noise / (np.sqrt((noise**2).mean()) + 1e-9)
        if rng.random() < 0.2:
            other, _ = self._background()
            wave += other / (np.sqrt((other**2).mean()) + 1e-9) * np.float32(10 ** (rng.uniform(-20, 0) / 20))
        if rng.random() < 0.15:
            begin, end = np.sort(rng.integers(0, n, size=2))
            wave[begin:end] *= np.float32(10 ** (rng.uniform(-60, 10) / 20))
        if rng.random() < 0.05:
            cut = int(rng.uniform(0.1, 0.9) * n)
            wave[cut:] = 0
        return which
