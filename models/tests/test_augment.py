import numpy as np

from earshot_models import augment
from earshot_models.compose import Pool


def pool(count=40, seed=0):
    rng = np.random.default_rng(seed)
    return Pool(rng.integers(40, 200, size=(count, 100, 64)).astype(np.uint8), np.ones((count, 3), np.float32), np.ones((count, 3), np.float32),
                np.arange(count, dtype=np.int32))


def batches(seed=0, **vary):
    return augment.Batches(pool(), pool(30, 1), np.random.default_rng(seed), augment.Vary(**vary))


def test_same_seed_same_batch():
    for a, b in zip(batches(5).draw(8), batches(5).draw(8)):
        np.testing.assert_array_equal(a, b)


def test_values_are_codes_in_range():
    logmel, positives, negatives = batches().draw(16)
    assert logmel.dtype == np.float32 and logmel.shape == (16, 100, 64) and len(positives) + len(negatives) == 16
    assert logmel.min() >= -100 and logmel.max() <= 27.5 and ((logmel * 2) % 1 == 0).all()


def test_silence_stays_silent_without_a_noise_floor():
    quiet = batches(floored=0.0).varied(np.zeros((6, 100, 64), np.uint8))
    assert (quiet == -100).all()


def test_with_everything_off_a_window_is_what_was_stored():
    codes = pool().codes[:5]
    same = batches(gain_db=(0.0, 0.0), tilted=0.0, floored=0.0, rolled=0.0, band_masks=0, time_masks=0).varied(codes)
    np.testing.assert_array_equal(same, codes.astype(np.float32) * 0.5 - 100)
