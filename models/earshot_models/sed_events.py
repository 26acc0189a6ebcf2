"""Probabilities per step -> events: median filter, hysteresis, gaps, shortest event; each label by itself."""

from dataclasses import dataclass, field, replace

import numpy as np

from .sed_network import STEP_S


@dataclass(frozen=True)
class LabelRule:
    """median_steps: odd, 1 is none; steps before the beginning and after the end of a stream count as 0. An event opens at p >= on and closes at
    p < off; then gaps shorter than merge_gap_s are joined; then events shorter than min_duration_s are dropped."""

    on: float = 0.5
    off: float = 0.3
    min_duration_s: float = 0.0
    merge_gap_s: float = 0.0
    median_steps: int = 1


KEYS = {"on": "onThreshold", "off": "offThreshold", "min_duration_s": "minDurationS", "merge_gap_s": "mergeGapS", "median_steps": "medianSteps"}


@dataclass(frozen=True)
class SequenceRule:
    """A rule for all labels and, by label index, the rules of those that differ from it."""

    common: LabelRule = LabelRule()
    per_label: dict = field(default_factory=dict)

    def of(self, label: int) -> LabelRule:
        return self.per_label.get(label, self.common)

    def manifest_entry(self, names: list) -> dict:
        """``detection`` of a manifest; ``perLabel`` holds only what differs from the common rule."""
        entry = {KEYS[k]: getattr(self.common, k) for k in KEYS}
        own = {names[i]: {KEYS[k]: getattr(rule, k) for k in KEYS if getattr(rule, k) != getattr(self.common, k)}
               for i, rule in sorted(self.per_label.items())}
        return {**entry, "perLabel": {name: changes for name, changes in own.items() if changes}}


def rule_of(detection: dict, names: list) -> SequenceRule:
    """The rule that a manifest's ``detection`` states."""
    def read(entry: dict, base: LabelRule) -> LabelRule:
        return replace(base, **{k: entry[KEYS[k]] for k in KEYS if KEYS[k] in entry})
    common = read(detection, LabelRule())
    return SequenceRule(common, {names.index(name): read(entry, common) for name, entry in detection["perLabel"].items()})


def smoothed(p: np.ndarray, median_steps: int) -> np.ndarray:
    """Running median over ``median_steps`` (odd) along the first axis; the same shape."""
    if median_steps == 1 or len(p) == 0:
        return p
    half = median_steps // 2
    padded = np.concatenate([np.zeros((half, *p.shape[1:]), p.dtype), p, np.zeros((half, *p.shape[1:]), p.dtype)])
    return np.median(np.lib.stride_tricks.sliding_window_view(padded, median_steps, axis=0), axis=-1)


def open_spans(p: np.ndarray, on: float, off: float) -> np.ndarray:
    """Hysteresis alone: p [steps] -> int [spans, 2], first and last + 1. A span open at the end is closed there."""
    # 1 where it opens, -1 where it closes, 0 where it stays as it was.
    marks = np.where(p >= on, 1, np.where(p < off, -1, 0))
    decided = np.flatnonzero(marks)
    if len(decided) == 0:
        return np.empty((0, 2), int)
    latest = np.searchsorted(decided, np.arange(len(p)), side="right") - 1
    active = (latest >= 0) & (marks[decided[np.maximum(latest, 0)]] == 1)
    return np.flatnonzero(np.diff(np.concatenate([[0], active.astype(int), [0]]))).reshape(-1, 2)


def joined(spans: np.ndarray, merge_gap_s: float, min_duration_s: float) -> np.ndarray:
    """Spans [n, 2] in steps with gaps shorter than merge_gap_s closed and what is shorter than min_duration_s dropped."""
    if len(spans) == 0:
        return spans
    apart = (spans[1:, 0] - spans[:-1, 1]) * STEP_S >= merge_gap_s - 1e-9
    merged = np.stack([spans[np.concatenate([[True], apart]), 0], spans[np.concatenate([apart, [True]]), 1]], axis=1)
    return merged[(merged[:, 1] - merged[:, 0]) * STEP_S >= min_duration_s - 1e-9]


def label_spans(p: np.ndarray, rule: LabelRule) -> list:
    """p [steps] of one label -> [(first, last + 1)] in steps."""
    spans = open_spans(smoothed(p, rule.median_steps), rule.on, rule.off)
    return [tuple(span) for span in joined(spans, rule.merge_gap_s, rule.min_duration_s).tolist()]


def events(probabilities: np.ndarray, rule: SequenceRule) -> list:
    """probabilities [steps, labels] -> [(label, onset_s, offset_s)], half-open, by label then onset."""
    return [(label, round(a * STEP_S, 1), round(b * STEP_S, 1))
            for label in range(probabilities.shape[1]) for a, b in label_spans(probabilities[:, label], rule.of(label))]
