"""float32 model.onnx -> int8 model.onnx: static post-training quantisation (QDQ), calibrated on training windows.

Weights are 8 bits per output channel, symmetric, stored unsigned around 128; activations uint8 per tensor. Processors with AVX2 but without VNNI multiply unsigned by signed bytes with
saturating sums: with signed weights probabilities were wrong there by up to 0.36, with unsigned ones they are those of the simulation in floats, at a tenth more time. The normalisation before the first convolution and the calibration after the last
layer stay float32, so that input and outputs are those of the float32 bundle.
"""

import hashlib
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static

from .frontend import dequantise

CALIBRATION_WINDOWS = 512
QUANTISED = ("Conv", "Gemm", "MaxPool", "Add")
CEILING_BYTES = 100_000


class Windows(CalibrationDataReader):
    """Batches of 32 windows, codes uint8 [N, frames, 64]."""

    def __init__(self, codes: np.ndarray) -> None:
        self.batches = iter([{"logmel": dequantise(codes[i:i + 32])} for i in range(0, len(codes), 32)])

    def get_next(self):
        return next(self.batches, None)


def calibration_codes(positives: np.ndarray, negatives: np.ndarray, seed: int = 0) -> np.ndarray:
    """Some windows of the training pools, two thirds with a class in them."""
    rng = np.random.default_rng(seed)
    of = CALIBRATION_WINDOWS * 2 // 3
    return np.concatenate([positives[rng.choice(len(positives), of, replace=False)],
                           negatives[rng.choice(len(negatives), CALIBRATION_WINDOWS - of, replace=False)]])


def _shift(initializer: onnx.TensorProto) -> None:
    values = numpy_helper.to_array(initializer).astype(np.int16) + 128
    initializer.CopyFrom(numpy_helper.from_array(values.astype(np.uint8), initializer.name))


def make_weights_unsigned(model: onnx.ModelProto) -> None:
    """int8 weights and their zero points, both plus 128: the same values. Biases (int32) stay."""
    initializers = {one.name: one for one in model.graph.initializer}
    for node in model.graph.node:
        weights = initializers.get(node.input[0]) if node.op_type == "DequantizeLinear" else None
        if weights is not None and weights.data_type == onnx.TensorProto.INT8:
            _shift(weights)
            _shift(initializers[node.input[2]])


def write_int8(float32: Path, file: Path, codes: np.ndarray) -> str:
    """Quantises the graph and returns the SHA-256 of ``file``. Fails when it is larger than CEILING_BYTES."""
    graph = onnx.load(str(float32)).graph
    nodes = [node for node in graph.node]
    first = next(i for i, node in enumerate(nodes) if node.op_type == "Conv")
    last = max(i for i, node in enumerate(nodes) if node.op_type == "Gemm")
    kept = [node.name for i, node in enumerate(nodes) if i < first or i > last]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "int8.onnx"
        quantize_static(str(float32), str(out), Windows(codes), quant_format=QuantFormat.QDQ, op_types_to_quantize=list(QUANTISED), per_channel=True,
                        weight_type=QuantType.QInt8, activation_type=QuantType.QUInt8, nodes_to_exclude=kept,
                        calibrate_method=CalibrationMethod.MinMax, extra_options={"ActivationSymmetric": False, "WeightSymmetric": True})
        model = onnx.load(str(out))
        make_weights_unsigned(model)
        del model.metadata_props[:]
        model.doc_string = ""
        onnx.save(model, str(file))
    size = file.stat().st_size
    if size > CEILING_BYTES:
        raise RuntimeError(f"{file}: {size} bytes, more than {CEILING_BYTES}")
    return hashlib.sha256(file.read_bytes()).hexdigest()
