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


def measure(samples, rate, highest_hz, stream):
    a_filter = WeightingFilter(rate, "A", stateful=stream)
    c_filter = WeightingFilter(rate, "C", stateful=stream)
    fast = TimeWeighting(rate, "fast")
    slow = TimeWeighting(rate, "slow")
    # The bank can't carry its states and lower its rate at once.
    bank = OctaveFilterBank(
        rate, fraction=3, order=6, limits=[25, highest_hz], dbfs=True, stateful=stream, resample=not stream
    )
    slot = rate // 8
    size = rate if stream else len(samples)
    chunks = []
    for start in range(0, len(samples), size):
        x = samples[start : start + size]
        a = np.asarray(a_filter.filter(x))
        c = np.asarray(c_filter.filter(x))
        laf = np.asarray(fast.process(a))
        las = np.asarray(slow.process(a))
        bands, _ = bank.filter(x, detrend=False)
        count = len(a) // slot
        squares = a[: count * slot].reshape(count, slot) ** 2
        chunks.append(
            {
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
        )
    return chunks


def main():
    samples = np.fromfile(sys.argv[1], dtype=np.float32).astype(np.float64)
    rate = int(sys.argv[2])
    highest_hz = float(sys.argv[3])
    for line in sys.stdin:
        before = time.process_time()
        chunks = measure(samples, rate, highest_hz, line.strip() == "stream")
        print(json.dumps({"cpuS": time.process_time() - before, "chunks": chunks}), flush=True)


main()
