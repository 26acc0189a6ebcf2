"""Log-mel of Earshot's front end by librosa: the reference that `npm run bench -- dsp` runs beside it.

Argument: a file of float32 samples at 16 kHz. Each line on standard input measures the whole signal once and says how: "long": in one call;
"chunks": second by second, the samples that later frames need carried over, melspectrogram called for each as its documentation shows;
"chunks-kept": the same, with the mel filters computed once. Answers a line of JSON: CPU seconds, and frames and mean code for comparison.
"""

import json
import sys
import time

import librosa
import numpy as np

RATE = 16000
FFT = 1024
HOP = 320
MEL = {"sr": RATE, "n_fft": FFT, "n_mels": 64, "fmin": 50.0, "fmax": 8000.0, "htk": False, "norm": "slaney"}
FILTERS = librosa.filters.mel(**MEL)


def codes_of(power):
    """Mel power [bands, frames] -> uint8 codes in steps of 0.5 dB from -100 dB, [frames, bands]."""
    db = librosa.power_to_db(power, ref=1.0, amin=1e-10, top_db=None)
    return np.clip(np.round((db.T + 100) / 0.5), 0, 255).astype(np.uint8)


def log_mel(samples):
    stft = {"hop_length": HOP, "win_length": FFT, "window": "hann", "center": False}
    return codes_of(librosa.feature.melspectrogram(y=samples, power=2.0, **stft, **MEL))


def log_mel_kept(samples):
    spectrum = librosa.stft(samples, n_fft=FFT, hop_length=HOP, win_length=FFT, window="hann", center=False)
    return codes_of(FILTERS @ np.abs(spectrum) ** 2)


class LogMelStream:
    """Chunks of any length (at least a hop) -> the codes of the frames that they complete."""

    def __init__(self, log_mel_of=log_mel):
        self.log_mel_of = log_mel_of
        self.tail = np.empty(0, np.float32)

    def push(self, chunk):
        samples = np.concatenate([self.tail, chunk])
        codes = self.log_mel_of(samples)
        self.tail = samples[len(codes) * HOP :]
        return codes


def measure(samples, how):
    if how == "long":
        return log_mel(samples)
    stream = LogMelStream(log_mel_kept if how == "chunks-kept" else log_mel)
    return np.concatenate([stream.push(samples[at : at + RATE]) for at in range(0, len(samples), RATE)])


def main():
    samples = np.fromfile(sys.argv[1], dtype=np.float32)
    for line in sys.stdin:
        before = time.process_time()
        codes = measure(samples, line.strip())
        cpu = time.process_time() - before
        print(json.dumps({"cpuS": cpu, "frames": len(codes), "meanCode": float(codes.mean())}), flush=True)


if __name__ == "__main__":
    main()
