"""The level engine's work by PyOctaveBand: the reference that `npm run bench -- levels` runs beside it.

Arguments: a file of float32 samples, their rate and the highest band, Hz. Each line on standard input measures the whole signal once: A and C
weighting, Leq of A, C and Z, LAF and LAS, the LAF and LAeq of every 125 ms, C peak (at samples) and third octaves. The line says how:
"stream": second by second, the filters' states carried over, as a sensor's stream has to be; "file": all at once, which lets the bank
run at lower rates. Answers a line of JSON: CPU seconds and, for comparison, the levels of each chunk in dB.
"""

import json
import sys
import time

import numpy as np
from pyoctaveband import OctaveFilterBank, TimeWeighting, WeightingFilter


def db(mean_square):
    return 10 * np.log10(np.maximum(mean_square, 1e-30))


class LevelStream:
    """Chunks of whole 125 ms slots -> their levels, dB. `stream`: states are carried from chunk to chunk."""

    def __init__(self, rate, highest_hz, stream=True):
        self.slot = rate // 8
        self.a_filter = WeightingFilter(rate, "A", stateful=stream)
        self.c_filter = WeightingFilter(rate, "C", stateful=stream)
        self.fast = TimeWeighting(rate, "fast")
        self.slow = TimeWeighting(rate, "slow")
        # The bank can't carry its states and lower its rate at once.
        self.bank = OctaveFilterBank(
            rate, fraction=3, order=6, limits=[25, highest_hz], dbfs=True, stateful=stream, resample=not stream
        )

    def push(self, x):
        slot = self.slot
        a = np.asarray(self.a_filter.filter(x))
        c = np.asarray(self.c_filter.filter(x))
        laf = np.asarray(self.fast.process(a))
        las = np.asarray(self.slow.process(a))
        bands, _ = self.bank.filter(x, detrend=False)
        count = len(a) // slot
        squares = a[: count * slot].reshape(count, slot) ** 2
        return {
            "laeqDb": float(db(np.mean(a**2))),
            "lceqDb": float(db(np.mean(c**2))),
            "lzeqDb": float(db(np.mean(x**2))),
            "lafMaxDb": float(db(laf.max())),
            "lasMaxDb": float(db(las.max())),
            "lcPeakDb": float(db(np.max(np.abs(c)) ** 2)),
            "laf125msDb": db(laf[slot - 1 :: slot]).tolist(),
            "laeq125msDb": db(squares.mean(axis=1)).tolist(),
            "thirdOctaveDb": np.asarray(bands).tolist(),
        }


def measure(samples, rate, highest_hz, stream):
    levels = LevelStream(rate, highest_hz, stream)
    size = rate if stream else len(samples)
    return [levels.push(samples[start : start + size]) for start in range(0, len(samples), size)]


def main():
    samples = np.fromfile(sys.argv[1], dtype=np.float32).astype(np.float64)
    rate = int(sys.argv[2])
    highest_hz = float(sys.argv[3])
    for line in sys.stdin:
        before = time.process_time()
        chunks = measure(samples, rate, highest_hz, line.strip() == "stream")
        print(json.dumps({"cpuS": time.process_time() - before, "chunks": chunks}), flush=True)


if __name__ == "__main__":
    main()
