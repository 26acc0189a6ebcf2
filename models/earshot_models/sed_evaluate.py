"""Sequence networks on sound they never saw: mixtures of held-out clips, backgrounds without any class, whole clips as a live stream."""

import hashlib
import json
import os
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch

from . import backgrounds, data, frontend, mixtures, scenes, sed_blocks, sed_fit
from .sed_events import SequenceRule, events
from .sed_metrics import Judged
from .sed_network import BLOCK_FRAMES, BLOCK_STEPS, SequenceNetwork

SNRS_DB = (-5, 0, 5, 10, 20)
JUDGED_SEED, CHOICE_SEED = backgrounds.JUDGING_SEED, backgrounds.TUNING_SEED
"""Seeds of what is judged and of what rules are chosen on: mixtures and scenes."""
BED_SCENES_PER_KIND = 8


def scorer(network: SequenceNetwork):
    """-> score(streams of codes uint8 [frames, 64]) -> [probabilities float32 [whole steps, labels]]; like block by block, but all at once."""
    network.eval()

    def score(streams: list) -> list:
        out = []
        for i in range(0, len(streams), 16):
            part = streams[i:i + 16]
            longest = max(-(-len(codes) // BLOCK_FRAMES) for codes in part) * BLOCK_FRAMES
            padded = np.stack([np.pad(codes, ((0, longest - len(codes)), (0, 0))) for codes in part])
            with torch.no_grad():
                answers = torch.sigmoid(network.sequence(sed_fit.inputs(padded))).numpy()
            out += [sed_blocks.whole_steps(answer.reshape(-1, BLOCK_STEPS, answer.shape[-1]), len(codes)) for answer, codes in zip(answers, part)]
        return out
    return score


@lru_cache(maxsize=2)
def beds(seed: int) -> list:
    """Backgrounds of mixtures of a seed; those of any but ``CHOICE_SEED`` were heard neither in training nor in the choice of rules: the held-out
    half of the forest day, the soundscape of a park, scenes. The choice has the training half and scenes of its own."""
    scenery = [scenes.render(kind, seed, index, 30.0) for kind in scenes.KINDS for index in range(BED_SCENES_PER_KIND)]
    if seed == CHOICE_SEED:
        return [data.cached_samples(clip) for clip in data.forest_clips(held_out=False)] + scenery
    park = data.recordings_dir() / "soundscapes" / "bgonly_soundscape_20190326_22050.wav"
    return [data.cached_samples(clip) for clip in data.forest_clips(held_out=True)] + [data.cached_samples(data.Recording(park, "", 0))] + scenery


def mixed(fold: int, snr_db: float, count: int, seed: int) -> list:
    """``count`` mixtures of a fold's clips at one SNR, their indices 0, 1, ... of the seed [seed + fold]:
    [(codes uint8 [frames, 64], reference [(label, onset_s, offset_s)])], kept on disk."""
    names = data.labels()
    key = hashlib.sha256(json.dumps(["v1", fold, snr_db, seed, BED_SCENES_PER_KIND]).encode()).hexdigest()[:16]
    file = data.CACHE_DIR / "mixtures" / f"fold-{fold}-{snr_db}dB-{count}-{key}.npz"
    if not file.exists():
        clips = [(clip.label, data.cached_samples(clip)) for clip in data.esc10_clips() if clip.fold == fold]
        backgrounds = beds(seed)
        made = [mixtures.mix(seed + fold, index, clips, backgrounds, snr_db) for index in range(count)]
        references = [[(names.index(e.label), e.onset_s, e.offset_s) for e in one.events] for one in made]
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_suffix(f".{os.getpid()}.npz")
        np.savez_compressed(partial, codes=np.stack([frontend.log_mel_codes(one.samples) for one in made]), references=json.dumps(references))
        partial.replace(file)
    kept = np.load(file)
    return list(zip(kept["codes"], [[tuple(e) for e in r] for r in json.loads(str(kept["references"]))]))


def judge_mixtures(network: SequenceNetwork, fold: int, snr_db: float, count: int, seed: int = JUDGED_SEED) -> list:
    made = mixed(fold, snr_db, count, seed)
    answers = scorer(network)([codes for codes, _ in made])
    return [Judged(p, reference, mixtures.Plan().duration_s) for p, (_, reference) in zip(answers, made)]


def scene_codes(which: backgrounds.Hours) -> list:
    """Scenes without any class, all kinds in equal parts: [codes uint8 [frames, 64]] of a minute each."""
    return [codes for kind in scenes.KINDS for codes in backgrounds.scene_codes(which, kind)]


def forest_codes(held_out: bool) -> list:
    """The recordings of one half of the forest day."""
    return [frontend.log_mel_codes(data.cached_samples(clip)) for clip in data.forest_clips(held_out)]


def false_events(answers: list, rule: SequenceRule, names: list) -> dict:
    """Events in streams without any class: {"hours", "events", "perHour", "byLabel"}."""
    found = [event for p in answers for event in events(p, rule)]
    hours = sum(len(p) for p in answers) / 36_000
    return {"hours": hours, "events": len(found), "perHour": len(found) / hours,
            "byLabel": {name: n for k, name in enumerate(names) if (n := sum(e[0] == k for e in found))}}


@dataclass(frozen=True)
class Live:
    """Whole clips one after another: spans [(label, onset_s, offset_s)] of the clips; probabilities [steps, labels]."""

    spans: list
    probabilities: np.ndarray
    duration_s: float


def live(network: SequenceNetwork, fold: int, seeds=(0, 1, 2)) -> list:
    """The fold's clips in the random orders that stream.play uses."""
    names, streams, spans = data.labels(), [], []
    for seed in seeds:
        order = [clip for clip in data.esc10_clips() if clip.fold == fold]
        np.random.default_rng(seed).shuffle(order)
        samples = [data.cached_samples(clip) for clip in order]
        ends = np.cumsum([len(part) for part in samples]) / frontend.SAMPLE_RATE_HZ
        spans.append([(names.index(clip.label), begin, end) for clip, begin, end in zip(order, [0.0, *ends[:-1]], ends)])
        streams.append(frontend.log_mel_codes(np.concatenate(samples)))
    return [Live(s, p, s[-1][2]) for s, p in zip(spans, scorer(network)(streams))]


def judge_live(streams: list, rule: SequenceRule) -> dict:
    """Clips hit (an event of its label overlaps the clip), wrong events (they overlap no clip of their label) as stream.judge counts them, and the share
    of all events' time outside clips of their label."""
    clips, hit, wrong, total_s, right_s = 0, 0, 0, 0.0, 0.0
    for one in streams:
        found = events(one.probabilities, rule)
        for label, begin, end in one.spans:
            clips += 1
            hit += any(k == label and a < end and b > begin for k, a, b in found)
        for k, a, b in found:
            mine = [max(0.0, min(b, end) - max(a, begin)) for label, begin, end in one.spans if label == k]
            wrong += sum(mine) <= 0
            total_s += b - a
            right_s += sum(mine)
    minutes = sum(one.duration_s for one in streams) / 60
    return {"clips": clips, "hitShare": hit / clips, "wrongEvents": wrong, "wrongPerMinute": wrong / minutes,
            "wrongTimeShare": 1 - right_s / total_s if total_s else 0.0}
