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
from dataclasses import asdict, dataclass, field, replace

import numpy as np
import torch
from torch.nn import functional

from . import augment, compose, data, pools
from .network import EMBEDDING_SIZE, Classifier, Shape

CODE_VERSION = 3
"""Raise when a change of code changes what the same recipe trains (it is part of the cache key)."""
TEACHER_SEED = 100
"""Teachers have seeds of their own: 100, 101, ..."""


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the weights besides folds and seed.

    teachers: so many networks of ``teacher_shape`` are trained on the same folds first, and the mean of their probabilities is ``distilled``
    (0-1: its share in the loss). pretrain_steps: so many steps of telling which recording a window is of, without labels, come first.
    """

    steps: int = 1200
    batch: int = 64
    learning_rate: float = 3e-3
    weight_decay: float = 2e-2
    warmup: float = 0.1
    smoothing: float = 0.02
    categorical: float = 0.5
    ema_decay: float = 0.995
    blended: float = 0.0
    shape: Shape = field(default_factory=Shape)
    pool: pools.PoolPlan = field(default_factory=pools.PoolPlan)
    vary: augment.Vary = field(default_factory=augment.Vary)
    teachers: int = 0
    teacher_shape: Shape = field(default_factory=Shape)
    teacher_steps: int = 1500
    distilled: float = 0.7
    pretrain_steps: int = 0

    def of_teachers(self) -> "Recipe":
        return replace(self, teachers=0, shape=self.teacher_shape, steps=self.teacher_steps, pretrain_steps=0)


@dataclass(frozen=True)
class Material:
    """What a run draws from. soft: probabilities [windows, labels] of the teachers for both pools, or None."""

    positives: compose.Pool
    negatives: compose.Pool
    soft: tuple = None


def train(folds: tuple, seed: int, recipe: Recipe, use_cache: bool = True) -> Classifier:
    """Trains on the ESC-10 clips of ``folds`` (sorted tuple); returns the averaged network in eval mode, on the CPU.

    Nothing of any other fold is read: the number of steps is fixed beforehand, there is no early stopping. Teachers are trained on the same folds.
    """
    names = data.labels()
    file = _file(folds, seed, recipe)
    if use_cache and file.exists():
        network = Classifier(len(names), recipe.shape)
        network.load_state_dict(torch.load(file))
        return network.eval()
    positives = compose.Pool.joined([pools.fold_pool(fold, recipe.pool) for fold in folds])
    material = Material(positives, pools.negative_pool(recipe.pool))
    if recipe.teachers:
        teachers = [train(folds, TEACHER_SEED + k, recipe.of_teachers(), use_cache) for k in range(recipe.teachers)]
        material = replace(material, soft=tuple(_taught(teachers, pool) for pool in (material.positives, material.negatives)))
    network = run(material, seed, recipe, len(names), f"folds {folds} seed {seed}")
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(f".{os.getpid()}")
    torch.save(network.state_dict(), partial)
    partial.replace(file)
    return network


def _file(folds: tuple, seed: int, recipe: Recipe):
    made_of = asdict(recipe)
    if not recipe.teachers:
        for name in ("teacher_shape", "teacher_steps", "distilled"):
            del made_of[name]
    key = hashlib.sha256(json.dumps([CODE_VERSION, pools.CODE_VERSION, folds, seed, made_of]).encode()).hexdigest()[:16]
    return data.CACHE_DIR / "weights" / f"folds-{'-'.join(map(str, folds))}-seed-{seed}-{key}.pt"


def train_all(jobs: list, workers: int = 2) -> None:
    """Fills the cache for jobs [(folds, seed, recipe)], ``workers`` at a time, one thread each; teachers first."""
    teachers = {(folds, TEACHER_SEED + k, recipe.of_teachers()) for folds, _, recipe in jobs for k in range(recipe.teachers)}
    with ProcessPoolExecutor(workers) as pool:
        for wave in (sorted(teachers, key=repr), jobs):
            list(pool.map(_train_job, [job for job in wave if not _file(*job).exists()]))


def _train_job(job) -> None:
    train(*job)


def _keep_freed_memory() -> None:
    """Lets glibc reuse large buffers: giving them back after each layer cost a sixth of the time in page faults."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(-3, 1 << 30)  # M_MMAP_THRESHOLD
        libc.mallopt(-1, 2**31 - 1)  # M_TRIM_THRESHOLD


def _taught(teachers: list, pool: compose.Pool) -> np.ndarray:
    """Mean logits of the teachers [windows, labels] for the windows as they are stored."""
    from .frontend import dequantise
    with torch.no_grad():
        return np.concatenate([torch.stack([t(torch.from_numpy(dequantise(pool.codes[i:i + 256])))[0] for t in teachers]).mean(dim=0).numpy()
                               for i in range(0, len(pool.codes), 256)])


