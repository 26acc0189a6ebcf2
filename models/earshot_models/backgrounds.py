"""Sound that is none of the classes, for training, for choosing thresholds, and for judging: three sides that share nothing.

Generated scenes (``scenes``) differ by seed. Of the forest day the training half is ``data.forest_clips(held_out=False)``; the other half and
the background-only soundscape are judged on and never trained on. No choice is made on what the judging side says.
"""

import os
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from . import data, frontend, scenes

TRAINING_SEED, TUNING_SEED, JUDGING_SEED = 1001, 2002, 3003
TRAINING_SCENE_S = 20.0
TRAINING_SCENES = 150
"""Per kind: 4 x 150 x 20 s = 3.3 h."""
LONG_SCENE_S = 60.0
PEAK_INT16 = 32767.0


@dataclass(frozen=True)
class Hours:
    """Generated hours: ``per_kind`` scenes of a minute of each kind, drawn from ``seed``."""

    seed: int
    per_kind: int

    @property
    def hours(self) -> float:
        return self.per_kind * len(scenes.KINDS) * LONG_SCENE_S / 3600


TUNING_HOURS = Hours(TUNING_SEED, 90)
JUDGING_HOURS = Hours(JUDGING_SEED, 150)


def _cached(name: str, make) -> np.ndarray:
    """``make()`` kept on disk and mapped into memory."""
    file = data.CACHE_DIR / "backgrounds" / f"{name}.npy"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_suffix(f".{os.getpid()}.npy")
        np.save(partial, make())
        partial.replace(file)
    return np.load(file, mmap_mode="r")


def _to_int16(samples: np.ndarray) -> np.ndarray:
    return np.round(samples * PEAK_INT16).astype(np.int16)


def scene_bank(seed: int, kind: str, count: int, duration_s: float) -> np.ndarray:
    """int16 [count, samples] at 16 kHz, memory-mapped: ``count`` scenes of a kind, full scale 32767."""
    return _cached(f"{kind}-{seed}-{count}x{duration_s:g}-v1", lambda: np.stack(
        [_to_int16(scenes.render(kind, seed, index, duration_s)) for index in range(count)]))


def scene_codes(which: Hours, kind: str) -> np.ndarray:
    """uint8 [per_kind, frames, 64]: codes of the scenes of one kind; every scene is a stream of its own."""
    return _cached(f"codes-{kind}-{which.seed}-{which.per_kind}x{LONG_SCENE_S:g}-v1", lambda: np.stack(
        [frontend.log_mel_codes(scenes.render(kind, which.seed, index, LONG_SCENE_S)) for index in range(which.per_kind)]))


def all_scene_codes(which: Hours) -> dict:
    """{kind: codes}; making them takes about a second of one core for each minute of sound, once."""
    return {kind: scene_codes(which, kind) for kind in scenes.KINDS}


def noise_waves(rng: np.random.Generator, count: int, seconds: float = 5.0) -> list:
    """float32 arrays of RMS about 0.1: coloured, band-limited noise, hum and tones, a quarter each."""
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
        out.append((0.1 * sound).astype(np.float32))
    return out


def speech_and_music(rng: np.random.Generator, count: int, seconds: float = 10.0) -> list:
    """float32 arrays of RMS about 0.1: two thirds speech-like (one or two voices, near or far, in a room or not), one third music."""
    n, out = int(seconds * frontend.SAMPLE_RATE_HZ), []
    for index in range(count):
        if index % 3 == 2:
            sound = scenes.music(rng, n)
        else:
            sound = scenes.voice(rng, n)
            if rng.random() < 0.25:
                sound = sound + scenes.db(rng.uniform(-12, 0)) * scenes.voice(rng, n)
        if rng.random() < 0.5:
            sound = scenes.distant(sound, rng.uniform(1500, 7000))
        if rng.random() < 0.5:
            sound = scenes.reverberate(rng, sound)
        bed = scenes.noise(rng, n, scenes.fall(rng.uniform(0, 1)))
        sound = sound / (sound.std() + 1e-12) + bed * scenes.db(rng.uniform(-60, -12))
        out.append((0.1 * sound / sound.std()).astype(np.float32))
    return out


@lru_cache(maxsize=1)
def judging_recordings() -> dict:
    """{name: samples float32 [N] at 16 kHz} never trained on and without any of the classes: half of the forest day, the background-only
    soundscape (when it is there)."""
    found = {recording.path.stem: data.cached_samples(recording) for recording in data.forest_clips(held_out=True)}
    for path in sorted((data.recordings_dir() / "soundscapes").glob("bgonly*.wav")):
        found[path.stem] = data.cached_samples(data.Recording(path, "", 0))
    return found


def read_speech():
    """Ten seconds of read speech float32 [N] at 16 kHz, or None when it is not there. Only reported, never a ground for a choice."""
    path = data.recordings_dir() / "noisesensor" / "speak_32000Hz_16bitsPCM_10s.raw"
    if not path.exists():
        return None
    import librosa
    samples = np.frombuffer(path.read_bytes(), "<i2").astype(np.float32) / 32768
    return librosa.resample(samples, orig_sr=32000, target_sr=frontend.SAMPLE_RATE_HZ, res_type="soxr_hq")
