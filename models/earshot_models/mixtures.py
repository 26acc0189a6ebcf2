"""Seeded mixtures with strong labels: sounds of known classes placed over a background.

A mixture is drawn from ``default_rng([seed, index])`` and nothing else, so the same index at another SNR has the same events.

What is labelled (``sounds``): level is the mean power of 60 ms, stepped by 20 ms. A clip sounds where its level is within 20 dB of its loudest.
An event goes from the first to the last such moment, so silence and faint tails at both ends belong to nothing; pauses
shorter than 1 s are part of it (ticking, a bout of barking, the breath between two cries), a longer one ends it, and what follows is
another event. 20 dB lies between the 10 dB below the maximum of ISO 1996-2 and ISO 20906, which would cut what is plainly heard, and
the 40 dB that a quiet recording has, at which an event would go on far below the background that it is mixed with. It is a property of the recording
alone: the same at every SNR.

SNR of an event: mean power of its samples, pauses included, over mean power of the background in the same span, both after a first-order
high-pass at 50 Hz (the front end's lowest band), in dB. Other events in the span do not count. All events of a mixture have the same SNR.
"""

from dataclasses import dataclass

import numpy as np
from scipy import signal

from .frontend import SAMPLE_RATE_HZ as FS

BLOCK = 320
"""Samples over which activity is judged: 20 ms, the front end's hop."""
LEVEL_BLOCKS = 3
ACTIVE_RANGE_DB = 20.0
LONGEST_PAUSE_S = 1.0
FADE = 160
HIGH_PASS = signal.butter(1, 50, "highpass", fs=FS, output="sos")


@dataclass(frozen=True)
class Event:
    """Half-open, seconds since the mixture's first sample."""

    label: str
    onset_s: float
    offset_s: float


@dataclass(frozen=True)
class Plan:
    """What a mixture is made of. ``events``: smallest and largest number; ``polyphony``: so many may sound at a time."""

    duration_s: float = 10.0
    events: tuple = (1, 4)
    polyphony: int = 2
    longest_event_s: float = 5.0
    shortest_event_s: float = 0.2
    peak: float = 0.5


@dataclass(frozen=True)
class Mixture:
    """samples float32 [N] at 16 kHz in (-1, 1); events by onset."""

    samples: np.ndarray
    events: list
    snr_db: float


def spans(samples: np.ndarray) -> list:
    """[(begin, end)] in blocks of 20 ms, half-open: where the events of a clip are; none when there is no sound at all."""
    count = len(samples) // BLOCK
    power = (samples[:count * BLOCK].reshape(count, BLOCK).astype(np.float64) ** 2).mean(axis=1)
    level = np.convolve(power, np.ones(LEVEL_BLOCKS) / LEVEL_BLOCKS, "same") if count >= LEVEL_BLOCKS else power
    if count == 0 or level.max() <= 1e-12:
        return []
    active = np.flatnonzero(level > level.max() * 10 ** (-ACTIVE_RANGE_DB / 10))
    pauses = np.flatnonzero(np.diff(active) - 1 >= LONGEST_PAUSE_S * FS / BLOCK)
    begins, ends = np.concatenate([[0], pauses + 1]), np.concatenate([pauses, [len(active) - 1]])
    return [(int(active[i]), int(active[j]) + 1) for i, j in zip(begins, ends)]


def sounds(samples: np.ndarray) -> list:
    """The events of a clip as arrays of samples."""
    return [samples[begin * BLOCK:end * BLOCK] for begin, end in spans(samples)]


def trim(samples: np.ndarray) -> np.ndarray:
    """From the beginning of the first event to the end of the last; empty when there is none."""
    found = spans(samples)
    return samples[found[0][0] * BLOCK:found[-1][1] * BLOCK] if found else samples[:0]


