import numpy as np
import pytest

from earshot_models import frontend
from earshot_models.golden import GOLDEN_DIR, front_end_vectors
from earshot_models.signals import render


@pytest.mark.parametrize("samples, frames", [(0, 0), (1023, 0), (1024, 1), (1343, 1), (1344, 2), (8000, 22), (16000, 47)])
def test_frame_count(samples, frames):
    assert frontend.frame_count(samples) == frames
    assert frontend.log_mel_db(np.zeros(samples)).shape == (frames, 64)


def test_silence_is_the_floor():
    assert (frontend.log_mel_codes(np.zeros(4000)) == 0).all()


def test_gain_is_a_shift_in_db():
    loud = frontend.log_mel_db(render("noise", 0.5))
    quiet = frontend.log_mel_db(0.1 * render("noise", 0.5).astype(float))
    np.testing.assert_allclose(loud - quiet, 20.0, atol=1e-6)


def test_codes_are_half_decibels_from_the_floor():
    db = np.array([-100.0, -99.8, -99.7, 0.0, 27.5, 40.0])
    assert frontend.quantise(db).tolist() == [0, 0, 1, 200, 255, 255]
    assert frontend.dequantise(np.array([0, 1, 255], np.uint8)).tolist() == [-100.0, -99.5, 27.5]


def test_frames_do_not_depend_on_what_follows():
    samples = render("chirp", 1.0)
    np.testing.assert_allclose(frontend.log_mel_db(samples)[:10], frontend.log_mel_db(samples[:1024 + 9 * 320]), atol=1e-9)


def test_committed_vectors_are_what_the_generator_makes():
    import json
    committed = json.loads((GOLDEN_DIR / "logmel.json").read_text())
    for old, new in zip(committed["signals"], front_end_vectors()["signals"]):
        assert old["name"] == new["name"]
        np.testing.assert_allclose(old["logmelDb"], new["logmelDb"], atol=2e-4)
