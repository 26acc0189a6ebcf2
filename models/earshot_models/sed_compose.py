"""Training sequences with strong labels, composed in the mel power domain (see augment.py) after the definitions of mixtures.py.

A sequence is one of: events over a bed at one SNR, the bed alone, clips played one after another without a bed, or silence. Sounds of no class
are placed like events. Every sequence ends as the codes that a sensor would send.
"""

from dataclasses import dataclass

import numpy as np

from . import data, frontend, mixtures
from .sed_network import BLOCK_FRAMES, STEP_FRAMES
from .sed_sources import CUT_SHARE, Bed, Clip

PAUSE_BLOCKS = round(mixtures.LONGEST_PAUSE_S * 50)
SHORTEST_BLOCKS = 10


@dataclass(frozen=True)
class Mix:
    """Shares (0-1), ranges (dB) and numbers of the composition."""

    blocks: int = 8
    no_event: float = 0.12
    clips_only: float = 0.2
    events: tuple = (1, 5)
    strangers: float = 0.4
    snr_db: tuple = (-6.0, 22.0)
    own_snr_db: float = 0.3
    other_speed: float = 0.6
    cropped: float = 0.4
    level_db: tuple = (-50.0, 12.0)
    tilt_db: float = 8.0
    event_tilt_db: float = 5.0
    floor: float = 0.25