def mix(seed: int, index: int, clips: list, backgrounds: list, snr_db: float, plan: Plan = Plan()) -> Mixture:
    """One mixture.

    clips: [(label, samples float [N] at 16 kHz)], of one side of a split only. backgrounds: float arrays at 16 kHz; one is drawn, a part of
    it cut out (repeated with a cross-fade where it is too short).
    """
    rng = np.random.default_rng([seed, index])
    length = round(plan.duration_s * FS)
    bed = _bed(rng, backgrounds[rng.integers(len(backgrounds))], length)
    out, events, taken = bed.copy(), [], np.zeros(length, int)
    labels = sorted({label for label, _ in clips})
    by_label = {label: [samples for name, samples in clips if name == label] for label in labels}
    heard = signal.sosfilt(HIGH_PASS, bed)
    for _ in range(rng.integers(plan.events[0], plan.events[1] + 1)):
        label = labels[rng.integers(len(labels))]
        sound = _foreground(rng, by_label[label], plan)
        if sound is None:
            continue
        start = _room(rng, taken, len(sound), plan.polyphony)
        if start is None or _sounds(events, label, start / FS, (start + len(sound)) / FS):
            continue
        span = slice(start, start + len(sound))
        power = (signal.sosfilt(HIGH_PASS, sound) ** 2).mean()
        factor = np.sqrt((heard[span] ** 2).mean() / power * 10 ** (snr_db / 10))
        out[span] += factor * sound
        taken[span] += 1
        events.append(Event(label, start / FS, (start + len(sound)) / FS))
    scale = plan.peak / max(float(np.abs(out).max()), 1e-9)
    return Mixture((out * scale).astype(np.float32), sorted(events, key=lambda e: (e.onset_s, e.label)), snr_db)


def _bed(rng: np.random.Generator, background: np.ndarray, length: int) -> np.ndarray:
    """A part of a background; its RMS is 0.05, so that no background is silent."""
    while len(background) < length:
        fade = min(FS // 10, len(background) // 2)
        ramp = np.sqrt(np.linspace(0, 1, fade))
        seam = background[-fade:] * ramp[::-1] + background[:fade] * ramp
        background = np.concatenate([background[:-fade], seam, background[fade:]])
    start = rng.integers(len(background) - length + 1)
    part = background[start:start + length].astype(np.float64)
    rms = np.sqrt((part**2).mean())
    part = part * (0.05 / rms) if rms > 1e-9 else part
    # Digital silence has no SNR: a floor 60 dB down.
    return part + 5e-5 * rng.standard_normal(length)


def _foreground(rng: np.random.Generator, clips: list, plan: Plan):
    """One event of a clip, cut at most to the longest, with short fades; None when it is too short."""
    found = sounds(clips[rng.integers(len(clips))])
    if not found:
        return None
    sound = found[rng.integers(len(found))]
    longest = round(plan.longest_event_s * FS)
    if len(sound) > longest:
        start = rng.integers(len(sound) - longest + 1)
        sound = max(sounds(sound[start:start + longest]), key=len)
    if len(sound) < plan.shortest_event_s * FS:
        return None
    sound = sound.astype(np.float64)
    ramp = np.linspace(0, 1, FADE)
    sound[:FADE] *= ramp
    sound[-FADE:] *= ramp[::-1]
    return sound


def _room(rng: np.random.Generator, taken: np.ndarray, length: int, polyphony: int):
    """A start at which fewer than ``polyphony`` sound throughout; None when 20 draws found none."""
    if length > len(taken):
        return None
    for _ in range(20):
        start = int(rng.integers(len(taken) - length + 1))
        if taken[start:start + length].max() < polyphony:
            return start
    return None


def _sounds(events: list, label: str, onset_s: float, offset_s: float) -> bool:
    """Whether the label sounds within the longest pause of the span: two of a kind would be one event."""
    return any(e.label == label and e.onset_s < offset_s + LONGEST_PAUSE_S and e.offset_s > onset_s - LONGEST_PAUSE_S for e in events)
