import numpy as np
import pytest
from scipy import signal

from earshot_models import mixtures
from earshot_models.frontend import SAMPLE_RATE_HZ as FS

RNG = np.random.default_rng(3)
BEDS = [0.1 * RNG.standard_normal(4 * FS), 0.1 * RNG.standard_normal(30 * FS)]


def clip(seconds, silence_s=0.5):
    t = np.arange(int(seconds * FS)) / FS
    quiet = np.zeros(int(silence_s * FS))
    return np.concatenate([quiet, 0.3 * np.sin(2 * np.pi * 1000 * t), quiet])


CLIPS = [("a", clip(1.0)), ("b", clip(2.0)), ("b", clip(0.05)), ("c", np.zeros(FS))]


def test_the_same_seed_is_the_same_mixture_and_another_is_not():
    one, same, other = (mixtures.mix(seed, 2, CLIPS, BEDS, 5.0) for seed in (7, 7, 8))
    np.testing.assert_array_equal(one.samples, same.samples)
    assert one.events == same.events and not np.array_equal(one.samples, other.samples)


def test_silence_at_the_ends_is_no_part_of_a_label():
    assert len(mixtures.trim(clip(1.0, 0.7))) == pytest.approx(FS, abs=4 * mixtures.BLOCK)
    assert len(mixtures.trim(np.zeros(FS))) == 0 and mixtures.sounds(np.zeros(100)) == []


def test_a_faint_tail_is_no_part_of_a_label():
    tail = 0.3 * 10 ** (-25 / 20) * np.sin(2 * np.pi * 1000 * np.arange(FS) / FS)
    assert len(mixtures.trim(np.concatenate([clip(1.0, 0.0), tail]))) == pytest.approx(FS, abs=4 * mixtures.BLOCK)


@pytest.mark.parametrize("pause_s, count", [(0.3, 1), (0.8, 1), (1.2, 2)])
def test_a_pause_of_a_second_ends_an_event(pause_s, count):
    found = mixtures.sounds(np.concatenate([clip(0.5, 0.0), np.zeros(round(pause_s * FS)), clip(0.5, 0.0)]))
    assert len(found) == count


@pytest.mark.parametrize("snr_db", [-5.0, 10.0])
def test_the_snr_is_that_of_the_definition(snr_db):
    plan = mixtures.Plan(events=(1, 1))
    for index in range(20):
        mixture = mixtures.mix(1, index, CLIPS[:2], BEDS[1:], snr_db, plan)
        [event] = mixture.events
        span = slice(round(event.onset_s * FS), round(event.offset_s * FS))
        heard = signal.sosfilt(mixtures.HIGH_PASS, mixture.samples.astype(float))
        inside, outside = (heard[span] ** 2).mean(), np.delete(heard, np.arange(span.start, span.stop))
        bed = (outside**2).mean()
        assert 10 * np.log10((inside - bed) / bed) == pytest.approx(snr_db, abs=1.0)


def test_polyphony_is_bounded_and_two_of_a_kind_do_not_touch():
    plan = mixtures.Plan(events=(6, 6), polyphony=2)
    for index in range(30):
        events = mixtures.mix(2, index, CLIPS, BEDS, 0.0, plan).events
        edges = sorted([(e.onset_s, 1) for e in events] + [(e.offset_s, -1) for e in events])
        assert np.cumsum([step for _, step in edges]).max(initial=0) <= 2
        for e in events:
            assert all(o is e or o.label != e.label or o.onset_s >= e.offset_s + 1 or o.offset_s <= e.onset_s - 1 for o in events)
            assert 0 <= e.onset_s < e.offset_s <= plan.duration_s