class Composer:
    """Draws batches of sequences; every draw comes from ``rng`` alone."""

    def __init__(self, clips: list, beds: list, label_count: int, rng: np.random.Generator, mix: Mix = Mix()):
        self.by_label = [[c for c in clips if c.label == k] for k in range(label_count)]
        self.beds = beds
        self.label_count = label_count
        self.rng = rng
        self.mix = mix
        self.frames = mix.blocks * BLOCK_FRAMES

    def batch(self, size: int):
        """-> codes uint8 [size, frames, 64], targets float32 [size, steps, labels]: the share of each step in which the label sounds."""
        codes = np.zeros((size, self.frames, frontend.MEL_BANDS), np.uint8)
        targets = np.zeros((size, self.frames // STEP_FRAMES, self.label_count), np.float32)
        for i in range(size):
            power = np.zeros((self.frames, frontend.MEL_BANDS))
            sounding = np.zeros((self.frames, self.label_count), bool)
            if self.rng.random() < self.mix.clips_only:
                self._clips_only(power, sounding)
            else:
                self._over_bed(power, sounding)
            codes[i] = self._as_sent(power)
            targets[i] = sounding.reshape(-1, STEP_FRAMES, self.label_count).mean(axis=1)
        return codes, targets

    def _draw(self) -> Clip:
        clips = self.by_label[self.rng.integers(self.label_count)]
        return clips[self.rng.integers(len(clips))]

    def _over_bed(self, power, sounding) -> None:
        rng, mix = self.rng, self.mix
        bed = self.beds[rng.integers(len(self.beds))]
        mel, level = self._bed(bed)
        power += mel
        snr_db = rng.uniform(*mix.snr_db)
        count = 0 if rng.random() < mix.no_event else int(rng.integers(mix.events[0], mix.events[1] + 1))
        for _ in range(count):
            own = rng.uniform(*mix.snr_db) if rng.random() < mix.own_snr_db else snr_db
            self._event(power, sounding, level, own)
        while rng.random() < mix.strangers:
            self._stranger(power, level, rng.uniform(*mix.snr_db))

    def _bed(self, bed: Bed):
        """A part of a bed as long as the sequence (wrapped round where it is shorter), its mean power 1e-3."""
        frames = (self.rng.integers(len(bed.mel)) + np.arange(self.frames)) % len(bed.mel)
        level = np.maximum(bed.level[np.minimum(frames, len(bed.level) - 1)], 0) + 1e-13
        factor = 1e-3 / level.mean()
        return bed.mel[frames] * factor, level * factor

    def _event(self, power, sounding, level, snr_db) -> None:
        rng, clip = self.rng, self._draw()
        speed = int(rng.integers(len(data.SPEEDS))) if rng.random() < self.mix.other_speed else data.ORIGINAL
        begin, end = clip.spans[rng.integers(len(clip.spans))]
        longest = min(250, self.frames - 1)
        if end - begin > longest or (end - begin > 50 and rng.random() < self.mix.cropped):
            length = min(longest, end - begin)
            length = int(rng.integers(min(30, length), length + 1))
            begin = int(rng.integers(begin, end - length + 1))
            begin, end = _trimmed(clip.level, begin, begin + length)
        mean = clip.level[begin:end].mean()
        begin, end = round(begin / data.SPEEDS[speed]), round(end / data.SPEEDS[speed])
        length = end - begin
        if length < SHORTEST_BLOCKS or mean <= 0:
            return
        start = int(rng.integers(-length // 2, self.frames - length // 2))
        near = sounding[max(start - PAUSE_BLOCKS, 0):max(start + length + PAUSE_BLOCKS, 0), clip.label]
        if near.any():
            return
        span = slice(max(start, 0), min(start + length, self.frames))
        factor = level[span].mean() / mean * 10 ** (snr_db / 10)
        _place(power, clip.mels[speed] * (factor * self._response(self.mix.event_tilt_db)), begin, end, start)
        sounding[span, clip.label] = True

    def _stranger(self, power, level, snr_db) -> None:
        """A piece of another bed, with hard or soft ends: what begins and ends is not always a class."""
        rng, bed = self.rng, self.beds[self.rng.integers(len(self.beds))]
        length = min(int(10 * 10 ** rng.uniform(0, 1.4)), len(bed.mel) - 4)
        begin, start = int(rng.integers(len(bed.mel) - length)), int(rng.integers(0, self.frames - 5))
        span = slice(start, min(start + length, self.frames))
        piece = bed.mel[begin:begin + length]
        shape = np.hanning(length + 2)[1:-1, None] ** rng.choice([0.0, 0.0, 0.5, 2.0])
        mean = bed.level[min(begin, len(bed.level) - 1):begin + length].mean() + 1e-13
        factor = level[span].mean() / mean * 10 ** (snr_db / 10)
        power[span] += (piece * shape)[:span.stop - span.start] * factor

    def _clips_only(self, power, sounding) -> None:
        """Whole clips one after another, as the live stream plays them, sometimes with silence between."""
        rng, at = self.rng, -int(self.rng.integers(0, 200))
        while at < self.frames:
            clip = self._draw()
            speed = int(rng.integers(len(data.SPEEDS))) if rng.random() < self.mix.other_speed else data.ORIGINAL
            mel, pace = clip.mels[speed], data.SPEEDS[speed]
            loudest = clip.level.max() + 1e-13
            _place(power, mel * (10 ** rng.uniform(-1.5, 0) / loudest), 0, len(mel), at)
            for begin, end in clip.spans:
                sounding[max(at + round(begin / pace), 0):max(at + round(end / pace), 0), clip.label] = True
            at += len(mel) + (int(rng.integers(0, 100)) if rng.random() < 0.3 else 2)

    def _response(self, range_db: float) -> np.ndarray:
        """A smooth random response over the bands, as power factors [64]."""
        knots = self.rng.uniform(-range_db, range_db, size=5)
        return 10 ** (np.interp(np.linspace(0, 4, frontend.MEL_BANDS), np.arange(5), knots) / 10)

    def _as_sent(self, power: np.ndarray) -> np.ndarray:
        """Microphone response, gain, sometimes a noise floor and masked bands or moments, then codes [frames, 64]."""
        rng, mix = self.rng, self.mix
        power = power * self._response(mix.tilt_db if rng.random() < 0.7 else 0.0)
        loudest = np.percentile(power.mean(axis=1), 95) + 1e-13
        power = power * (10 ** (rng.uniform(*mix.level_db) / 10) / loudest)
        if rng.random() < mix.floor:
            power = power + 10 ** (rng.uniform(-10, -6)) * rng.exponential(size=power.shape)
        if rng.random() < 0.5:
            width = int(rng.integers(1, 9))
            begin = int(rng.integers(frontend.MEL_BANDS - width))
            power[:, begin:begin + width] *= 1e-3
        if rng.random() < 0.3:
            width = int(rng.integers(1, 8))
            begin = int(rng.integers(self.frames - width))
            power[begin:begin + width] = 0
        return frontend.quantise(10 * np.log10(power + 1e-12))


def _trimmed(level: np.ndarray, begin: int, end: int):
    """The span without what lies 20 dB below its loudest at both ends."""
    part = level[begin:end]
    active = np.flatnonzero(part > part.max() * 10 ** (-mixtures.ACTIVE_RANGE_DB / 10))
    return (begin + int(active[0]), begin + int(active[-1]) + 1) if len(active) else (begin, begin)


def _place(power: np.ndarray, mel: np.ndarray, begin: int, end: int, start: int) -> None:
    """Adds blocks [begin, end) of a recording so that block ``begin`` falls on block ``start`` of the sequence; frames that reach over an end
    have the share of energy that is inside."""
    first, last = max(begin - 3, 0), min(end, len(mel))
    frames = np.arange(first, last)
    into = frames - begin + start
    inside = (into >= 0) & (into < len(power))
    frames, into = frames[inside], into[inside]
    share = CUT_SHARE[np.clip(begin - frames, 0, 4)] * CUT_SHARE[np.clip(frames + 4 - end, 0, 4)]
    power[into] += mel[frames] * share[:, None]
