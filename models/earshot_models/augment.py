"""Training windows, composed in the mel power domain.

Powers of independent sounds add (cross terms average out), a gain is a factor, digital silence is 0: so mixing,
cutting and joining clips as a live stream does needs no waveforms. Every window ends as the codes a sensor would send.
"""

from dataclasses import dataclass

import numpy as np

from . import data, frontend
from .network import WINDOW_FRAMES

ACTIVE_RANGE_DB = 30.0
POSITIVE_FRAMES = 8
"""A label holds when its clip is active in at least 160 ms of the window; in 1..7 frames it is not judged."""


@dataclass(frozen=True)
class Mix:
    """Shares (0-1) and ranges (dB) of the composition."""

    negative: float = 0.15
    joined: float = 0.3
    padded: float = 0.12
    overlay: float = 0.45
    background: float = 0.35
    gain_db: tuple = (-35.0, 8.0)
    overlay_db: tuple = (-25.0, 3.0)
    positive_db: float = -13.0
    tilt_db: float = 8.0
    band_masks: int = 1
    time_masks: int = 1


@dataclass(frozen=True)
class Source:
    """A clip ready for mixing: power [frames, 64] per speed, activity [frames] per speed, its loudest level (dB)."""

    label: int
    power: list
    active: list
    level_db: list


def make_source(label: int, mels: list) -> Source:
    """Scales nothing; marks frames within 30 dB of the clip's 98th level percentile as active."""
    active, levels = [], []
    for mel in mels:
        frame_db = 10 * np.log10(mel.sum(axis=1) + 1e-12)
        loudest = float(np.percentile(frame_db[frame_db > -90], 98)) if (frame_db > -90).any() else -90.0
        active.append(frame_db > max(loudest - ACTIVE_RANGE_DB, -85.0))
        levels.append(loudest)
    return Source(label, mels, active, levels)


def synthetic_noises(rng: np.random.Generator, count: int = 48, seconds: float = 5.0) -> list:
    """Mel powers [frames, 64] of coloured, band-limited and swelling noise, hum and tones: all 'none of these'."""
    n = int(seconds * frontend.SAMPLE_RATE_HZ)
    hz = np.fft.rfftfreq(n, 1 / frontend.SAMPLE_RATE_HZ)
    t = np.arange(n) / frontend.SAMPLE_RATE_HZ
    out = []
    for index in range(count):
        spectrum = rng.normal(size=len(hz)) + 1j * rng.normal(size=len(hz))
        shape = np.maximum(hz, 20.0) ** (-rng.uniform(0, 2) / 2)
        if index % 4 == 1:
            low = rng.uniform(50, 2000)
            shape *= 1 / (1 + (low / np.maximum(hz, 1)) ** 4) / (1 + (hz / (low * rng.uniform(1.5, 4))) ** 4)
        sound = np.fft.irfft(spectrum * shape, n)
        sound /= sound.std()
        if index % 4 == 2:
            base = rng.choice([50.0, 60.0, rng.uniform(40, 400)])
            hum = sum(rng.uniform(0, 1) / k * np.sin(2 * np.pi * base * k * t + rng.uniform(0, 6)) for k in range(1, 9))
            sound = hum / hum.std() + sound * 10 ** (-rng.uniform(0, 40) / 20)
        if index % 4 == 3:
            start, end = rng.uniform(100, 6000, size=2)
            end = start if rng.random() < 0.5 else end
            sound = np.sin(2 * np.pi * (start * t + 0.5 * (end - start) * t * t / seconds)) \
                + sound * 10 ** (-rng.uniform(10, 60) / 20)
        out.append(data.mel_power(0.1 * sound))
    return out


