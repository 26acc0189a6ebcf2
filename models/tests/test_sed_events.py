import numpy as np
import pytest

from earshot_models.sed_events import LabelRule, SequenceRule, events, label_spans, rule_of, smoothed

P = np.array([0.1, 0.6, 0.4, 0.35, 0.29, 0.4, 0.1])


def test_hysteresis_holds_between_the_thresholds():
    assert label_spans(P, LabelRule(0.5, 0.3)) == [(1, 4)]


def test_an_event_open_at_the_end_is_closed_there():
    assert label_spans(np.array([0.1, 0.9, 0.4]), LabelRule(0.5, 0.3)) == [(1, 3)]


def test_gaps_are_joined_before_the_shortest_event_is_asked_for():
    p = np.array([0.9, 0.1, 0.9, 0.1, 0.1, 0.1, 0.9])
    assert label_spans(p, LabelRule(0.5, 0.3, 0.3, 0.2)) == [(0, 3)]
    assert label_spans(p, LabelRule(0.5, 0.3, 0.0, 0.1)) == [(0, 1), (2, 3), (6, 7)]


def test_a_median_drops_single_steps_and_counts_nothing_beyond_the_ends():
    np.testing.assert_array_equal(smoothed(np.array([0.9, 0.1, 0.8, 0.7, 0.1]), 3), [0.1, 0.8, 0.7, 0.7, 0.1])
    assert label_spans(np.array([0.9, 0.1, 0.1, 0.9, 0.9, 0.9]), LabelRule(0.5, 0.3, median_steps=3)) == [(3, 6)]


def test_slow_reference_agrees():
    rng = np.random.default_rng(2)
    for _ in range(50):
        p = np.clip(np.cumsum(rng.normal(0, 0.2, 60)), 0, 1)
        active, slow = False, []
        for value in p:
            active = value >= 0.6 or (active and value >= 0.4)
            slow.append(active)
        steps = [k for a, b in label_spans(p, LabelRule(0.6, 0.4)) for k in range(a, b)]
        assert steps == np.flatnonzero(slow).tolist()


def test_events_are_in_seconds_and_labels_may_have_rules_of_their_own():
    p = np.stack([P, P], axis=1)
    rule = SequenceRule(LabelRule(0.5, 0.3), {1: LabelRule(0.7, 0.3)})
    assert events(p, rule) == [(0, pytest.approx(0.1), pytest.approx(0.4))]


def test_a_manifest_states_the_rule():
    names = ["a", "b"]
    rule = SequenceRule(LabelRule(0.5, 0.3, 0.2, 0.5, 3), {1: LabelRule(0.7, 0.3, 0.2, 0.5, 5)})
    entry = rule.manifest_entry(names)
    assert entry["perLabel"] == {"b": {"onThreshold": 0.7, "medianSteps": 5}}
    assert rule_of(entry, names) == rule
