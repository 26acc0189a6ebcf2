"""Recordings to a sequence bundle: ``python -m earshot_models.sed_train --folds 1,2,3,4 --out bundles/esc10-crnn``.

1. Training on all the given folds and on those parts of them that the next steps ask for (sed_judge.networks).
2. The bundle's rule (thresholds and so on) is chosen on mixtures of given folds, each scored by a network that was not given it.
3. With four folds or more: cross-validation. A fold's mixtures are judged by the network that was not given it, under a rule chosen in the same way
   inside that network's own folds. Otherwise: folds that were not given are judged with the finished network and rule.
"""

import argparse
from pathlib import Path

import torch

from . import data, evaluate, export, sed_card, sed_evaluate, sed_export, sed_fit, sed_golden, sed_judge
from .sed_network import cost


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folds", default="1,2,3,4", help="folds to train on, three or more (default: 1,2,3,4)")
    parser.add_argument("--out", type=Path, required=True, help="bundle folder; its name is the bundle's id")
    parser.add_argument("--seed", type=int, default=0, help="seed of all weights (default: 0)")
    parser.add_argument("--workers", type=int, default=2, help="trainings at a time, one thread each (default: 2)")
    parser.add_argument("--judged-seed", type=int, default=sed_evaluate.JUDGED_SEED, help="seed of the judged mixtures and scenes")
    arguments = parser.parse_args()
    folds = tuple(sorted(int(f) for f in arguments.folds.split(",")))
    if not sed_judge.choices(folds):
        parser.error(f"no fold of {folds} to choose a rule on: three folds that hold one of {sed_judge.PAIRS}, or four")
    recipe, names = sed_fit.Recipe(), data.labels()

    sed_fit.train_all([(needed, arguments.seed) for needed in sed_judge.networks(folds)], recipe, arguments.workers)
    torch.set_num_threads(1)
    judge = sed_judge.Judge(names, recipe, arguments.seed, arguments.judged_seed)
    network, rule = sed_fit.train(folds, arguments.seed, recipe), judge.rule(folds)
    metrics = {**cost(network), "backgrounds": judge.backgrounds(network, rule)}
    if len(folds) >= 4:
        metrics["crossValidation"] = judge.cross_validate(folds)
    held = sorted({clip.fold for clip in data.esc10_clips()} - set(folds))
    if held:
        metrics["heldOut"] = judge.judged(network, rule, held)
    arguments.out.mkdir(parents=True, exist_ok=True)
    sha256 = sed_export.write_onnx(network, arguments.out / "model.onnx")
    training = {"dataset": "ESC-10", "folds": list(folds), "seed": arguments.seed}
    manifest = sed_export.manifest(arguments.out.resolve().name, names, sha256, network.state_size, rule, training, evaluate.rounded(metrics))
    export.write_manifest(arguments.out / "manifest.json", manifest)
    (arguments.out / "MODEL_CARD.md").write_text(sed_card.render(manifest, recipe))
    if manifest["id"] == sed_golden.BUNDLE:
        sed_golden.main()
    print(sed_card.summary(manifest))


if __name__ == "__main__":
    main()
