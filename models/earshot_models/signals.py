"""Deterministic test signals, each with its formula in words so that any language can rebuild it.

Every sample is evaluated in double precision and then rounded to float32. n counts samples from 0, fs = 16000 Hz.
"""

import numpy as np

from .frontend import SAMPLE_RATE_HZ

LCG_SEED = 12345


def _time_s(count: int) -> np.ndarray:
    return np.arange(count, dtype=np.float64) / SAMPLE_RATE_HZ


def sine(count: int) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * 1000 * _time_s(count))


def two_sines(count: int) -> np.ndarray:
    t = _time_s(count)
    return 0.25 * np.sin(2 * np.pi * 440 * t) + 0.1 * np.sin(2 * np.pi * 3333 * t)


def chirp(count: int) -> np.ndarray:
    t = _time_s(count)
    return 0.5 * np.sin(2 * np.pi * (100 * t + 0.5 * 6000 * t * t / (count / SAMPLE_RATE_HZ)))


def noise(count: int) -> np.ndarray:
    x, out = LCG_SEED, np.empty(count)
    for n in range(count):
        x = (1664525 * x + 1013904223) % 2**32
        out[n] = (x / 2**31 - 1) * 0.25
    return out


def impulse(count: int) -> np.ndarray:
    out = np.zeros(count)
    out[1000] = 0.5
    return out


def silence(count: int) -> np.ndarray:
    return np.zeros(count)


SIGNALS = {
    "sine-1khz": (sine, "0.5 * sin(2*pi*1000*n/fs)"),
    "two-sines": (two_sines, "0.25 * sin(2*pi*440*n/fs) + 0.1 * sin(2*pi*3333*n/fs)"),
    "chirp": (chirp, "t = n/fs; T = durationS; 0.5 * sin(2*pi*(100*t + 0.5*6000*t*t/T)): linear, 100 Hz to 6100 Hz"),
    "noise": (noise, "x starts at 12345; for each sample: x = (1664525*x + 1013904223) mod 2^32 (exact integers), "
                     "then sample = (x / 2^31 - 1) * 0.25"),
    "impulse": (impulse, "0.5 at n = 1000, else 0"),
    "silence": (silence, "0"),
}


def render(name: str, duration_s: float) -> np.ndarray:
    """float32 [round(duration_s * 16000)] samples of the named signal."""
    return SIGNALS[name][0](round(duration_s * SAMPLE_RATE_HZ)).astype(np.float32)
