import numpy as np

from earshot_models import compose, frontend
from earshot_models.frontend import SAMPLE_RATE_HZ as FS


def tone(hz, seconds=4.0):
    return (0.3 * np.sin(2 * np.pi * hz * np.arange(int(seconds * FS)) / FS)).astype(np.float32)


def composer(seed=0, **mix):
    sources = [compose.make_source(k, [tone(500 * (k + 1))] * 3) for k in range(3)]
    beds = [[(0.1 * np.random.default_rng(9).standard_normal(5 * FS)).astype(np.float32)], [np.full(5 * FS, 300, np.int16)]]
    return compose.Composer(sources, beds, 3, np.random.default_rng(seed), 100, compose.Mix(**mix))


def test_codes_are_those_of_the_front_end():
    wave = (0.1 * np.random.default_rng(2).standard_normal((3, compose.window_samples(100)))).astype(np.float32)
    expected = np.stack([frontend.log_mel_codes(one) for one in wave]).astype(int)
    assert np.abs(compose.codes_of(wave).astype(int) - expected).max() <= 1


def test_the_same_seed_is_the_same_pool_and_another_is_not():
    one, same, other = (composer(seed).positives(20) for seed in (4, 4, 5))
    np.testing.assert_array_equal(one.codes, same.codes)
    np.testing.assert_array_equal(one.targets, same.targets)
    assert not np.array_equal(one.codes, other.codes)


def test_a_plain_window_holds_the_class_that_sounds():
    made = composer(joined=0, padded=0, overlay=0, background=0, resampled=0).positives(30)
    mel = frontend.dequantise(made.codes).mean(axis=1)
    loudest = [mel[made.targets[:, k] == 1].mean(axis=0).argmax() for k in range(3)]
    assert (made.targets.sum(axis=1) == 1).all() and loudest == sorted(set(loudest))


def test_windows_without_a_class_have_no_label_and_are_judged():
    made = composer().negatives(30)
    assert made.targets.sum() == 0 and (made.weights == 1).all()


def test_a_class_that_is_drowned_or_hardly_heard_is_not_judged():
    made = composer(joined=0, padded=0, overlay=1.0, overlay_db=(-19.0, -15.0), background=0).positives(60)
    assert ((made.targets.sum(axis=1) == 1) & (made.weights.min(axis=1) == 0)).any()
    assert (made.targets[made.weights == 0] == 0).all()


def test_sources_of_joined_pools_stay_apart():
    a, b = composer(1).positives(10), composer(2).negatives(10)
    joined = compose.Pool.joined([a, b])
    assert set(joined.source[:10]).isdisjoint(joined.source[10:]) and len(joined.codes) == 20
