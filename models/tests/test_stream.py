import numpy as np
import pytest

from earshot_models.stream import CENTRE_S, HOP_S, WINDOW_S, LabelRule, Rule, Stream, events, judge, windows

PLAIN = LabelRule(0.5, 0.3)


def column(*values):
    return np.array(values, float)[:, None]


def at(window):
    return window * HOP_S + (CENTRE_S - HOP_S / 2)


def test_windows_are_whole_and_short_clips_are_padded():
    assert windows(np.ones((199, 64), np.uint8)).shape == (2, 100, 64)
    short = windows(np.ones((60, 64), np.uint8))
    assert short.shape == (1, 100, 64) and short[0, 60:].sum() == 0 and short[0, :60].all()


def test_hysteresis_holds_between_the_thresholds():
    assert events(column(0.2, 0.6, 0.4, 0.35, 0.29, 0.4), Rule(PLAIN)) == [(0, at(1), at(4))]


def test_an_event_at_the_ends_of_the_stream_reaches_to_them():
    [(_, onset, offset)] = events(column(0.9, 0.9), Rule(PLAIN))
    assert (onset, offset) == (0.0, pytest.approx(HOP_S + WINDOW_S))


def test_merging_comes_before_the_shortest_duration():
    p = column(0, 0.9, 0.1, 0.9, 0.1, 0.1, 0.1, 0.9, 0)
    assert events(p, Rule(LabelRule(0.5, 0.3, 2.0), 1.1)) == [(0, at(1), at(4))]


def test_judge_counts_hits_and_wrong_events():
    p = np.zeros((7, 2))
    p[0:2, 0] = 0.9
    p[4:5, 0] = 0.9
    result = judge([Stream([(0, 0.0, 3.5), (1, 3.5, 7.0)], p, 7.0)], Rule(PLAIN))
    assert (result["clips"], result["hitShare"], result["events"], result["wrongEvents"]) == (2, 0.5, 2, 1)
    assert result["wrongPerMinute"] == pytest.approx(60 / 7)
    assert result["byLabel"][0]["hitShare"] == 1.0 and result["byLabel"][1]["hitShare"] == 0.0


def test_a_label_may_have_a_rule_of_its_own():
    p = np.tile(column(0.1, 0.45, 0.1), (1, 2))
    assert [e[0] for e in events(p, Rule(PLAIN, per_label={1: LabelRule(0.4, 0.3)}))] == [1]


def test_an_endless_event_shows_in_wrong_time():
    spans = [(0, 0.0, 5.0), (1, 5.0, 10.0)]
    result = judge([Stream(spans, np.full((9, 2), 0.9), 10.0)], Rule(PLAIN))
    assert result["hitShare"] == 1.0 and result["wrongEvents"] == 0
    assert result["wrongTimeShare"] == pytest.approx(0.5, abs=0.05)
