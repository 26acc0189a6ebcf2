import numpy as np
import pytest

from earshot_models.operate import Heard, choose, false_events, recall, upper_bound, verdict
from earshot_models.stream import LabelRule, Rule


def scenes(*peaks, windows=30):
    """Streams [scenes, windows, 2] that are silent but for one window of label 0 at the given probability."""
    p = np.zeros((len(peaks), windows, 2))
    p[:, 10, 0] = peaks
    return p


def mix(label, *values):
    p = np.zeros((8, 2))
    p[2:2 + len(values), label] = values
    return (label, 2.0, 6.0, p)


def test_the_threshold_keeps_the_background_silent_and_is_as_high_as_costs_no_recall():
    heard = Heard([mix(0, 0.86), mix(1, 0.72, 0.72, 0.72)], {"wind": scenes(0.62, 0.2)}, 0.5, {})
    rule = choose([heard], 2)
    assert rule.of(0).min_duration_s == 1.0 and rule.of(0).on == 0.85
    assert rule.of(1).on == 0.7 and rule.of(1).min_duration_s == 3.0


def test_what_the_background_reaches_is_given_up():
    rule = choose([Heard([mix(0, 0.55), mix(0, 0.8)], {"wind": scenes(0.62, 0.2)}, 0.5, {})], 2)
    assert rule.of(0).on >= 0.7


def test_recall_counts_mixtures_with_an_overlapping_event_of_the_label():
    rule = Rule(LabelRule(0.5, 0.3, 1.0))
    counts = recall([Heard([mix(0, 0.9), mix(0, 0.4), mix(1, 0.9)], {}, 0, {})], rule, 2)
    assert counts.tolist() == [[1, 2], [1, 1]]


def test_false_events_are_counted_per_label():
    assert false_events(scenes(0.9, 0.6, 0.1), Rule(LabelRule(0.5, 0.3, 1.0))).tolist() == [2, 0]


def test_the_upper_bound_is_that_of_a_poisson_rate():
    assert upper_bound(0, 10) == pytest.approx(0.29957, abs=1e-4)
    assert upper_bound(4, 10) == pytest.approx(0.91535, abs=1e-4)


def test_the_verdict_names_what_was_found_where():
    heard = Heard([mix(0, 0.9)], {"wind": scenes(0.9), "city": scenes(0.1)}, 2.0, {"night": scenes(0.9)[0]})
    found = verdict([heard], [Rule(LabelRule(0.5, 0.3, 1.0))], ["dog", "rain"])
    assert found["recallAt10dB"] == 1.0 and found["falseEvents"] == 1 and found["falsePerHour"] == 0.5
    assert found["falseByKind"] == {"wind": {"dog": 1}, "city": {}} and len(found["falseInRecordings"]) == 1
