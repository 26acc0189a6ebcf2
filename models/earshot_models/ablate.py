"""What each part of the recipe gives: ``python -m earshot_models.ablate [--only NAME,...] [--seeds 0,1]`` writes ``ablation.json``.

Trained on two of the folds 1-3 and judged on the third, in turn, with a shorter schedule than the bundles. The recipe was chosen on this table.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from . import data, evaluate, fit, pools, settle
from .network import Classifier, Shape, cost
from .recipe import RECIPE

FOLDS = (1, 2, 3)
FILE = Path(__file__).resolve().parent.parent / "ablation.json"
SHORT = replace(RECIPE, steps=800, teacher_steps=800)
ALONE = replace(SHORT, teachers=0)


def variants() -> dict:
    """{name: (what it is, recipe)}; the first is what the others are compared with."""
    mix, vary = SHORT.pool.mix, SHORT.vary
    return {
        "recipe": ("the recipe, short schedule", SHORT),
    }


def judged(recipe: fit.Recipe, seeds: list) -> dict:
    figures = settle.clip_figures(FOLDS, seeds, recipe)
    return {"mean": figures["mean"], "perSeed": figures["perSeed"], "perFold": figures["perFold"],
            **{k: v for k, v in cost(Classifier(len(data.labels()), recipe.shape)).items() if k != "macsPerSecond"}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", help="names of variants; all when left out")
    parser.add_argument("--seeds", default="0,1")
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    seeds = [int(s) for s in arguments.seeds.split(",")]
    chosen = {k: v for k, v in variants().items() if not arguments.only or k in arguments.only.split(",")}
    for plan in dict.fromkeys(recipe.pool for _, recipe in chosen.values()):
        pools.make_all(plan, list(FOLDS), arguments.workers)
    fit.train_all([(settle.without(FOLDS, held), seed, recipe) for _, recipe in chosen.values() for held in FOLDS for seed in seeds], arguments.workers)
    table = json.loads(FILE.read_text()) if FILE.exists() else {}
    for name, (what, recipe) in chosen.items():
        table[name] = {"what": what, "seeds": seeds, **evaluate.rounded(judged(recipe, seeds))}
        print(f"{name}: {table[name]['mean']} {table[name]['perSeed']}", flush=True)
    FILE.write_text(json.dumps({k: table[k] for k in variants() if k in table}, indent=1) + "\n")


if __name__ == "__main__":
    main()
