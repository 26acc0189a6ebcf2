"""Event detection over window probabilities as the runtime does it, and the simulated live stream that judges it."""

from dataclasses import dataclass, field

import numpy as np

from . import data, frontend
from .network import HOP_FRAMES, WINDOW_FRAMES

HOP_S = HOP_FRAMES * frontend.HOP_LENGTH / frontend.SAMPLE_RATE_HZ
WINDOW_S = ((WINDOW_FRAMES - 1) * frontend.HOP_LENGTH + frontend.FFT_LENGTH) / frontend.SAMPLE_RATE_HZ
CENTRE_S = WINDOW_S / 2


@dataclass(frozen=True)
class LabelRule:
    """Opens at p >= on, closes at p < off; what is shorter than min_duration_s is dropped."""

    on: float = 0.5
    off: float = 0.3
    min_duration_s: float = 0.0


@dataclass(frozen=True)
class Rule:
    """Hysteresis per label; then same-label gaps shorter than merge_gap_s are joined, then short events are dropped. A window stands for its hop
    around its centre; at either end of a stream for all of itself. per_label: {label index: LabelRule} in place of the common one."""

    common: LabelRule = LabelRule()
    merge_gap_s: float = 0.0
    per_label: dict = field(default_factory=dict)

    def of(self, label: int) -> LabelRule:
        return self.per_label.get(label, self.common)


def events(probabilities: np.ndarray, rule: Rule) -> list:
    """probabilities [windows, labels] -> [(label, onset_s, offset_s)], half-open, by label then onset."""
    return [(label, *span) for label in range(probabilities.shape[1])
            for span in label_events(probabilities[:, label], rule.of(label), rule.merge_gap_s)]


def label_events(course: np.ndarray, rule: LabelRule, merge_gap_s: float) -> list:
    """probabilities of one label [windows] -> [(onset_s, offset_s)]."""
    if not len(course) or course.max() < rule.on:
        return []
    spans, start = [], None
    for w, p in enumerate(course.tolist()):
        if start is None and p >= rule.on:
            start = w
        elif start is not None and p < rule.off:
            spans.append([start, w])
            start = None
    if start is not None:
        spans.append([start, len(course)])
    merged = []
    for span in spans:
        if merged and (span[0] - merged[-1][1]) * HOP_S < merge_gap_s:
            merged[-1][1] = span[1]
        else:
            merged.append(span)
    edge = CENTRE_S - HOP_S / 2
    times = [(a * HOP_S + edge if a else 0.0, b * HOP_S + edge if b < len(course) else (b - 1) * HOP_S + WINDOW_S) for a, b in merged]
    return [(onset, offset) for onset, offset in times if offset - onset >= rule.min_duration_s - 1e-9]


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


def windows(codes: np.ndarray, hop_frames: int = HOP_FRAMES) -> np.ndarray:
    """uint8 [frames, 64] -> whole windows uint8 [windows, 100, 64]; a shorter clip is padded with 0 to one window."""
    if len(codes) < WINDOW_FRAMES:
        codes = np.pad(codes, ((0, WINDOW_FRAMES - len(codes)), (0, 0)))
    starts = range(0, len(codes) - WINDOW_FRAMES + 1, hop_frames)
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
