"""Event detection over window probabilities, and the simulated live stream that judges it."""

from dataclasses import dataclass

import numpy as np

from . import data, frontend
from .network import HOP_FRAMES, WINDOW_FRAMES

HOP_S = HOP_FRAMES * frontend.HOP_LENGTH / frontend.SAMPLE_RATE_HZ
CENTRE_S = (((WINDOW_FRAMES - 1) * frontend.HOP_LENGTH + frontend.FFT_LENGTH) / 2) / frontend.SAMPLE_RATE_HZ


@dataclass(frozen=True)
class Rule:
    """Hysteresis per label: opens at p >= on, closes at p < off; then same-label gaps shorter than merge_gap_s are
    joined, then events shorter than min_duration_s are dropped. A window stands for its hop around its centre."""

    on: float = 0.5
    off: float = 0.3
    min_duration_s: float = 0.0
    merge_gap_s: float = 0.0


def events(probabilities: np.ndarray, rule: Rule) -> list:
    """probabilities [windows, labels] -> [(label, onset_s, offset_s)], half-open, by label then onset."""
    found = []
    for label in range(probabilities.shape[1]):
        spans, start = [], None
        for w, p in enumerate(probabilities[:, label].tolist()):
            if start is None and p >= rule.on:
                start = w
            elif start is not None and p < rule.off:
                spans.append([start, w])
                start = None
        if start is not None:
            spans.append([start, len(probabilities)])
        merged = []
        for span in spans:
            if merged and (span[0] - merged[-1][1]) * HOP_S < rule.merge_gap_s:
                merged[-1][1] = span[1]
            else:
                merged.append(span)
        edge = CENTRE_S - HOP_S / 2
        found += [(label, a * HOP_S + edge, b * HOP_S + edge) for a, b in merged
                  if (b - a) * HOP_S >= rule.min_duration_s - 1e-9]
    return found


@dataclass(frozen=True)
class Stream:
    """Clips played one after another and scored: spans [(label, onset_s, offset_s)], probabilities [windows, labels]."""

    spans: list
    probabilities: np.ndarray
    duration_s: float


def play(clips: list, names: list, score, seed=None) -> Stream:
    """Concatenates the whole clips (16 kHz) in random order (``seed``), or as listed when seed is None.

    score: codes uint8 [windows, 100, 64] -> probabilities [windows, labels].
    """
    order = list(clips)
    if seed is not None:
        np.random.default_rng(seed).shuffle(order)
    spans, parts, position = [], [], 0
    for clip in order:
        samples = data.cached_samples(clip)
        end = position + len(samples)
        spans.append((names.index(clip.label) if clip.label else -1, position / frontend.SAMPLE_RATE_HZ,
                      end / frontend.SAMPLE_RATE_HZ))
        parts.append(samples)
        position = end
    codes = frontend.log_mel_codes(np.concatenate(parts))
    return Stream(spans, score(windows(codes)), position / frontend.SAMPLE_RATE_HZ)


def windows(codes: np.ndarray) -> np.ndarray:
    """uint8 [frames, 64] -> whole windows uint8 [windows, 100, 64]; a shorter clip is padded with 0 to one window."""
    if len(codes) < WINDOW_FRAMES:
        codes = np.pad(codes, ((0, WINDOW_FRAMES - len(codes)), (0, 0)))
    starts = range(0, len(codes) - WINDOW_FRAMES + 1, HOP_FRAMES)
    return np.stack([codes[s:s + WINDOW_FRAMES] for s in starts])


def judge(streams: list, rule: Rule) -> dict:
    """Counts over streams: clips, clips hit (an event of its label overlaps it), events, wrong events (no clip of
    their label overlapped), minutes; and the shares made from them. hitByLabel: {label index: share}."""
    clips = hit = total = wrong = 0
    minutes, by_label = 0.0, {}
    for stream in streams:
        found = events(stream.probabilities, rule)
        for label, start, end in stream.spans:
            if label < 0:
                continue
            got = any(e[0] == label and e[1] < end and e[2] > start for e in found)
            by_label.setdefault(label, []).append(got)
            clips, hit = clips + 1, hit + got
        wrong += sum(not any(e[0] == s[0] and e[1] < s[2] and e[2] > s[1] for s in stream.spans) for e in found)
        total += len(found)
        minutes += stream.duration_s / 60
    return {
        "clips": clips, "hitShare": hit / max(clips, 1), "events": total, "wrongEvents": wrong,
        "wrongPerMinute": wrong / minutes, "f1": 2 * hit / max(clips + hit + wrong, 1),
        "hitByLabel": {k: float(np.mean(v)) for k, v in sorted(by_label.items())},
    }


def tune(streams: list) -> Rule:
    """The rule with the best F1 (clips hit against wrong events); ties go to the rule nearest the usual 0.5 / 0.3."""
    rules = [Rule(on, off, shortest, gap)
             for on in (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7) for off in (0.15, 0.2, 0.25, 0.3, 0.35, 0.4)
             if off < on for shortest in (0.5, 1.0, 1.5) for gap in (0.0, 1.1)]
    return max(rules, key=lambda r: (round(judge(streams, r)["f1"], 4), -abs(r.on - 0.5) - abs(r.off - 0.3)))
