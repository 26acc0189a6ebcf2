import numpy as np
import pytest
from scipy import special

from earshot_models import calibrate


def judged(scale, offset, count=6000, seed=0):
    """Logits that lie: the truth happens with sigmoid(scale x logit + offset)."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 3, size=(count, 2))
    truth = (rng.random((count, 2)) < special.expit(scale * logits + offset)).astype(float)
    return calibrate.Judged.of_parts([(logits[i::3], truth[i::3]) for i in range(3)])


def test_scale_and_offset_are_found_again():
    scale, offset = calibrate.fit(judged(0.5, -0.8), ridge=1e-6)
    np.testing.assert_allclose(scale, 0.5, atol=0.05)
    np.testing.assert_allclose(offset, -0.8, atol=0.15)


def test_calibration_lowers_the_error():
    of = judged(0.4, -1.0, seed=3)
    scale, offset = calibrate.fit(judged(0.4, -1.0, seed=4))
    before = calibrate.expected_error(calibrate.of_windows(of.mapped(special.expit)))
    after = calibrate.expected_error(calibrate.of_windows(of.mapped(lambda v: calibrate.apply(v, scale, offset))))
    assert before > 0.1 and after < 0.03


def test_the_error_of_known_bins():
    bins = calibrate.reliability(np.array([0.95, 0.95, 0.15, 0.15]), np.array([1, 0, 0, 0]), np.ones(4))
    assert bins == [(pytest.approx(0.15), 0.0, 0.5), (pytest.approx(0.95), 0.5, 0.5)]
    assert calibrate.expected_error(bins) == pytest.approx(0.3)


def test_each_part_weighs_a_third():
    parts = [(np.zeros((n, 2)), np.zeros((n, 2))) for n in (10, 100, 1000)]
    weight = calibrate.Judged.of_parts(parts).weight
    assert [weight[a:b].sum() for a, b in ((0, 10), (10, 110), (110, 1110))] == [pytest.approx(1 / 3)] * 3


def test_the_picture_is_well_formed():
    from xml.etree import ElementTree
    bins = calibrate.reliability(np.array([0.1, 0.9]), np.array([0, 1]), np.ones(2))
    root = ElementTree.fromstring(calibrate.picture({"a": bins, "b": bins}))
    assert len(root.findall("{http://www.w3.org/2000/svg}circle")) == 4
