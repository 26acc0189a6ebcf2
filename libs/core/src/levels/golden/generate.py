"""Golden sound levels: `python generate.py > levels.json` (Python 3, numpy 2.4.6, scipy 1.17.1).

Independent of Earshot's filters: the signal is upsampled (FFT) 16 times, where the analogue filters of IEC 61672-1 and
third-order Butterworth band-passes are carried over by the plain bilinear transform, and runs causally from rest.
"""

import json

import numpy as np
import scipy
from scipy import signal

OVERSAMPLING = 16
F1, F2, F3, F4 = 20.598997, 107.65265, 737.86223, 12194.217
RATES_HZ = (16000, 32000, 48000)
SECONDS = 3
BANDS = (6, 10, 16, 20, 24, 25, 26, 27, 28, 29)


def render(rate_hz: int) -> np.ndarray:
    """x = (1664525 x + 1013904223) mod 2^32 from 12345; noise (x / 2^31 - 1) * gain, gain by second: 0.3, 0.03, 0 -> 0.3."""
    x, out = 12345, np.empty(SECONDS * rate_hz)
    for n in range(len(out)):
        x = (1664525 * x + 1013904223) % 2**32
        gain = (0.3, 0.03, 0.3 * (n % rate_hz) / rate_hz)[n // rate_hz]
        out[n] = (x / 2**31 - 1) * gain
    return out.astype(np.float32).astype(np.float64)


def weighted(x: np.ndarray, rate_hz: int, curve: str) -> np.ndarray:
    zeros, poles = [0, 0], [F1, F1, F4, F4]
    if curve == "A":
        zeros, poles = zeros + [0, 0], poles + [F2, F3]
    p = -2 * np.pi * np.array(poles)
    k = 1 / abs(signal.freqs_zpk(zeros, p, 1, [2 * np.pi * 1000])[1][0])
    return signal.sosfilt(signal.zpk2sos(*signal.bilinear_zpk(zeros, p, k, rate_hz)), x)


def db(mean_square) -> list:
    return np.round(10 * np.log10(mean_square), 4).tolist()


def levels(rate_hz: int) -> dict:
    native = render(rate_hz)
    # Silence on both sides keeps the FFT's periodicity away.
    padded = np.concatenate([np.zeros(rate_hz), native, np.zeros(rate_hz)])
    rate = rate_hz * OVERSAMPLING
    x = signal.resample(padded, len(padded) * OVERSAMPLING)
    z = signal.sosfilt(signal.butter(1, 1.0, "highpass", fs=rate, output="sos"), x)
    a, c = weighted(z, rate, "A"), weighted(z, rate, "C")
    alpha = 1 - np.exp(-1 / (rate * 0.125))
    laf = signal.lfilter([alpha], [1, alpha - 1], a * a)
    inside = slice(rate, rate * (1 + SECONDS))
    per_second = lambda y: db(np.mean((y[inside] ** 2).reshape(SECONDS, rate), axis=1))
    bands = {}
    for index in BANDS:
        mid = 1000 * 10 ** ((index - 16) / 10)
        edges = [mid * 10**-0.05, mid * 10**0.05]
        if edges[1] <= 0.475 * rate_hz:
            sos = signal.butter(3, edges, "bandpass", fs=rate, output="sos")
            bands[str(index)] = per_second(signal.sosfilt(sos, z))
    return {
        "sampleRateHz": rate_hz,
        "laeqDb": per_second(a), "lceqDb": per_second(c), "lzeqDb": per_second(z),
        "laeq125msDb": db(np.mean((a[inside] ** 2).reshape(SECONDS * 8, rate // 8), axis=1)),
        "laf125msDb": db(laf[inside].reshape(SECONDS * 8, rate // 8)[:, -1]),
        "lafMaxDb": db(laf[inside].reshape(SECONDS, rate).max(axis=1)),
        "thirdOctaveDb": bands,
    }


if __name__ == "__main__":
    print(json.dumps({
        "schema": "earshot.golden-levels/1",
        "generator": "libs/core/src/levels/golden/generate.py",
        "numpy": np.__version__, "scipy": scipy.__version__,
        "signal": render.__doc__,
        "cases": [levels(rate_hz) for rate_hz in RATES_HZ],
    }, indent=1))
