import numpy as np
import torch

from earshot_models import export, frontend
from earshot_models.network import Classifier, Scorer, cost
from earshot_models.recipe import RECIPE


def windows(count=3, seed=0):
    codes = np.random.default_rng(seed).integers(20, 180, size=(count, 100, 64)).astype(np.uint8)
    return torch.from_numpy(frontend.dequantise(codes))


def test_shapes_and_budget():
    network = Classifier(10, RECIPE.shape).eval()
    probabilities, embedding = Scorer(network)(windows())
    assert probabilities.shape == (3, 10) and embedding.shape == (3, 64)
    assert cost(network)["parameters"] <= 90_000 and cost(network)["macsPerSecond"] <= 5_000_000


def test_calibration_is_part_of_the_graph():
    network = Classifier(10).eval()
    with torch.no_grad():
        logits = network(windows())[0]
        scaled = Scorer(network, 0.5, torch.full((10,), -1.0))(windows())[0]
    np.testing.assert_allclose(scaled, torch.sigmoid(0.5 * logits - 1), atol=1e-6)


def test_gain_does_not_change_the_result():
    model = Scorer(Classifier(10)).eval()
    with torch.no_grad():
        np.testing.assert_allclose(model(windows())[0], model(windows() - 15.0)[0], atol=1e-5)


def test_exported_graph_agrees_for_any_batch(tmp_path):
    torch.manual_seed(3)
    network = Classifier(10).eval()
    export.write_onnx(Scorer(network, 0.8, 0.1), tmp_path / "model.onnx")
    for count in (1, 5):
        got = export.session(tmp_path / "model.onnx").run(["probabilities"], {"logmel": windows(count).numpy()})[0]
        with torch.no_grad():
            np.testing.assert_allclose(got, Scorer(network, 0.8, 0.1)(windows(count))[0], atol=1e-4)


def test_silence_is_finite():
    with torch.no_grad():
        probabilities, embedding = Scorer(Classifier(10)).eval()(torch.full((1, 100, 64), -100.0))
    assert torch.isfinite(probabilities).all() and torch.isfinite(embedding).all()