class WindowSampler:
    """Draws training batches; every draw comes from ``rng`` alone."""

    def __init__(self, sources: list, backgrounds: list, label_count: int, rng: np.random.Generator, mix: Mix = Mix()):
        self.by_label = [[s for s in sources if s.label == k] for k in range(label_count)]
        self.backgrounds = backgrounds
        self.label_count = label_count
        self.rng = rng
        self.mix = mix

    def batch(self, size: int):
        """-> dB float32 [size, 100, 64], targets float32 [size, labels], weights (0: not judged) of the same shape."""
        power = np.zeros((size, WINDOW_FRAMES, frontend.MEL_BANDS), np.float32)
        targets = np.zeros((size, self.label_count), np.float32)
        weights = np.ones((size, self.label_count), np.float32)
        for i in range(size):
            if self.rng.random() < self.mix.negative:
                power[i] = self._negative()
            else:
                self._positive(power[i], targets[i], weights[i])
        return self._as_sent(power), targets, weights

    def _draw(self) -> Source:
        clips = self.by_label[self.rng.integers(self.label_count)]
        return clips[self.rng.integers(len(clips))]

    def _positive(self, power, targets, weights) -> None:
        rng, kind = self.rng, self.rng.random()
        first = self._draw()
        if kind < self.mix.joined:
            cut = int(rng.integers(10, WINDOW_FRAMES - 10))
            self._place(first, power, targets, weights, slice(0, cut), "end")
            gap = int(rng.choice([0, 0, rng.integers(0, 30)]))
            if cut + gap < WINDOW_FRAMES - 5:
                self._place(self._draw(), power, targets, weights, slice(cut + gap, WINDOW_FRAMES), "start",
                            rng.uniform(-12, 12))
        elif kind < self.mix.joined + self.mix.padded:
            cut = int(rng.integers(15, WINDOW_FRAMES - 10))
            if rng.random() < 0.5:
                self._place(first, power, targets, weights, slice(0, cut), "end")
            else:
                self._place(first, power, targets, weights, slice(WINDOW_FRAMES - cut, WINDOW_FRAMES), "start")
        else:
            self._place(first, power, targets, weights, slice(0, WINDOW_FRAMES), "any")
            if rng.random() < self.mix.overlay:
                self._place(self._draw(), power, targets, weights, slice(0, WINDOW_FRAMES), "any", rng.uniform(*self.mix.overlay_db))
        if rng.random() < self.mix.background:
            loudest = float(power.sum(axis=1).max())
            noise = self._background()
            snr_db = rng.uniform(3, 45)
            power += noise * (loudest / (noise.sum(axis=1).mean() + 1e-12) * 10 ** (-snr_db / 10))

    def _place(self, source, power, targets, weights, where: slice, part: str, relative_db: float = 0.0) -> None:
        """Adds a crop of the clip ('start', 'end' or 'any'where) at relative_db re a loudest level of 0 dB."""
        rng, length = self.rng, where.stop - where.start
        speed = int(rng.integers(len(data.SPEEDS))) if rng.random() < 0.6 else data.ORIGINAL
        mel, active = source.power[speed], source.active[speed]
        slack = len(mel) - length
        if slack < 0:
            mel, active = np.pad(mel, ((0, -slack), (0, 0))), np.pad(active, (0, -slack))
            slack = 0
        begin = {"start": 0, "end": slack, "any": int(rng.integers(slack + 1))}[part]
        if part == "any" and active[begin:begin + length].sum() < POSITIVE_FRAMES:
            begin = int(rng.integers(slack + 1))
        factor = 10 ** ((relative_db - source.level_db[speed]) / 10)
        power[where] += mel[begin:begin + length] * factor
        frames = int(active[begin:begin + length].sum())
        k = source.label
        if frames >= POSITIVE_FRAMES and relative_db >= self.mix.positive_db:
            targets[k], weights[k] = 1.0, 1.0
        elif frames > 0 and relative_db >= -20 and targets[k] == 0:
            weights[k] = 0.0

    def _background(self) -> np.ndarray:
        noise = self.backgrounds[self.rng.integers(len(self.backgrounds))]
        begin = self.rng.integers(len(noise) - WINDOW_FRAMES + 1)
        return noise[begin:begin + WINDOW_FRAMES]

    def _negative(self) -> np.ndarray:
        if self.rng.random() < 0.12:
            return np.zeros((WINDOW_FRAMES, frontend.MEL_BANDS), np.float32)
        noise = self._background()
        noise = noise / (noise.sum(axis=1).max() + 1e-12)
        if self.rng.random() < 0.2:
            noise = noise.copy()
            begin, end = np.sort(self.rng.integers(0, WINDOW_FRAMES, size=2))
            noise[begin:end] *= 10 ** (self.rng.uniform(-6, 1))
        if self.rng.random() < 0.15:
            noise = noise * 10 ** (-self.rng.uniform(2, 5))
        return noise

    def _as_sent(self, power: np.ndarray) -> np.ndarray:
        """Microphone response, gain and masks per window, then the front end's codes; power [N, 100, 64] -> dB."""
        rng, mix, n = self.rng, self.mix, len(power)
        bands = frontend.MEL_BANDS
        knots = rng.uniform(-mix.tilt_db, mix.tilt_db, size=(n, 5)) * (rng.random((n, 1)) < 0.7)
        places = np.linspace(0, 4, bands)
        response = np.stack([np.interp(places, np.arange(5), row) for row in knots]) if n else np.zeros((0, bands))
        db = 10 * np.log10(power + 1e-13) + response[:, None, :] + rng.uniform(*mix.gain_db, size=(n, 1, 1))
        quiet = power <= 1e-13
        floor = np.where(rng.random((n, 1, 1)) < 0.3, rng.uniform(-100, -60, size=(n, 1, 1)), -200.0)
        db = np.where(quiet, -200.0, db)
        db = 10 * np.log10(10 ** (db / 10) + 10 ** (floor / 10) * rng.exponential(size=db.shape) + 1e-21)
        for i in range(n):
            for _ in range(int(rng.integers(mix.band_masks + 1))):
                width = int(rng.integers(1, 9))
                begin = int(rng.integers(bands - width))
                db[i, :, begin:begin + width] -= 40
            for _ in range(int(rng.integers(mix.time_masks + 1))):
                width = int(rng.integers(1, 16))
                begin = int(rng.integers(WINDOW_FRAMES - width))
                db[i, begin:begin + width] = frontend.FLOOR_DB
        return frontend.dequantise(frontend.quantise(db))
