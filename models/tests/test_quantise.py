import hashlib

import numpy as np
import torch

from earshot_models import export, frontend, quantise
from earshot_models.network import Classifier, Scorer
from earshot_models.recipe import RECIPE


def test_the_int8_graph_is_small_and_says_nearly_the_same(tmp_path):
    torch.manual_seed(1)
    network = Classifier(10, RECIPE.shape)
    codes = np.random.default_rng(0).integers(20, 180, size=(96, 100, 64)).astype(np.uint8)
    network.train()
    network(torch.from_numpy(frontend.dequantise(codes[:64])))
    export.write_onnx(Scorer(network, 0.7, -0.5), tmp_path / "model.onnx")
    sha256 = quantise.write_int8(tmp_path / "model.onnx", tmp_path / "int8.onnx", codes[:64])
    assert sha256 == hashlib.sha256((tmp_path / "int8.onnx").read_bytes()).hexdigest()
    assert (tmp_path / "int8.onnx").stat().st_size <= quantise.CEILING_BYTES
    inputs = frontend.dequantise(codes[64:])
    large, small = (export.session(tmp_path / name).run(["probabilities"], {"logmel": inputs})[0] for name in ("model.onnx", "int8.onnx"))
    assert 0 < np.abs(large - small).max() < 0.02
    again = quantise.write_int8(tmp_path / "model.onnx", tmp_path / "again.onnx", codes[:64])
    assert again == sha256
