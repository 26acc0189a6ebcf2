import numpy as np
import pytest

pytest.importorskip("sed_eval", reason="requirements-evaluation.txt is not installed")

from earshot_models import sed_metrics, sed_tune  # noqa: E402
from earshot_models.sed_events import LabelRule, SequenceRule, label_spans  # noqa: E402
from earshot_models.sed_metrics import Judged  # noqa: E402

NAMES = ["a", "b"]


def streams(count=40, seed=0, error=0.15):
    """Truth with events a second apart or more; probabilities that are right but for shifted edges, lost events and inventions."""
    rng, out = np.random.default_rng(seed), []
    for _ in range(count):
        reference, p = [], np.clip(rng.normal(0.1, error, (100, 2)), 0, 1)
        for k in range(2):
            at = rng.uniform(0, 2)
            while at < 9:
                end = min(at + rng.uniform(0.3, 3), 9.9)
                reference.append((k, at, end))
                if rng.random() < 0.8:
                    a, b = (at + rng.normal(0, 0.12)) * 10, (end + rng.normal(0, 0.2)) * 10
                    p[max(round(a), 0):max(round(b), 0), k] = rng.uniform(0.55, 0.9)
                at = end + rng.uniform(1.0, 3)
        out.append(Judged(p, reference, 10.0))
    return out


@pytest.mark.parametrize("rule", [LabelRule(0.5, 0.3, 0.2, 0.2, 3), LabelRule(0.6, 0.5), LabelRule(0.3, 0.2, 0.5, 1.0, 5)])
def test_the_fast_f1_is_that_of_sed_eval(rule):
    judged = streams()
    slow = sed_metrics.event_f1(judged, SequenceRule(rule), NAMES)
    for k, name in enumerate(NAMES):
        line = sed_metrics.line(judged, k)
        spans = np.array(label_spans(line.p, rule))
        right = sed_metrics.right_events(line, spans)
        assert 2 * right / (len(spans) + len(line.onsets_s)) == pytest.approx(slow["perLabel"][name], abs=1e-9)
    assert 0.1 < slow["macro"] < 0.95


def test_perfect_probabilities_have_full_marks():
    reference = [(0, 1.0, 2.0), (1, 4.0, 7.0)]
    p = np.zeros((100, 2))
    p[10:20, 0] = p[40:70, 1] = 0.9
    judged = [Judged(p, reference, 10.0)]
    assert sed_metrics.event_f1(judged, SequenceRule(), NAMES)["micro"] == 1.0
    assert sed_metrics.psds1(judged, NAMES) == pytest.approx(1.0)


def test_the_chosen_rule_is_better_than_the_plain_one_and_false_events_cost():
    judged, quiet = streams(seed=1), [np.full((1000, 2), 0.1)]
    quiet[0][::100, 0] = 0.75
    free, dear = (sed_tune.tune(judged, quiet, NAMES, weight) for weight in (0.0, 50.0))
    assert sed_metrics.event_f1(judged, free, NAMES)["macro"] > sed_metrics.event_f1(judged, SequenceRule(), NAMES)["macro"]
    assert len(label_spans(quiet[0][:, 0], dear.of(0))) == 0
