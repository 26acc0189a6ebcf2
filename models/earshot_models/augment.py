"""What varies between two showings of a stored window: level, microphone response, noise floor, masks, roll, and now and then a second window
laid over it. All on the codes, and the result is again what a sensor would send."""

from dataclasses import dataclass

import numpy as np

from . import frontend
from .compose import Pool


@dataclass(frozen=True)
class Vary:
    """Shares (0-1) and ranges (dB, frames, bands)."""

    negative: float = 0.28
    gain_db: tuple = (-60.0, 0.0)
    tilt_db: float = 8.0
    tilted: float = 0.7
    floored: float = 0.3
    rolled: float = 0.5
    band_masks: int = 1
    band_mask: int = 8
    time_masks: int = 1
    time_mask: int = 15


class Batches:
    """Batches out of a pool with classes and one without; every draw comes from ``rng`` alone."""

    def __init__(self, positives: Pool, negatives: Pool, rng: np.random.Generator, vary: Vary = Vary()):
        self.positives, self.negatives, self.rng, self.vary = positives, negatives, rng, vary

    def draw(self, size: int):
        """-> dB float32 [size, frames, 64], and the indices drawn: of positives [P], of negatives [size - P] (positives come first)."""
        without = int(self.rng.binomial(size, self.vary.negative))
        of_positives = self.rng.integers(len(self.positives.codes), size=size - without)
        of_negatives = self.rng.integers(len(self.negatives.codes), size=without)
        codes = np.concatenate([self.positives.codes[of_positives], self.negatives.codes[of_negatives]])
        return self.varied(codes), of_positives, of_negatives

    def varied(self, codes: np.ndarray) -> np.ndarray:
        """uint8 [N, frames, 64] -> dB float32 of the same shape, on the grid of the codes."""
        rng, vary, (n, frames, bands) = self.rng, self.vary, codes.shape
        knots = (rng.uniform(-vary.tilt_db, vary.tilt_db, size=(n, 5)) * (rng.random((n, 1)) < vary.tilted))
        places = np.linspace(0, 4, bands)
        response = np.stack([np.interp(places, np.arange(5), row) for row in knots]).astype(np.float32)
        gain = rng.uniform(*vary.gain_db, size=(n, 1, 1)).astype(np.float32)
        db = frontend.dequantise(codes) + response[:, None, :] + gain
        db[codes == 0] = frontend.FLOOR_DB
        for i in np.flatnonzero(rng.random(n) < vary.floored):
            floor = rng.uniform(-100, -60)
            db[i] = np.maximum(db[i], floor + 10 * np.log10(rng.standard_exponential((frames, bands), np.float32) + 1e-6))
        for i in range(n):
            if rng.random() < vary.rolled:
                db[i] = np.roll(db[i], int(rng.integers(frames)), axis=0)
            for _ in range(int(rng.integers(vary.band_masks + 1))):
                width = int(rng.integers(1, vary.band_mask + 1))
                begin = int(rng.integers(bands - width))
                db[i, :, begin:begin + width] -= 40
            for _ in range(int(rng.integers(vary.time_masks + 1))):
                width = int(rng.integers(1, vary.time_mask + 1))
                begin = int(rng.integers(frames - width))
                db[i, begin:begin + width] = frontend.FLOOR_DB
        return frontend.dequantise(frontend.quantise(db))
