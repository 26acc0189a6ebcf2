import pytest

pytest.importorskip("sed_eval", reason="requirements-evaluation.txt is not installed")

from earshot_models import sed_fit, sed_judge  # noqa: E402


@pytest.mark.parametrize("folds", [(1, 2, 3, 4), (1, 2, 3), (1, 2, 4), (1, 3, 4), (2, 3, 4)])
def test_a_network_begins_with_one_that_was_given_no_other_fold(folds):
    first = sed_fit.begins_with(folds)
    assert first in sed_fit.PAIRS and set(first) < set(folds)


@pytest.mark.parametrize("folds", [*sed_fit.PAIRS, (1, 3)])
def test_pairs_begin_with_weights_of_their_own(folds):
    assert sed_fit.begins_with(folds) is None


def test_no_rule_is_chosen_on_a_fold_that_its_network_was_given():
    for folds in ((1, 2, 3, 4), (1, 2, 3), (1, 3, 4)):
        assert sed_judge.choices(folds)
        for others, held in sed_judge.choices(folds):
            assert held in folds and held not in others and set(others) < set(folds)
            assert held not in (sed_fit.begins_with(others) or ())
            assert others in sed_judge.networks(folds)
