"""The work of feature extraction and classification in plain Python: the reference that `npm run bench -- pipeline` runs beside it.

Arguments: a file of s16le samples at 16 kHz (whole seconds), the highest third octave in Hz, the ONNX file and the frames of a window. Each
line on standard input goes on with one stream through the whole file, second by second: librosa's log-mel, levels and third octaves by
PyOctaveBand, and onnxruntime on the window that the second completed, alone and in batches of 32. Filters, sessions and their states are made
before and kept. Answers a line of JSON: CPU seconds of each part.
"""

import json
import sys
import time

import numpy as np
from dsp_reference import RATE, LogMelStream
from inference_reference import Classifier
from levels_reference import LevelStream

BATCH = 32


class Clock:
    """CPU time of parts, s."""

    def __init__(self):
        self.parts = {"logMel": 0.0, "levels": 0.0, "batch1": 0.0, "batch32": 0.0}

    def run(self, part, work, *args):
        before = time.process_time()
        result = work(*args)
        self.parts[part] += time.process_time() - before
        return result


def to_float(pcm):
    return pcm.astype(np.float32) / np.float32(32768)


def main():
    pcm = np.fromfile(sys.argv[1], dtype="<i2")
    levels = LevelStream(RATE, float(sys.argv[2]))
    classifier = Classifier(sys.argv[3])
    frames = int(sys.argv[4])
    log_mel = LogMelStream()
    history = np.zeros((0, 64), np.uint8)
    for _ in sys.stdin:
        clock = Clock()
        windows = []
        for at in range(0, len(pcm), RATE):
            samples = clock.run("logMel", to_float, pcm[at : at + RATE])
            history = np.concatenate([history, clock.run("logMel", log_mel.push, samples)])[-frames:]
            clock.run("levels", levels.push, samples.astype(np.float64))
            windows.append(history if len(history) == frames else np.zeros((frames, 64), np.uint8))
        windows = np.stack(windows)
        for at in range(len(windows)):
            clock.run("batch1", classifier.predict, windows[at : at + 1])
        for at in range(0, len(windows), BATCH):
            clock.run("batch32", classifier.predict, windows[at : at + BATCH])
        print(json.dumps(clock.parts), flush=True)


if __name__ == "__main__":
    main()
