"""The rule that makes events of probabilities, chosen on mixtures and backgrounds whose clips the network did not hear in training."""

from dataclasses import replace
from itertools import product

import numpy as np

from .sed_events import LabelRule, SequenceRule, label_spans
from .sed_metrics import Line, counts, line

ON = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
OFF_SHARE = (0.4, 0.6, 0.8)
"""offThreshold as a share of onThreshold."""
MEDIAN_STEPS = (1, 3, 5, 7)
SHORTEST_S = (0.2, 0.5, 1.0, 1.5)
GAP_S = (0.2, 0.5, 1.0)
COMMON = LabelRule(0.5, 0.3, 0.2, 0.5, 3)


def grid() -> list:
    return [LabelRule(on, round(on * share, 2), shortest, gap, median)
            for on, share, shortest, gap, median in product(ON, OFF_SHARE, SHORTEST_S, GAP_S, MEDIAN_STEPS)]


def tune(judged: list, quiet: list, names: list, false_weight: float) -> SequenceRule:
    """Per label the rule with the best F1, in which a false event on a background (``quiet``: probabilities [steps, labels], no class in them) counts like
    ``false_weight`` false events in a mixture. Ties and near ties go to the rule that its neighbours in the grid agree with.

    judged: Judged mixtures, those of all SNRs together.
    """
    return SequenceRule(COMMON, {k: _best(line(judged, k), _silence(quiet, k), false_weight) for k in range(len(names))})


def _silence(quiet: list, label: int) -> np.ndarray:
    gap = np.zeros(50, np.float32)
    return np.concatenate([part for p in quiet for part in (p[:, label], gap)]) if quiet else gap


def _best(one: Line, silence: np.ndarray, false_weight: float) -> LabelRule:
    shape = (len(ON), len(OFF_SHARE), len(SHORTEST_S), len(GAP_S), len(MEDIAN_STEPS))
    rules = grid()
    value = np.array([_f1(counts(one, rule), false_weight * len(label_spans(silence, rule))) for rule in rules]).reshape(shape)
    # The mean over a rule's neighbours on every axis: one lucky corner of the grid is no reason.
    steady = value
    for axis in range(value.ndim):
        padded = np.concatenate([np.take(steady, [0], axis), steady, np.take(steady, [-1], axis)], axis)
        n = steady.shape[axis]
        steady = (np.take(padded, range(n), axis) + 2 * np.take(padded, range(1, n + 1), axis) + np.take(padded, range(2, n + 2), axis)) / 4
    return rules[int(np.argmax(np.round(steady, 6)))]


def _f1(counted: tuple, false_events: float) -> float:
    right, found, references = counted
    return 2 * right / max(found + false_events + references, 1)


def with_least(rule: SequenceRule, on: float) -> SequenceRule:
    """The same rule with every onThreshold at least ``on``: the trade of recall against false events."""
    def raised(one: LabelRule) -> LabelRule:
        return replace(one, on=max(one.on, on))
    return SequenceRule(raised(rule.common), {k: raised(one) for k, one in rule.per_label.items()})
