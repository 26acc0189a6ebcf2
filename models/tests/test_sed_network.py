import numpy as np
import pytest
import torch

from earshot_models import frontend, sed_blocks, sed_export
from earshot_models.sed_network import BLOCK_STEPS, VISIBLE_FRAMES, Scorer, SequenceNetwork, cost


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(3)
    made = SequenceNetwork(10)
    with torch.no_grad():
        made.train().sequence(torch.rand(4, 3, VISIBLE_FRAMES, 64) * 60 - 80)
    return made.eval()


@pytest.fixture(scope="module")
def run(network, tmp_path_factory):
    file = tmp_path_factory.mktemp("bundle") / "model.onnx"
    sed_export.write_onnx(network, file)
    return sed_export.runner(file)


def sound(frames, seed=0):
    rng = np.random.default_rng(seed)
    return np.clip(rng.normal(110, 12, size=(frames, 64)) + 25 * np.sin(np.arange(frames) / 9)[:, None], 0, 255).astype(np.uint8)


def by_torch(network):
    def run(logmel, state):
        with torch.no_grad():
            return tuple(o.numpy() for o in Scorer(network)(torch.from_numpy(logmel), torch.from_numpy(state)))
    return run


def test_shapes_and_budget(network):
    probabilities, state = by_torch(network)(np.full((3, VISIBLE_FRAMES, 64), -50, np.float32), np.zeros((3, network.state_size), np.float32))
    assert probabilities.shape == (3, BLOCK_STEPS, 10) and state.shape == (3, network.state_size)
    assert cost(network)["macsPerBlock"] <= 8_000_000 and cost(network)["parameters"] <= 300_000


@pytest.mark.parametrize("frames", [4, 50, 347])
def test_block_by_block_in_onnxruntime_equals_the_whole_sequence_in_torch(network, run, frames):
    codes = sound(frames)
    [streamed] = sed_blocks.score_streams(run, network.state_size, [codes])
    padded = np.pad(codes, ((0, -frames % 50), (0, 0)))
    with torch.no_grad():
        whole = torch.sigmoid(network.sequence(torch.from_numpy(frontend.dequantise(sed_blocks.blocks(padded)[None]))))[0].numpy()
    assert streamed.shape == (frames // 5, 10)
    np.testing.assert_allclose(streamed, whole[:frames // 5], atol=1e-4)


def test_a_stream_does_not_depend_on_its_company_bit_for_bit(network, run):
    streams = [sound(150 + 50 * (i % 3), seed=i) for i in range(11)]
    together = sed_blocks.score_streams(run, network.state_size, streams)
    for stream, answer in zip(streams, together):
        np.testing.assert_array_equal(sed_blocks.score_streams(run, network.state_size, [stream])[0], answer)


def test_gain_does_not_change_the_result(network, run):
    loud, quiet = sound(200), sound(200) - 40
    assert quiet.min() > 0
    a, b = sed_blocks.score_streams(run, network.state_size, [loud, quiet])
    np.testing.assert_allclose(a, b, atol=0.01)


def test_silence_is_finite_and_an_hour_of_it_does_not_deafen(network, run):
    state = np.zeros((1, network.state_size), np.float32)
    silent = np.full((1, VISIBLE_FRAMES, 64), frontend.FLOOR_DB, np.float32)
    for _ in range(3600):
        probabilities, state = run(silent, state)
    assert np.isfinite(probabilities).all() and np.isfinite(state).all()
    blocks = frontend.dequantise(sed_blocks.blocks(sound(1500)))
    fresh = np.zeros_like(state)
    for block in blocks:
        late, state = run(block[None], state)
        early, fresh = run(block[None], fresh)
    np.testing.assert_allclose(late, early, atol=0.02)


def test_an_hour_of_sound_does_not_drift(network, run):
    block = frontend.dequantise(sed_blocks.blocks(sound(50)))
    state, answers = np.zeros((1, network.state_size), np.float32), []
    for _ in range(3600):
        probabilities, state = run(block, state)
        answers.append(probabilities)
    np.testing.assert_allclose(answers[60], answers[-1], atol=1e-3)
    assert np.abs(state).max() < 1e5
