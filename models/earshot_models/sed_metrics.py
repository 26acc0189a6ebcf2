"""Event-based F1 (sed_eval) and PSDS1 (sed_scores_eval) over judged streams; a fast F1 of the same definition for choosing rules.

F1: an event is right when a reference of its label has its onset within 200 ms and its offset within 200 ms or 20 % of the reference's length,
whichever is more, of its own. Macro: mean over labels; micro: over all events. PSDS1: scenario 1 of DCASE (dtc 0.7, gtc 0.7, alpha_st 1, up to 100 false
positives per hour).
"""

from dataclasses import dataclass

import numpy as np
import sed_eval
import sed_scores_eval
from sed_scores_eval.base_modules.scores import create_score_dataframe

from .sed_events import SequenceRule, events
from .sed_network import STEP_S

COLLAR_S, OFFSET_SHARE = 0.2, 0.2
SEPARATION_STEPS = 50


@dataclass(frozen=True)
class Judged:
    """A stream with its truth: probabilities [steps, labels]; reference [(label index, onset_s, offset_s)]."""

    probabilities: np.ndarray
    reference: list
    duration_s: float


def event_f1(judged: list, rule: SequenceRule, names: list) -> dict:
    """{"macro", "micro", "perLabel": {name: F1 or None when the label has neither references nor events}}."""
    metric = sed_eval.sound_event.EventBasedMetrics(names, t_collar=COLLAR_S, percentage_of_length=OFFSET_SHARE, event_matching_type="optimal")
    for index, one in enumerate(judged):
        metric.evaluate(_entries(one.reference, names, index), _entries(events(one.probabilities, rule), names, index))
    per_label = {name: metric.results_class_wise_metrics()[name]["f_measure"]["f_measure"] for name in names}
    per_label = {name: None if np.isnan(value) else float(value) for name, value in per_label.items()}
    known = [value for value in per_label.values() if value is not None]
    return {"macro": float(np.mean(known)), "micro": float(metric.results_overall_metrics()["f_measure"]["f_measure"]), "perLabel": per_label}


def _entries(found: list, names: list, index: int) -> list:
    return [{"filename": f"{index}", "event_label": names[k], "event_onset": a, "event_offset": b} for k, a, b in found]


def psds1(judged: list, names: list) -> float:
    """Polyphonic sound detection score of the raw probabilities, 0 to 1."""
    scores, truth, durations = {}, {}, {}
    for index, one in enumerate(judged):
        key = f"{index:05d}"
        times = np.arange(len(one.probabilities) + 1) * STEP_S
        scores[key] = create_score_dataframe(one.probabilities.astype(np.float64), times, names)
        truth[key] = [(a, b, names[k]) for k, a, b in one.reference]
        durations[key] = one.duration_s
    return float(sed_scores_eval.intersection_based.psds(
        scores, truth, durations, dtc_threshold=0.7, gtc_threshold=0.7, cttc_threshold=None, alpha_ct=0.0, alpha_st=1.0,
        unit_of_time="hour", max_efpr=100.0)[0])


@dataclass(frozen=True)
class Line:
    """One label of many streams on one time line, ``SEPARATION_STEPS`` of nothing between two: p [steps]; onsets and offsets of the references, sorted."""

    p: np.ndarray
    onsets_s: np.ndarray
    offsets_s: np.ndarray
    duration_s: float


def line(judged: list, label: int) -> Line:
    parts, onsets, offsets, at = [], [], [], 0
    for one in judged:
        parts += [one.probabilities[:, label], np.zeros(SEPARATION_STEPS, one.probabilities.dtype)]
        for k, a, b in sorted(one.reference):
            if k == label:
                onsets.append(a + at * STEP_S)
                offsets.append(b + at * STEP_S)
        at += len(one.probabilities) + SEPARATION_STEPS
    return Line(np.concatenate(parts), np.array(onsets), np.array(offsets), sum(one.duration_s for one in judged))


def right_events(one: Line, spans: np.ndarray) -> int:
    """How many references are found by spans [n, 2] (in steps of the line).

    As two references of a label are further apart than the collar, no event can be right for two of them: no matching is needed.
    """
    if len(spans) == 0 or len(one.onsets_s) == 0:
        return 0
    begin, end = spans[:, 0] * STEP_S, spans[:, 1] * STEP_S
    tolerance = np.maximum(COLLAR_S, OFFSET_SHARE * (one.offsets_s - one.onsets_s)) + 1e-9
    first = np.searchsorted(begin, one.onsets_s - COLLAR_S - 1e-9)
    right = np.zeros(len(one.onsets_s), bool)
    for step in range(4):
        at = np.minimum(first + step, len(spans) - 1)
        right |= (np.abs(begin[at] - one.onsets_s) <= COLLAR_S + 1e-9) & (np.abs(end[at] - one.offsets_s) <= tolerance)
    return int(right.sum())
