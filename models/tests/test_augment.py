import numpy as np

from earshot_models import augment, data


def sampler(seed=0, **mix):
    rng = np.random.default_rng(seed)
    mels = [rng.exponential(size=(220, 64)).astype(np.float32) for _ in data.SPEEDS]
    sources = [augment.make_source(k, mels) for k in range(3)]
    backgrounds = [rng.exponential(size=(200, 64)).astype(np.float32)]
    return augment.WindowSampler(sources, backgrounds, 3, np.random.default_rng(seed), augment.Mix(**mix))


def test_same_seed_same_batch():
    for a, b in zip(sampler(5).batch(8), sampler(5).batch(8)):
        np.testing.assert_array_equal(a, b)


def test_values_are_codes_in_range():
    logmel, targets, weights = sampler().batch(16)
    assert logmel.dtype == np.float32 and logmel.shape == (16, 100, 64)
    assert logmel.min() >= -100 and logmel.max() <= 27.5 and ((logmel * 2) % 1 == 0).all()
    assert set(np.unique(targets)) <= {0, 1} and set(np.unique(weights)) <= {0, 1}


def test_negatives_have_no_label():
    assert sampler(negative=1.0).batch(8)[1].sum() == 0


def test_a_quiet_clip_does_not_count_as_active():
    power = np.zeros((200, 64), np.float32)
    power[:20] = 1e-2
    power[100:] = 1e-8
    source = augment.make_source(0, [power])
    assert source.active[0][:20].all() and not source.active[0][20:].any()
