"""One training run of the sequence network: folds + seed + recipe -> weights, kept in the cache under a key of all that made them."""

import hashlib
import json
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional
from torch.optim.lr_scheduler import OneCycleLR
from torch.optim.swa_utils import AveragedModel

from . import data, frontend, sed_blocks, sed_compose, sed_sources
from .sed_network import SequenceNetwork, Shape

CODE_VERSION = 2
"""Raise when a change of code changes what the same recipe trains (it is part of the cache key)."""
PAIRS = ((1, 2), (3, 4))
"""Networks of two folds: those of more folds begin with the weights of the pair that they hold, so nothing of a fold that they were not given reaches them."""


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the weights besides folds and seed. A cycle is (steps, highest learning rate); networks that begin with the weights
    of another go through the ``further`` cycles one after another."""

    first: tuple = (8000, 3e-3)
    further: tuple = ((5000, 2e-3), (3000, 2e-3))
    batch: int = 16
    weight_decay: float = 2e-2
    warmup: float = 0.1
    clip_norm: float = 2.0
    ema_decay: float = 0.99
    scenes_per_kind: int = 150
    shape: Shape = field(default_factory=Shape)
    mix: sed_compose.Mix = field(default_factory=sed_compose.Mix)


def train(folds: tuple, seed: int, recipe: Recipe) -> SequenceNetwork:
    """Trains on the ESC-10 clips of ``folds`` (sorted tuple); returns the averaged network in eval mode.

    Nothing of any other fold is read: the number of steps is fixed beforehand, there is no early stopping.
    """
    return _through(folds, seed, replace(recipe, further=recipe.further if begins_with(folds) else ()))


def _through(folds: tuple, seed: int, recipe: Recipe) -> SequenceNetwork:
    """Through all cycles of the recipe, the last of which is run here and now unless it is in the cache. Without ``further`` cycles: the first."""
    names, earlier = data.labels(), recipe.further[:-1]
    key = hashlib.sha256(json.dumps([CODE_VERSION, folds, seed, asdict(recipe)]).encode()).hexdigest()[:16]
    file = data.CACHE_DIR / "weights" / f"sed-folds-{'-'.join(map(str, folds))}-seed-{seed}-{key}.pt"
    network = SequenceNetwork(len(names), recipe.shape)
    if file.exists():
        network.load_state_dict(torch.load(file))
        return network.eval()
    start = None
    if recipe.further:
        start = _through(folds if earlier else begins_with(folds), seed, replace(recipe, further=earlier)).state_dict()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(seed)
    network = SequenceNetwork(len(names), recipe.shape)
    if start:
        network.load_state_dict(start)
    composer = sed_compose.Composer(sed_sources.clips(names, folds), sed_sources.beds(recipe.scenes_per_kind), len(names),
                                    np.random.default_rng([seed, len(earlier)] if earlier else seed), recipe.mix)
    averaged = _run(composer, network, recipe, recipe.further[-1] if start else recipe.first, f"folds {folds} seed {seed} cycle {len(recipe.further)}")
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(f".{os.getpid()}")
    torch.save(averaged.state_dict(), partial)
    partial.replace(file)
    return averaged


def train_all(jobs: list, recipe: Recipe, workers: int) -> None:
    """Fills the cache for jobs [(folds, seed)], ``workers`` at a time, one thread each; first those that others begin with."""
    firsts = [(first, seed) for folds, seed in jobs if (first := begins_with(folds))]
    with ProcessPoolExecutor(workers) as pool:
        for wave in (dict.fromkeys(firsts), jobs):
            list(pool.map(_train_job, [(folds, seed, recipe) for folds, seed in wave]))


def begins_with(folds: tuple):
    """The folds of the network whose weights a network of ``folds`` begins with; None: with weights of its own."""
    return next((pair for pair in PAIRS if set(pair) < set(folds)), None)


def _train_job(job) -> None:
    train(*job)


def _run(composer: sed_compose.Composer, network: SequenceNetwork, recipe: Recipe, cycle: tuple, name: str) -> SequenceNetwork:
    averaged = AveragedModel(network, use_buffers=True, avg_fn=lambda kept, new, count: _average(kept, new, min(
        recipe.ema_decay, (float(count) + 1) / (float(count) + 10))))
    groups = [{"params": [p for p in network.parameters() if p.ndim > 1], "weight_decay": recipe.weight_decay},
              {"params": [p for p in network.parameters() if p.ndim <= 1], "weight_decay": 0.0}]
    steps, learning_rate = cycle
    optimiser = torch.optim.AdamW(groups, lr=learning_rate)
    schedule = OneCycleLR(optimiser, learning_rate, steps, pct_start=recipe.warmup, cycle_momentum=False, final_div_factor=1e4)
    started, total = time.monotonic(), 0.0
    network.train()
    for step in range(steps):
        codes, targets = composer.batch(recipe.batch)
        loss = _loss(network.sequence(inputs(codes)), torch.from_numpy(targets))
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), recipe.clip_norm)
        optimiser.step()
        schedule.step()
        averaged.update_parameters(network)
        total += loss.item()
        if (step + 1) % 50 == 0:
            print(f"{name}: step {step + 1}/{steps} loss {total / 50:.4f} {time.monotonic() - started:.0f} s, "
                  f"{time.process_time():.0f} s of processor", file=sys.stderr, flush=True)
            total = 0.0
    return averaged.module.eval()


def inputs(codes: np.ndarray) -> torch.Tensor:
    """Codes of whole blocks uint8 [N, frames, 64] -> what the blocks show in dB, float32 [N, blocks, visible, 64]."""
    return torch.from_numpy(frontend.dequantise(np.stack([sed_blocks.blocks(c) for c in codes])))


def _average(kept: torch.Tensor, new: torch.Tensor, decay: float) -> torch.Tensor:
    return kept * decay + new * (1 - decay) if kept.dtype.is_floating_point else new


def _loss(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Binary cross entropy, summed over labels, mean over steps and sequences."""
    return functional.binary_cross_entropy_with_logits(logits, targets, reduction="none").sum(dim=2).mean()
