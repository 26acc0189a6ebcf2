"""One training run: folds + seed + recipe -> weights, kept in the cache under a key of all that made them."""

import copy
import ctypes
import hashlib
import json
import math
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field

import numpy as np
import torch
from torch.nn import functional

from . import augment, data
from .network import Classifier

CODE_VERSION = 1
"""Raise when a change of code changes what the same recipe trains (it is part of the cache key)."""


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the weights besides folds and seed."""

    steps: int = 1500
    batch: int = 64
    learning_rate: float = 3e-3
    weight_decay: float = 2e-2
    warmup: float = 0.1
    smoothing: float = 0.02
    categorical: float = 0.5
    ema_decay: float = 0.995
    mix: augment.Mix = field(default_factory=augment.Mix)


def train(folds: tuple, seed: int, recipe: Recipe, use_cache: bool = True) -> Classifier:
    """Trains on the ESC-10 clips of ``folds`` (sorted tuple); returns the averaged network in eval mode, on the CPU.

    Nothing of any other fold is read: the number of steps is fixed beforehand, there is no early stopping.
    """
    names = data.labels()
    key = hashlib.sha256(json.dumps([CODE_VERSION, folds, seed, asdict(recipe)]).encode()).hexdigest()[:16]
    file = data.CACHE_DIR / "weights" / f"folds-{'-'.join(map(str, folds))}-seed-{seed}-{key}.pt"
    if use_cache and file.exists():
        network = Classifier(len(names))
        network.load_state_dict(torch.load(file))
        return network.eval()
    _keep_freed_memory()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(seed)
    network = _run(_sampler(names, folds, seed, recipe), Classifier(len(names)), recipe, f"folds {folds} seed {seed}")
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(f".{os.getpid()}")
    torch.save(network.state_dict(), partial)
    partial.replace(file)
    return network


def train_all(jobs: list, recipe: Recipe, workers: int = 2) -> None:
    """Fills the cache for jobs [(folds, seed)], ``workers`` at a time, one thread each."""
    with ProcessPoolExecutor(workers) as pool:
        list(pool.map(_train_job, [(folds, seed, recipe) for folds, seed in jobs]))


def _train_job(job) -> None:
    train(*job)


def _keep_freed_memory() -> None:
    """Lets glibc reuse large buffers: giving them back after each layer cost a sixth of the time in page faults."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(-3, 1 << 30)  # M_MMAP_THRESHOLD
        libc.mallopt(-1, 2**31 - 1)  # M_TRIM_THRESHOLD


def _sampler(names: list, folds: tuple, seed: int, recipe: Recipe) -> augment.WindowSampler:
    rng = np.random.default_rng(seed)
    sources = [augment.make_source(names.index(clip.label), data.cached_mels(clip))
               for clip in data.esc10_clips() if clip.fold in folds]
    forest = [data.cached_mels(clip) for clip in data.forest_clips(held_out=False)]
    backgrounds = augment.synthetic_noises(rng) + [mels[data.ORIGINAL] for mels in forest] \
        + [mels[int(rng.integers(len(data.SPEEDS)))] for mels in forest]
    return augment.WindowSampler(sources, backgrounds, len(names), rng, recipe.mix)


def _run(sampler: augment.WindowSampler, network: Classifier, recipe: Recipe, name: str) -> Classifier:
    averaged = copy.deepcopy(network).eval()
    decayed = [p for p in network.parameters() if p.ndim > 1]
    plain = [p for p in network.parameters() if p.ndim <= 1]
    optimiser = torch.optim.AdamW([{"params": decayed, "weight_decay": recipe.weight_decay},
                                   {"params": plain, "weight_decay": 0.0}], lr=recipe.learning_rate)
    started, total = time.monotonic(), 0.0
    for step in range(recipe.steps):
        for group in optimiser.param_groups:
            group["lr"] = recipe.learning_rate * _schedule(step / recipe.steps, recipe.warmup)
        network.train()
        loss = _loss(network, *map(torch.from_numpy, sampler.batch(recipe.batch)), recipe)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        _average(averaged, network, min(recipe.ema_decay, (step + 1) / (step + 10)))
        total += loss.item()
        if (step + 1) % 250 == 0:
            print(f"{name}: step {step + 1}/{recipe.steps} loss {total / 250:.4f} {time.monotonic() - started:.0f} s",
                  file=sys.stderr, flush=True)
            total = 0.0
    return averaged


def _schedule(progress: float, warmup: float) -> float:
    """Linear warm-up, then a half cosine to zero; progress in [0, 1)."""
    if progress < warmup:
        return (progress + 1e-3) / warmup
    return 0.5 * (1 + math.cos(math.pi * (progress - warmup) / (1 - warmup)))


def _loss(network, logmel, targets, weights, recipe: Recipe) -> torch.Tensor:
    """Smoothed binary cross entropy on judged labels, plus cross entropy where exactly one label holds."""
    logits, _ = network(logmel)
    smooth = targets * (1 - 2 * recipe.smoothing) + recipe.smoothing
    binary = functional.binary_cross_entropy_with_logits(logits, smooth, reduction="none")
    loss = (binary * weights).sum() / weights.sum() * 5.0
    single = (targets.sum(dim=1) == 1) & (weights.min(dim=1).values > 0)
    if recipe.categorical and single.any():
        loss = loss + recipe.categorical * functional.cross_entropy(logits[single], targets[single].argmax(dim=1))
    return loss


def _average(averaged: Classifier, network: Classifier, decay: float) -> None:
    with torch.no_grad():
        for kept, new in zip(averaged.state_dict().values(), network.state_dict().values()):
            if kept.dtype.is_floating_point:
                kept.mul_(decay).add_(new, alpha=1 - decay)
            else:
                kept.copy_(new)
