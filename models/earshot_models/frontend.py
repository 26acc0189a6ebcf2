"""Canonical front end ``logmel-16k-64-v1``; librosa is its definition.

samples (16 kHz mono, [-1, 1)) -> power spectrogram (periodic Hann 1024, hop 320, no centring)
-> 64 Slaney mel bands 50-8000 Hz -> dB re full-scale power, floored at -100 dB -> uint8 in 0.5 dB steps.
The power is that of the unnormalised DFT: a constant 1.0 has power 512**2 in bin 0.
"""

import librosa
import numpy as np

FRONT_END_ID = "logmel-16k-64-v1"
SAMPLE_RATE_HZ = 16000
FFT_LENGTH = 1024
HOP_LENGTH = 320
MEL_BANDS = 64
F_MIN_HZ = 50.0
F_MAX_HZ = 8000.0
FLOOR_DB = -100.0
STEP_DB = 0.5

MANIFEST_ENTRY = {
    "id": FRONT_END_ID, "sampleRateHz": SAMPLE_RATE_HZ, "fftLength": FFT_LENGTH, "windowLength": FFT_LENGTH,
    "hopLength": HOP_LENGTH, "melBands": MEL_BANDS, "fMinHz": 50, "fMaxHz": 8000, "melScale": "slaney",
    "melNorm": "slaney", "floorDb": -100, "stepDb": STEP_DB,
}


def frame_count(sample_count: int) -> int:
    """Number of whole frames in ``sample_count`` samples: 1 + floor((N - 1024) / 320), 0 if N < 1024."""
    return 0 if sample_count < FFT_LENGTH else 1 + (sample_count - FFT_LENGTH) // HOP_LENGTH


def log_mel_db(samples: np.ndarray) -> np.ndarray:
    """Log-mel in dB, unquantised.

    samples: float [N], 16 kHz mono in [-1, 1). Computed in double precision, whatever the input's.
    Returns float64 [frame_count(N), 64], never below -100.
    """
    if frame_count(len(samples)) == 0:
        return np.empty((0, MEL_BANDS))
    power = librosa.feature.melspectrogram(
        y=np.asarray(samples, dtype=np.float64), sr=SAMPLE_RATE_HZ, n_fft=FFT_LENGTH, hop_length=HOP_LENGTH,
        win_length=FFT_LENGTH, window="hann", center=False, power=2.0, n_mels=MEL_BANDS, fmin=F_MIN_HZ,
        fmax=F_MAX_HZ, htk=False, norm="slaney", dtype=np.float64)
    return librosa.power_to_db(power, ref=1.0, amin=1e-10, top_db=None).T


def quantise(db: np.ndarray) -> np.ndarray:
    """dB -> uint8 code, q = clamp(round((dB + 100) / 0.5), 0, 255); the same shape."""
    return np.clip(np.round((db - FLOOR_DB) / STEP_DB), 0, 255).astype(np.uint8)


def dequantise(codes: np.ndarray) -> np.ndarray:
    """uint8 code -> dB as float32 (-100 ... 27.5); what a model is fed."""
    return codes.astype(np.float32) * np.float32(STEP_DB) + np.float32(FLOOR_DB)


def log_mel_codes(samples: np.ndarray) -> np.ndarray:
    """samples float [N] -> uint8 [frame_count(N), 64]."""
    return quantise(log_mel_db(samples))
