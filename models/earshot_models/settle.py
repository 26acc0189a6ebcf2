"""The whole procedure that makes a model out of folds, and its cross-validation.

``settle``: a network trained on all the given folds; calibration and thresholds come from the networks of the cross-validation inside these folds
(each judged on the fold that it did not see) and from the hours of the tuning seed. So nothing of any other fold has a say, and ``settle`` of three
folds may be judged on the fourth: that is how the figures of a model of four folds are made.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from . import calibrate, data, evaluate, fit, operate, stream
from .network import Classifier, cost


@dataclass(frozen=True)
class Settled:
    """A network with what belongs into its bundle."""

    network: object
    scale: np.ndarray
    offset: np.ndarray
    rule: stream.Rule

    def calibrated(self, logits: np.ndarray) -> np.ndarray:
        return calibrate.apply(logits, self.scale, self.offset)


def without(folds: tuple, fold: int) -> tuple:
    return tuple(f for f in folds if f != fold)


def jobs(folds: tuple, seed: int, recipe: fit.Recipe) -> list:
    """The trainings that ``settle`` needs, for ``fit.train_all``."""
    return [(without(folds, held), seed, recipe) for held in folds] + [(folds, seed, recipe)]


@lru_cache(maxsize=None)
def backgrounds_heard(folds: tuple, seed: int, recipe: fit.Recipe, judging: bool) -> operate.Heard:
    """Logits of the network of (folds, seed, recipe) on the generated hours of one side."""
    return operate.hear_backgrounds(evaluate.logits_of(fit.train(folds, seed, recipe)), judging)


def heard(folds: tuple, seed: int, recipe: fit.Recipe, held: tuple, judging: bool) -> operate.Heard:
    """The same, with mixtures of the ``held`` folds."""
    mixes = operate.hear_mixes(evaluate.logits_of(fit.train(folds, seed, recipe)), data.labels(), list(held), judging)
    return replace(backgrounds_heard(folds, seed, recipe, judging), mixes=mixes)


@lru_cache(maxsize=None)
def evidence(folds: tuple, seed: int, recipe: fit.Recipe, held: int, judging: bool) -> calibrate.Judged:
    """Logits of the same network for calibration, on one fold that it did not see."""
    return evaluate.evidence(evaluate.logits_of(fit.train(folds, seed, recipe)), data.labels(), held, judging)


@lru_cache(maxsize=None)
def settle(folds: tuple, seed: int, recipe: fit.Recipe) -> Settled:
    """Trains (or takes from the cache) and chooses calibration and rule."""
    network = fit.train(folds, seed, recipe)
    inner = [(without(folds, held), held) for held in folds]
    scale, offset = calibrate.fit(calibrate.Judged.joined([evidence(rest, seed, recipe, held, False) for rest, held in inner]))
    sides = [heard(rest, seed, recipe, (held,), False) for rest, held in inner] + [heard(folds, seed, recipe, (), False)]
    rule = operate.choose([side.mapped(lambda v: calibrate.apply(v, scale, offset)) for side in sides], len(data.labels()))
    return Settled(network, scale, offset, rule)


def clip_figures(folds: tuple, seeds: list, recipe: fit.Recipe) -> dict:
    """Clip accuracy of networks trained on all but one of ``folds``, judged on that one: per fold, seed and gain, and the confusion.

    Before calibration, which needs an inner cross-validation for each seed; ``judged`` has the accuracy after it.
    """
    names, runs = data.labels(), []
    for held in folds:
        clips = evaluate.clips_of([held])
        truth = evaluate.truth_of(clips, names)
        for seed in seeds:
            logits = evaluate.logits_of(fit.train(without(folds, held), seed, recipe))
            by_gain = {g: evaluate.confusion(evaluate.clip_probabilities(logits, clips, 1.0, 0.0, g), truth) for g in (0, -20, 10)}
            runs.append((held, seed, by_gain))
    def mean(chosen) -> float:
        return float(np.mean([evaluate.accuracy(counts) for counts in chosen]))
    per_fold = {str(f): mean(g[0] for h, _, g in runs if h == f) for f in folds}
    return {
        "mean": mean(g[0] for _, _, g in runs), "perFold": per_fold, "stdOverFolds": float(np.std(list(per_fold.values()), ddof=1)),
        "perSeed": [mean(g[0] for _, s, g in runs if s == seed) for seed in seeds],
        "meanAtGainDb": {str(gain): mean(g[gain] for _, _, g in runs) for gain in (-20, 10)},
        "confusion": sum(g[0] for _, _, g in runs).tolist(),
    }


def teacher_figures(folds: tuple, seed: int, recipe: fit.Recipe) -> dict:
    """Clip accuracy over ``folds`` (each by networks of the others, before calibration): of every teacher, of the mean of their logits, and of the
    network that they taught; {} without teachers."""
    if not recipe.teachers:
        return {}
    names, right = data.labels(), []
    for held in folds:
        clips, rest = evaluate.clips_of([held]), without(folds, held)
        truth = evaluate.truth_of(clips, names)
        taught = evaluate.logits_of(fit.train(rest, seed, recipe))
        each = [evaluate.logits_of(fit.train(rest, fit.TEACHER_SEED + k, recipe.of_teachers())) for k in range(recipe.teachers)]

        def together(codes: np.ndarray) -> np.ndarray:
            return np.mean([logits(codes) for logits in each], axis=0)
        right.append([evaluate.clip_probabilities(logits, clips, 1.0, 0.0).argmax(axis=1) == truth for logits in [*each, together, taught]])
    shares = [float(np.mean(np.concatenate(column))) for column in zip(*right)]
    return {**cost(Classifier(len(names), recipe.teacher_shape)), "each": shares[:-2], "ensemble": shares[-2], "taught": shares[-1]}


def judged(parts: list, seed: int, recipe: fit.Recipe) -> dict:
    """Figures of settled models on the folds that they did not see. parts: [(folds, held)]; each is judged once, all are counted together."""
    names = data.labels()
    models = [(settle(folds, seed, recipe), folds, held) for folds, held in parts]
    probabilities, truth, streams, sides, windows = [], [], [], [], []
    for model, folds, held in models:
        logits, clips = evaluate.logits_of(model.network), evaluate.clips_of([held])
        probabilities.append(evaluate.clip_probabilities(logits, clips, model.scale, model.offset))
        truth.append(evaluate.truth_of(clips, names))
        streams.append((evaluate.streams_of(logits, model.scale, model.offset, clips, names), model.rule))
        sides.append(heard(folds, seed, recipe, (held,), True).mapped(model.calibrated))
        windows.append(evidence(folds, seed, recipe, held, True).mapped(model.calibrated))
    return figures(np.concatenate(probabilities), np.concatenate(truth), streams, sides, windows, [model.rule for model, _, _ in models], names)


def figures(probabilities, truth, streams, sides, windows, rules, names) -> dict:
    """What a card says of models on folds that they did not see."""
    of_windows, of_clips = calibrate.of_windows(calibrate.Judged.joined(windows)), calibrate.of_top(probabilities, truth)
    counts = evaluate.confusion(probabilities, truth)
    return {
        "clipAccuracy": evaluate.accuracy(counts), "confusion": counts.tolist(),
        "calibration": {"windowEce": calibrate.expected_error(of_windows), "clipEce": calibrate.expected_error(of_clips),
                        "windows": of_windows, "clips": of_clips},
        "operatingPoint": operate.verdict(sides, rules, names),
        "live": live(streams, names),
    }


def live(streams: list, names: list) -> dict:
    """Clips one after another, each network under its own rule: [(streams, rule)]."""
    parts = [stream.judge(played, rule) for played, rule in streams]
    clips, minutes = sum(p["clips"] for p in parts), sum(s.duration_s for played, _ in streams for s in played) / 60
    wrong = sum(p["wrongEvents"] for p in parts)
    return {
        "clips": clips, "hitShare": sum(p["hitShare"] * p["clips"] for p in parts) / clips, "wrongEvents": wrong, "wrongPerMinute": wrong / minutes,
        "wrongTimeShare": float(np.mean([p["wrongTimeShare"] for p in parts])),
        "hitByLabel": {names[k]: float(np.mean([p["byLabel"][k]["hitShare"] for p in parts])) for k in range(len(names))},
    }