def run(material: Material, seed: int, recipe: Recipe, label_count: int, name: str = "") -> Classifier:
    """Trains a network drawn from ``seed`` and returns its running mean. The same material, seed and recipe on the same kind of processor give the
    same weights."""
    _keep_freed_memory()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(seed)
    network = Classifier(label_count, recipe.shape).to(memory_format=torch.channels_last)
    batches = augment.Batches(material.positives, material.negatives, np.random.default_rng([seed, 7]), recipe.vary)
    if recipe.pretrain_steps:
        _pretrain(batches, network, recipe)
    averaged = copy.deepcopy(network).eval()
    optimiser = _optimiser(network, recipe)
    started, total = time.monotonic(), 0.0
    for step in range(recipe.steps):
        for group in optimiser.param_groups:
            group["lr"] = recipe.learning_rate * _schedule(step / recipe.steps, recipe.warmup)
        network.train()
        loss = _loss(network, material, batches, recipe)
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


def _optimiser(network, recipe: Recipe):
    decayed = [p for p in network.parameters() if p.ndim > 1]
    plain = [p for p in network.parameters() if p.ndim <= 1]
    return torch.optim.AdamW([{"params": decayed, "weight_decay": recipe.weight_decay}, {"params": plain, "weight_decay": 0.0}],
                             lr=recipe.learning_rate)


def _schedule(progress: float, warmup: float) -> float:
    """Linear warm-up, then a half cosine to zero; progress in [0, 1)."""
    if progress < warmup:
        return (progress + 1e-3) / warmup
    return 0.5 * (1 + math.cos(math.pi * (progress - warmup) / (1 - warmup)))


def _pretrain(batches: augment.Batches, network: Classifier, recipe: Recipe) -> None:
    """Without labels: which of the recordings (clips of the training folds, backgrounds) is this window of?"""
    offset = int(batches.positives.source.max()) + 1
    network.train()
    head = torch.nn.Linear(EMBEDDING_SIZE, offset + int(batches.negatives.source.max()) + 1)
    both = torch.nn.ModuleList([network, head])
    optimiser = _optimiser(both, recipe)
    for step in range(recipe.pretrain_steps):
        for group in optimiser.param_groups:
            group["lr"] = recipe.learning_rate * _schedule(step / recipe.pretrain_steps, recipe.warmup)
        logmel, positives, negatives = batches.draw(recipe.batch)
        which = np.concatenate([batches.positives.source[positives], batches.negatives.source[negatives] + offset])
        loss = functional.cross_entropy(head(network(torch.from_numpy(logmel))[1]), torch.from_numpy(which.astype(np.int64)))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()


def _loss(network, material: Material, batches: augment.Batches, recipe: Recipe) -> torch.Tensor:
    """Smoothed binary cross entropy on judged labels, plus cross entropy where exactly one label holds; with teachers, their probabilities too.

    blended: share of batches in which each window is averaged in dB with another one (mixup), and so are the targets.
    """
    logmel, positives, negatives = batches.draw(recipe.batch)
    both = (material.positives, material.negatives)
    targets, weights = (torch.from_numpy(np.concatenate([getattr(pool, name)[i] for pool, i in zip(both, (positives, negatives))]))
                        for name in ("targets", "weights"))
    x, mixed = torch.from_numpy(logmel), targets
    single = (targets.sum(dim=1) == 1) & (weights.min(dim=1).values > 0)
    if recipe.blended and batches.rng.random() < recipe.blended:
        share, order = float(batches.rng.beta(0.4, 0.4)), torch.from_numpy(batches.rng.permutation(len(x)))
        x, mixed = share * x + (1 - share) * x[order], share * targets + (1 - share) * targets[order]
        weights, single = torch.minimum(weights, weights[order]), torch.zeros_like(single)
    logits, _ = network(x)
    loss = _binary(logits, mixed * (1 - 2 * recipe.smoothing) + recipe.smoothing, weights)
    if recipe.categorical and single.any():
        loss = loss + recipe.categorical * functional.cross_entropy(logits[single], targets[single].argmax(dim=1))
    if material.soft is None:
        return loss
    taught = torch.from_numpy(np.concatenate([soft[i] for soft, i in zip(material.soft, (positives, negatives))]))
    told = _binary(logits, torch.sigmoid(taught), torch.ones_like(taught))
    if recipe.categorical:
        likely = torch.softmax(taught[:len(positives)], dim=1)
        told = told + recipe.categorical * -(likely * torch.log_softmax(logits[:len(positives)], dim=1)).sum(dim=1).mean()
    return (1 - recipe.distilled) * loss + recipe.distilled * told


def _binary(logits: torch.Tensor, targets: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    each = functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    return (each * weights).sum() / weights.sum() * 5.0


def _average(averaged: Classifier, network: Classifier, decay: float) -> None:
    with torch.no_grad():
        for kept, new in zip(averaged.state_dict().values(), network.state_dict().values()):
            if kept.dtype.is_floating_point:
                kept.mul_(decay).add_(new, alpha=1 - decay)
            else:
                kept.copy_(new)
