"""Event detection over window probabilities, and the simulated live stream that judges it."""

from dataclasses import dataclass, field, replace

import numpy as np

from . import data, frontend
from .network import HOP_FRAMES, WINDOW_FRAMES

HOP_S = HOP_FRAMES * frontend.HOP_LENGTH / frontend.SAMPLE_RATE_HZ
ON_GRID = (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7)
OFF_GRID = (0.15, 0.2, 0.25, 0.3, 0.35, 0.4)
CENTRE_S = (((WINDOW_FRAMES - 1) * frontend.HOP_LENGTH + frontend.FFT_LENGTH) / 2) / frontend.SAMPLE_RATE_HZ


@dataclass(frozen=True)
class Rule:
    """Hysteresis per label: opens at p >= on, closes at p < off; then same-label gaps shorter than merge_gap_s are
    joined, then events shorter than min_duration_s are dropped. A window stands for its hop around its centre.
    per_label: {label index: (on, off)} in place of the common thresholds."""

    on: float = 0.5
    off: float = 0.3
    min_duration_s: float = 0.0
    merge_gap_s: float = 0.0
    per_label: dict = field(default_factory=dict)


def events(probabilities: np.ndarray, rule: Rule) -> list:
    """probabilities [windows, labels] -> [(label, onset_s, offset_s)], half-open, by label then onset."""
    found = []
    for label in range(probabilities.shape[1]):
        on, off = rule.per_label.get(label, (rule.on, rule.off))
        spans, start = [], None
        for w, p in enumerate(probabilities[:, label].tolist()):
            if start is None and p >= on:
                start = w
            elif start is not None and p < off:
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
    their label overlapped) and the shares made from them. wrongTimeShare: of all events' time, the share outside clips
    of their label (an event that never ended would hit every clip; this shows it). byLabel: {label index: hit share, wrong, F1}."""
    label_count = streams[0].probabilities.shape[1]
    clips, hit, wrong = (np.zeros(label_count, int) for _ in range(3))
    total, time_s, right_s = 0, 0.0, 0.0
    for stream in streams:
        found = events(stream.probabilities, rule)
        for label, start, end in stream.spans:
            if label >= 0:
                clips[label] += 1
                hit[label] += any(e[0] == label and e[1] < end and e[2] > start for e in found)
        for e in found:
            time_s += e[2] - e[1]
            right_s += sum(max(0.0, min(e[2], s[2]) - max(e[1], s[1])) for s in stream.spans if s[0] == e[0])
            wrong[e[0]] += not any(e[0] == s[0] and e[1] < s[2] and e[2] > s[1] for s in stream.spans)
        total += len(found)
    minutes = sum(stream.duration_s for stream in streams) / 60
    return {
        "clips": int(clips.sum()), "hitShare": float(hit.sum() / max(clips.sum(), 1)), "events": total,
        "wrongEvents": int(wrong.sum()), "wrongPerMinute": float(wrong.sum() / minutes),
        "f1": _f1(clips.sum(), hit.sum(), wrong.sum()),
        "wrongTimeShare": float(1 - right_s / time_s) if time_s else 0.0,
        "byLabel": {k: {"hitShare": float(hit[k] / max(clips[k], 1)), "wrongPerMinute": float(wrong[k] / minutes),
                        "f1": _f1(clips[k], hit[k], wrong[k])} for k in range(label_count)},
    }


def _f1(clips: int, hit: int, wrong: int) -> float:
    return float(2 * hit / max(clips + hit + wrong, 1))


def tune(streams: list, per_label_gain: float = 0.03) -> Rule:
    """The rule with the best F1 (clips hit against wrong events); ties go to the rule nearest the usual 0.5 / 0.3.

    Then, label by label, other thresholds where they raise that label's F1 by at least ``per_label_gain``.
    """
    pairs = [(on, off) for on in ON_GRID for off in OFF_GRID if off < on]
    common = [(shortest, gap) for shortest in (0.5, 1.0, 1.5) for gap in (0.0, 1.1)]
    judged = {(pair, rest): judge(streams, Rule(*pair, *rest)) for pair in pairs for rest in common}

    def plainness(pair) -> float:
        return -abs(pair[0] - 0.5) - abs(pair[1] - 0.3)

    pair, rest = max(judged, key=lambda key: (round(judged[key]["f1"], 3), plainness(key[0])))
    per_label = {}
    for label, figures in judged[pair, rest]["byLabel"].items():
        best = max(pairs, key=lambda p: (round(judged[p, rest]["byLabel"][label]["f1"], 3), plainness(p)))
        if judged[best, rest]["byLabel"][label]["f1"] >= figures["f1"] + per_label_gain:
            per_label[label] = best
    return replace(Rule(*pair, *rest), per_label=per_label)
