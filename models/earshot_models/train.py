"""Recordings to bundle: ``python -m earshot_models.train --folds 1,2,3,4 --out bundles/esc10-cnn``.

1. Cross-validation inside the given folds (train on all but one, judge on that one): figures and detection rule.
2. Training on all the given folds, export.
3. Folds that were not given (if recordings of them are there) are judged once, with the finished bundle and rule.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from . import card, data, evaluate, export, fit, golden, stream
from .network import cost

PLAIN_RULE = stream.Rule(on=0.5, off=0.3)


def cross_validate(folds: tuple, seeds: list, names: list, recipe: fit.Recipe) -> dict:
    """Per fold and seed: clip accuracy (also at other gains), confusion, streams. -> metrics and the tuned rule."""
    clips, runs, streams, backgrounds = data.esc10_clips(), [], [], []
    for held in folds:
        test = [clip for clip in clips if clip.fold == held]
        for seed in seeds:
            network = fit.train(tuple(f for f in folds if f != held), seed, recipe)
            counts = evaluate.confusion(network, test, names)
            runs.append({"fold": held, "seed": seed, "accuracy": evaluate.accuracy(counts), "confusion": counts,
                         "gain": {str(g): evaluate.accuracy(evaluate.confusion(network, test, names, g))
                                  for g in (-20, 10)}})
            streams += evaluate.streams_of(network, test, names)
            backgrounds.append(evaluate.background_stream(network, names))
            print(f"fold {held} seed {seed}: clip accuracy {runs[-1]['accuracy']:.4f}", flush=True)
    rule = stream.tune(streams)
    by_fold = {str(f): float(np.mean([r["accuracy"] for r in runs if r["fold"] == f])) for f in folds}
    by_seed = [float(np.mean([r["accuracy"] for r in runs if r["seed"] == s])) for s in seeds]
    return {"rule": rule, "metrics": {
        "protocol": f"folds {list(folds)}: train on all but one, judge on that one; seeds {seeds}",
        "clipAccuracy": {"mean": float(np.mean(list(by_fold.values()))), "perFold": by_fold,
                         "stdOverFolds": float(np.std(list(by_fold.values()), ddof=1)), "perSeed": by_seed,
                         "meanAtGainDb": {g: float(np.mean([r["gain"][g] for r in runs])) for g in runs[0]["gain"]}},
        "confusion": (sum(r["confusion"] for r in runs)).tolist(),
        "live": live(streams, backgrounds, rule, names),
    }}


def live(streams: list, backgrounds: list, rule: stream.Rule, names: list) -> dict:
    """Live figures under the plain 0.5 / 0.3 rule and under the recommended one."""
    def figures(rule_used: stream.Rule) -> dict:
        judged = stream.judge(streams, rule_used)
        judged["byLabel"] = {names[k]: v for k, v in judged["byLabel"].items()}
        judged["wrongPerMinuteOnForest"] = stream.judge(backgrounds, rule_used)["wrongPerMinute"]
        return judged
    return {"on0.5Off0.3": figures(PLAIN_RULE), "recommended": figures(rule)}


def held_out(network, folds: tuple, names: list, rule: stream.Rule) -> dict:
    """The finished network on every fold it was not given; {} when there is none."""
    clips = [clip for clip in data.esc10_clips() if clip.fold not in folds]
    if not clips:
        return {}
    counts = evaluate.confusion(network, clips, names)
    return {"folds": sorted({clip.fold for clip in clips}), "clipAccuracy": evaluate.accuracy(counts),
            "confusion": counts.tolist(),
            "live": live(evaluate.streams_of(network, clips, names), [evaluate.background_stream(network, names)],
                         rule, names)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folds", default="1,2,3,4", help="folds to train on (default: 1,2,3,4)")
    parser.add_argument("--out", type=Path, required=True, help="bundle folder; its name is the bundle's id")
    parser.add_argument("--seed", type=int, default=0, help="seed of the exported weights (default: 0)")
    parser.add_argument("--cv-seeds", default="0", help="seeds of the cross-validation (default: 0)")
    parser.add_argument("--workers", type=int, default=2, help="trainings at a time, one thread each (default: 2)")
    arguments = parser.parse_args()
    folds = tuple(sorted(int(f) for f in arguments.folds.split(",")))
    seeds = [int(s) for s in arguments.cv_seeds.split(",")]
    recipe, names = fit.Recipe(), data.labels()

    jobs = [(folds, arguments.seed)] + [(tuple(f for f in folds if f != held), s) for held in folds for s in seeds]
    fit.train_all(jobs, recipe, arguments.workers)
    torch.set_num_threads(1)
    checked = cross_validate(folds, seeds, names, recipe)
    rule, network = checked["rule"], fit.train(folds, arguments.seed, recipe)
    metrics = evaluate.rounded({**cost(network), "crossValidation": checked["metrics"],
                                "heldOut": held_out(network, folds, names, rule)})
    arguments.out.mkdir(parents=True, exist_ok=True)
    sha256 = export.write_onnx(network, arguments.out / "model.onnx")
    training = {"dataset": "ESC-10", "folds": list(folds), "seed": arguments.seed}
    manifest = export.manifest(arguments.out.resolve().name, names, sha256, rule, training, metrics)
    export.write_manifest(arguments.out / "manifest.json", manifest)
    (arguments.out / "MODEL_CARD.md").write_text(card.render(manifest, recipe, seeds))
    if manifest["id"] == golden.CLASSIFIER_BUNDLE:
        golden.main(["classifier"])
    print(f"{arguments.out}: cross-validated clip accuracy {metrics['crossValidation']['clipAccuracy']['mean']}")


if __name__ == "__main__":
    main()
