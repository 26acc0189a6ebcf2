import numpy as np
import pytest

from earshot_models import data, frontend, mixtures, sed_compose, sed_sources
from earshot_models.sed_sources import Bed, Clip, block_level

FS = frontend.SAMPLE_RATE_HZ


def tone(seconds, amplitude=0.3):
    return amplitude * np.sin(2 * np.pi * 1000 * np.arange(int(seconds * FS)) / FS)


def clip_of(label, samples):
    return Clip(label, [data.mel_power(samples)] * len(data.SPEEDS), block_level(samples), mixtures.spans(samples))


def bed():
    noise = 0.05 * np.random.default_rng(4).standard_normal(12 * FS)
    return Bed(data.mel_power(noise), block_level(noise))


def composer(seed=0, **mix):
    clips = [clip_of(k, np.concatenate([np.zeros(FS // 2), tone(1.0 + k), np.zeros(FS // 2)])) for k in range(3)]
    plain = {"other_speed": 0.0, "cropped": 0.0, "clips_only": 0.0, "no_event": 0.0, "strangers": 0.0}
    return sed_compose.Composer(clips, [bed()], 3, np.random.default_rng(seed), sed_compose.Mix(**{**plain, **mix}))


def test_same_seed_same_batch():
    for a, b in zip(composer(5, strangers=0.5, clips_only=0.3).batch(8), composer(5, strangers=0.5, clips_only=0.3).batch(8)):
        np.testing.assert_array_equal(a, b)


def test_codes_and_targets_have_the_shapes_of_whole_blocks():
    codes, targets = composer(blocks=6).batch(4)
    assert codes.dtype == np.uint8 and codes.shape == (4, 300, 64)
    assert targets.shape == (4, 60, 3) and targets.min() >= 0 and targets.max() == 1


def test_without_events_nothing_is_labelled():
    assert composer(no_event=1.0, strangers=0.8).batch(8)[1].sum() == 0


def test_levels_of_mel_powers_are_those_of_the_samples():
    noise = 0.1 * np.random.default_rng(1).standard_normal(5 * FS)
    level = data.mel_power(noise) @ sed_sources.TO_LEVEL
    assert 10 * np.log10(level.mean() / block_level(noise).mean()) == pytest.approx(0, abs=0.5)


def test_a_placed_event_begins_and_ends_where_its_label_does():
    clip = clip_of(0, np.concatenate([np.zeros(FS // 2), tone(1.0), np.zeros(FS // 2)]))
    [(begin, end)] = clip.spans
    power = np.zeros((200, 64))
    sed_compose._place(power, clip.mels[data.ORIGINAL], begin, end, 80)
    heard = np.flatnonzero(power.sum(axis=1) > power.sum(axis=1).max() * 0.05)
    assert heard[0] == pytest.approx(78, abs=2) and heard[-1] + 1 == pytest.approx(80 + end - begin - 1, abs=2)


def test_the_snr_is_that_of_the_mixtures():
    made = composer(events=(1, 1), snr_db=(10.0, 10.0), own_snr_db=0.0, event_tilt_db=0.0)
    seen = []
    for _ in range(30):
        power, sounding = np.zeros((made.frames, 64)), np.zeros((made.frames, 3), bool)
        made._over_bed(power, sounding)
        level, active = power @ sed_sources.TO_LEVEL, sounding.any(axis=1)
        if active.sum() > 20 and (~active).sum() > 50:
            quiet = level[~active].mean()
            seen.append(10 * np.log10(max(level[active].mean() - quiet, 1e-12) / quiet))
    assert np.median(seen) == pytest.approx(10, abs=1.0)
