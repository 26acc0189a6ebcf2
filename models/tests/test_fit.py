from dataclasses import replace

import numpy as np
import torch

from earshot_models import compose, fit
from earshot_models.network import Classifier, Shape

SMALL = fit.Recipe(steps=4, batch=8, shape=Shape(widths=(4, 4, 8, 8)))


def material(seed=0):
    rng = np.random.default_rng(seed)
    def pool(count, label):
        targets = np.zeros((count, 2), np.float32)
        targets[:, 0] = label
        return compose.Pool(rng.integers(20, 200, size=(count, 100, 64)).astype(np.uint8), targets, np.ones((count, 2), np.float32),
                            np.arange(count, dtype=np.int32))
    return fit.Material(pool(30, 1), pool(20, 0))


def weights(seed, recipe=SMALL, of=None):
    return torch.cat([p.flatten() for p in fit.run(of or material(), seed, recipe, 2).state_dict().values()]).numpy()


def test_two_short_trainings_of_one_seed_give_the_same_weights():
    np.testing.assert_array_equal(weights(3), weights(3))
    assert not np.array_equal(weights(3), weights(4))


def test_pretraining_and_teachers_are_deterministic_too_and_change_the_weights():
    taught = replace(material(), soft=(np.full((30, 2), 2.0, np.float32), np.full((20, 2), -2.0, np.float32)))
    for recipe, of in ((replace(SMALL, pretrain_steps=2), None), (SMALL, taught), (replace(SMALL, blended=1.0), None)):
        np.testing.assert_array_equal(weights(3, recipe, of), weights(3, recipe, of))
        assert not np.array_equal(weights(3, recipe, of), weights(3))


def test_a_few_steps_learn_what_is_plain():
    def pool(band, label):
        codes = np.full((40, 100, 64), 40, np.uint8)
        codes[:, :, band:band + 8] = 160
        targets = np.zeros((40, 2), np.float32)
        targets[:, 0] = label
        return compose.Pool(codes, targets, np.ones((40, 2), np.float32), np.arange(40, dtype=np.int32))
    plain = fit.Material(pool(5, 1), pool(45, 0))
    network = fit.run(plain, 0, replace(SMALL, steps=60, batch=16, ema_decay=0.8), 2)
    logits = [float(network(torch.from_numpy(p.codes[:1] * np.float32(0.5) - 100))[0][0, 0]) for p in (plain.positives, plain.negatives)]
    assert logits[0] > logits[1] + 1
