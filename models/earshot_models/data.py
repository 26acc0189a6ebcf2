"""Recordings -> cached mel power spectrograms.

The folder named by EARSHOT_RECORDINGS holds ``esc10/<class>/<fold>-<freesound id>-<take>.ogg`` and
``forest-day/*.wav``. Takes of one source recording share a fold, so a fold is never split.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import librosa
import numpy as np
import soundfile

from . import frontend

MODELS_DIR = Path(__file__).resolve().parent.parent
CACHE_DIR = Path(os.environ.get("EARSHOT_MODELS_CACHE", MODELS_DIR / ".cache"))
SPEEDS = (0.8, 0.9, 1.0, 1.12, 1.25)
"""Playback speeds prepared for training (pitch and tempo together); index 2 is the original."""
ORIGINAL = SPEEDS.index(1.0)


@dataclass(frozen=True)
class Recording:
    """One labelled clip (``label`` = class folder, ``fold`` 1-5) or a background (``label`` = '', ``fold`` 0)."""

    path: Path
    label: str
    fold: int


def recordings_dir() -> Path:
    """The folder that holds esc10/; fails with what to set when it is absent."""
    path = Path(os.environ.get("EARSHOT_RECORDINGS", MODELS_DIR.parent.parent / "shared" / "data"))
    if not (path / "esc10").is_dir():
        raise SystemExit(f"no esc10/ in {path}: set EARSHOT_RECORDINGS to the folder that holds esc10/ and forest-day/")
    return path


def esc10_clips() -> list:
    """All clips, sorted by class then file name."""
    root = recordings_dir() / "esc10"
    return [Recording(f, d.name, int(f.name.split("-")[0]))
            for d in sorted(root.iterdir()) if d.is_dir() for f in sorted(d.glob("*.ogg"))]


def labels() -> list:
    """Class names in output order: esc10's folder names, sorted."""
    return sorted({clip.label for clip in esc10_clips()})


def forest_clips(held_out: bool) -> list:
    """Every other half hour of the forest day: even positions are training negatives, odd ones are held out."""
    files = sorted((recordings_dir() / "forest-day").glob("*.wav"))
    return [Recording(f, "", 0) for f in files[1 if held_out else 0::2]]


def load_samples(path: Path) -> np.ndarray:
    """float32 [N] at 16 kHz mono in [-1, 1): channels averaged, soxr_hq resampling."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return librosa.resample(samples.mean(axis=1), orig_sr=rate, target_sr=frontend.SAMPLE_RATE_HZ, res_type="soxr_hq")


def mel_power(samples: np.ndarray) -> np.ndarray:
    """float32 [frames, 64] linear mel power, 0 where the front end is at its floor."""
    db = frontend.log_mel_db(samples)
    return np.where(db <= frontend.FLOOR_DB, 0.0, 10.0 ** (db / 10.0)).astype(np.float32)


def cached_samples(recording: Recording) -> np.ndarray:
    """load_samples, kept on disk."""
    return _cached(recording.path, "pcm", lambda: load_samples(recording.path))


def cached_speeds(recording: Recording) -> list:
    """Its samples at each of SPEEDS; float32 [N_i] at 16 kHz each."""
    def at(speed: float) -> np.ndarray:
        return librosa.resample(cached_samples(recording), orig_sr=frontend.SAMPLE_RATE_HZ * speed, target_sr=frontend.SAMPLE_RATE_HZ,
                                res_type="soxr_hq")
    return [cached_samples(recording) if speed == 1.0 else _cached(recording.path, f"pcm{speed}", lambda s=speed: at(s)) for speed in SPEEDS]


def cached_mels(recording: Recording) -> list:
    """mel_power at each of SPEEDS; float32 [frames_i, 64] each."""
    def at(speed: float) -> np.ndarray:
        samples = cached_samples(recording)
        if speed != 1.0:
            samples = librosa.resample(samples, orig_sr=frontend.SAMPLE_RATE_HZ * speed,
                                       target_sr=frontend.SAMPLE_RATE_HZ, res_type="soxr_hq")
        return mel_power(samples)
    return [_cached(recording.path, f"mel{speed}", lambda s=speed: at(s)) for speed in SPEEDS]


def _cached(path: Path, kind: str, make) -> np.ndarray:
    stat = path.stat()
    key = hashlib.sha256(f"{path.name}:{stat.st_size}:{kind}:v1".encode()).hexdigest()[:24]
    file = CACHE_DIR / "features" / f"{key}.npy"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_suffix(f".{os.getpid()}.npy")
        np.save(partial, make())
        partial.replace(file)
    return np.load(file)
