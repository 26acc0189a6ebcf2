"""A model of Earshot's by Python's onnxruntime, one thread: the reference that `npm run bench -- inference` runs beside it.

Arguments: the ONNX file, a file of uint8 log-mel codes and the frames of a window (a block of a sequence model). Each line on standard
input is a batch size and measures all windows once, from codes to probabilities. Answers a line of JSON: CPU seconds, and the mean of the
largest probability of each window for comparison.
"""

import json
import sys
import time

import numpy as np
import onnxruntime


def open_session(file):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])


class Classifier:
    def __init__(self, file):
        self.session = open_session(file)
        self.outputs = [output.name for output in self.session.get_outputs()]
        self.state_size = next((one.shape[1] for one in self.session.get_inputs() if one.name == "state"), 0)

    def predict(self, codes):
        """codes uint8 [windows, frames, bands] -> probabilities [windows, labels or steps x labels]; a state is zero."""
        feeds = {"logmel": codes.astype(np.float32) * np.float32(0.5) - np.float32(100)}
        if self.state_size > 0:
            feeds["state"] = np.zeros((len(codes), self.state_size), np.float32)
        answers = dict(zip(self.outputs, self.session.run(self.outputs, feeds)))
        return answers["probabilities"].reshape(len(codes), -1)


def main():
    classifier = Classifier(sys.argv[1])
    codes = np.fromfile(sys.argv[2], dtype=np.uint8).reshape(-1, int(sys.argv[3]), 64)
    for line in sys.stdin:
        batch = int(line)
        before = time.process_time()
        found = [classifier.predict(codes[at : at + batch]) for at in range(0, len(codes), batch)]
        cpu = time.process_time() - before
        print(json.dumps({"cpuS": cpu, "meanLargest": float(np.concatenate(found).max(axis=1).mean())}), flush=True)


if __name__ == "__main__":
    main()
