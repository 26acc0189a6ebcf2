"""The pools that trainings draw from, made once from the recordings and kept in the cache."""

import hashlib
import json
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field

import numpy as np

from . import backgrounds, compose, data, scenes

CODE_VERSION = 1
"""Raise when a change of code changes what the same plan makes (it is part of the cache key)."""
NEGATIVE_SHARES = {"traffic": 0.15, "wind": 0.14, "city": 0.2, "machines": 0.15, "forest": 0.12, "noises": 0.08, "speech and music": 0.16}


@dataclass(frozen=True)
class PoolPlan:
    """How many windows of how many mel frames are drawn from which seed."""

    frames: int = 100
    per_fold: int = 6_000
    negatives: int = 7_000
    seed: int = 1
    scenes: bool = True
    mix: compose.Mix = field(default_factory=compose.Mix)


def background_groups(rng: np.random.Generator, with_scenes: bool = True) -> dict:
    """{kind: arrays at 16 kHz}: everything of the training side that is none of the classes."""
    groups = {kind: list(backgrounds.scene_bank(backgrounds.TRAINING_SEED, kind, backgrounds.TRAINING_SCENES, backgrounds.TRAINING_SCENE_S))
              for kind in scenes.KINDS} if with_scenes else {}
    groups["forest"] = [wave for clip in data.forest_clips(held_out=False) for wave in data.cached_speeds(clip)]
    groups["noises"] = backgrounds.noise_waves(rng, 160)
    if with_scenes:
        groups["speech and music"] = backgrounds.speech_and_music(rng, 150)
    return groups


def fold_pool(fold: int, plan: PoolPlan) -> compose.Pool:
    """Windows with classes, of the clips of one fold."""
    return _kept(f"fold-{fold}", plan, lambda: _make_fold(fold, plan))


def negative_pool(plan: PoolPlan) -> compose.Pool:
    """Windows without any class."""
    return _kept("none", plan, lambda: _make_negatives(plan))


def _make_fold(fold: int, plan: PoolPlan) -> compose.Pool:
    rng, names = np.random.default_rng([plan.seed, fold]), data.labels()
    sources = [compose.make_source(names.index(clip.label), data.cached_speeds(clip)) for clip in data.esc10_clips() if clip.fold == fold]
    groups = background_groups(rng, plan.scenes)
    return compose.Composer(sources, list(groups.values()), len(names), rng, plan.frames, plan.mix).positives(plan.per_fold)


def _make_negatives(plan: PoolPlan) -> compose.Pool:
    rng, names = np.random.default_rng([plan.seed, 0]), data.labels()
    groups, parts = background_groups(rng, plan.scenes), []
    total = sum(NEGATIVE_SHARES[kind] for kind in groups)
    for kind, waves in groups.items():
        composer = compose.Composer([], [waves], len(names), rng, plan.frames, plan.mix)
        parts.append(composer.negatives(round(plan.negatives * NEGATIVE_SHARES[kind] / total)))
    return compose.Pool.joined(parts)


def _kept(name: str, plan: PoolPlan, make) -> compose.Pool:
    key = hashlib.sha256(json.dumps([CODE_VERSION, asdict(plan)]).encode()).hexdigest()[:16]
    file = data.CACHE_DIR / "pools" / f"{name}-{key}.npz"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        pool, partial = make(), file.with_suffix(f".{os.getpid()}.npz")
        np.savez(partial, codes=pool.codes, targets=pool.targets, weights=pool.weights, source=pool.source)
        partial.replace(file)
    with np.load(file) as kept:
        return compose.Pool(kept["codes"], kept["targets"], kept["weights"], kept["source"])


def make_all(plan: PoolPlan, folds: list, workers: int) -> None:
    """Fills the cache: scenes first, then the pools, then the hours that thresholds are chosen and judged on."""
    for wave in ([(_make_bank, kind) for kind in scenes.KINDS], [(fold_pool, fold, plan) for fold in folds] + [(negative_pool, plan)],
                 [(backgrounds.scene_codes, which, kind) for which in (backgrounds.TUNING_HOURS, backgrounds.JUDGING_HOURS) for kind in scenes.KINDS]):
        with ProcessPoolExecutor(workers) as pool:
            for waiting in [pool.submit(_quietly, *job) for job in wave]:
                waiting.result()


def _make_bank(kind: str) -> None:
    backgrounds.scene_bank(backgrounds.TRAINING_SEED, kind, backgrounds.TRAINING_SCENES, backgrounds.TRAINING_SCENE_S)


def _quietly(job, *arguments) -> None:
    job(*arguments)
