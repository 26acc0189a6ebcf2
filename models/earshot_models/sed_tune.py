"""The rule that makes events of probabilities, chosen on mixtures and backgrounds whose clips the network did not hear in training."""

from dataclasses import replace
from itertools import product

import numpy as np

from .sed_events import LabelRule, SequenceRule, joined, open_spans, smoothed, told
from .sed_metrics import SEPARATION_STEPS, Line, line, right_events

ON = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
OFF_SHARE = (0.4, 0.6, 0.8, 0.9)
"""offThreshold as a share of onThreshold."""
MEDIAN_STEPS = (1, 3, 7, 11, 15, 21)
SHORTEST_S = (0.2, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
GAP_S = (0.2, 0.5, 1.0, 1.5, 2.0)
COMMON = LabelRule(0.5, 0.3, 0.2, 0.5, 3)


def tune(judged: list, quiet: list, names: list, false_weight: float) -> SequenceRule:
    """Per label the rule with the best F1, in which a false event on a background (``quiet``: probabilities [steps, labels], no class in them) counts like
    ``false_weight`` false events in a mixture. A rule's figure is averaged with its neighbours' in the grid: one lucky corner is no reason.

    judged: Judged mixtures, those of all SNRs together.
    """
    return SequenceRule(COMMON, {k: _best(line(judged, k), _silence(quiet, k), false_weight) for k in range(len(names))})


def _silence(quiet: list, label: int) -> np.ndarray:
    gap = np.zeros(SEPARATION_STEPS, np.float32)
    return np.concatenate([gap] + [part for p in quiet for part in (p[:, label], gap)])


def _best(one: Line, silence: np.ndarray, false_weight: float) -> LabelRule:
    value = np.zeros((len(MEDIAN_STEPS), len(ON), len(OFF_SHARE), len(SHORTEST_S), len(GAP_S)))
    heard, unheard = told(one.p), told(silence)
    for m, median in enumerate(MEDIAN_STEPS):
        sounding, quiet = smoothed(heard, median), smoothed(unheard, median)
        for (a, on), (b, share) in product(enumerate(ON), enumerate(OFF_SHARE)):
            off = _off(on, share)
            raw, raw_false = open_spans(sounding, on, off), open_spans(quiet, on, off)
            for (c, shortest), (d, gap) in product(enumerate(SHORTEST_S), enumerate(GAP_S)):
                spans, false = joined(raw, gap, shortest), joined(raw_false, gap, shortest)
                value[m, a, b, c, d] = 2 * right_events(one, spans) / max(len(spans) + false_weight * len(false) + len(one.onsets_s), 1)
    m, a, b, c, d = np.unravel_index(np.argmax(np.round(_steadied(value), 6)), value.shape)
    return LabelRule(ON[a], _off(ON[a], OFF_SHARE[b]), SHORTEST_S[c], GAP_S[d], MEDIAN_STEPS[m])


def _off(on: float, share: float) -> float:
    return round(on * share, 2)


def _steadied(value: np.ndarray) -> np.ndarray:
    for axis in range(value.ndim):
        padded = np.concatenate([np.take(value, [0], axis), value, np.take(value, [-1], axis)], axis)
        n = value.shape[axis]
        value = (np.take(padded, range(n), axis) + 2 * np.take(padded, range(1, n + 1), axis) + np.take(padded, range(2, n + 2), axis)) / 4
    return value


def with_least(rule: SequenceRule, on: float) -> SequenceRule:
    """The same rule with every onThreshold at least ``on``: the trade of recall against false events."""
    def raised(one: LabelRule) -> LabelRule:
        return replace(one, on=max(one.on, on))
    return SequenceRule(raised(rule.common), {k: raised(one) for k, one in rule.per_label.items()})
