"""Recordings to bundles: ``python -m earshot_models.train --folds 1,2,3,4 --out bundles/esc10-cnn --int8 bundles/esc10-cnn-int8``.

1. Cross-validation inside the given folds (train on all but one): clip accuracy with its spread, calibration, detection rule (``settle``).
2. Training on all the given folds, export.
3. Judging, once: with a fold left that was not given, the finished model on it; else the whole procedure of 1 and 2 on all but one fold, for each.
4. With --int8 the same network quantised, and a paired test of the two.
"""

import argparse
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from scipy import stats

from . import calibrate, card, data, evaluate, export, fit, golden, operate, pools, quantise, settle, stream
from .compose import Pool
from .network import Scorer, cost
from .recipe import RECIPE


def trainings(folds: tuple, judged: list, seed: int, seeds: list, recipe: fit.Recipe) -> list:
    """All that is trained: [(folds, seed, recipe)]."""
    wanted = settle.jobs(folds, seed, recipe) + [(settle.without(folds, held), s, recipe) for held in folds for s in seeds]
    for inner, _ in judged:
        wanted += settle.jobs(inner, seed, recipe)
    return list(dict.fromkeys(wanted))


def parts_to_judge(folds: tuple) -> list:
    """[(folds, held)]: on what the figures are made."""
    others = sorted({clip.fold for clip in data.esc10_clips()} - set(folds))
    return [(folds, held) for held in others] or [(settle.without(folds, held), held) for held in folds]


def own_hours(model: settle.Settled, heard: operate.Heard, names: list) -> dict:
    """The exported model itself on backgrounds of the judging side (logits)."""
    found = operate.verdict([heard.mapped(model.calibrated)], [model.rule], names)
    return {k: v for k, v in found.items() if not k.startswith(("recall", "mixtures"))}


def on_read_speech(logits, model: settle.Settled, names: list) -> dict:
    """Ten seconds of read speech: the highest probabilities and the events; {} when the recording is not there."""
    from .backgrounds import read_speech
    from .frontend import log_mel_codes
    samples = read_speech()
    if samples is None:
        return {}
    p = model.calibrated(logits(stream.windows(log_mel_codes(samples))))
    highest = {names[k]: float(p[:, k].max()) for k in np.argsort(-p.max(axis=0))[:3]}
    return {"highest": highest, "events": [names[k] for k, _, _ in stream.events(p, model.rule)]}


def write_bundle(out: Path, model: settle.Settled, folds: tuple, seed: int, metrics: dict, sha256: str) -> dict:
    training = {"dataset": "ESC-10", "folds": list(folds), "seed": seed,
                "calibration": {"scale": model.scale.tolist(), "offset": model.offset.tolist()}}
    manifest = export.manifest(out.resolve().name, data.labels(), sha256, model.rule, evaluate.rounded(training), metrics)
    export.write_manifest(out / "manifest.json", manifest)
    for name in ("windows", "clips"):
        assert metrics["judged"]["calibration"][name], name
    curves = {"windows x labels": metrics["judged"]["calibration"]["windows"], "clips, highest label": metrics["judged"]["calibration"]["clips"]}
    (out / "reliability.svg").write_text(calibrate.picture(curves))
    return manifest


def quantised(model: settle.Settled, folds: tuple, recipe: fit.Recipe, file: Path) -> str:
    """Writes the int8 graph of a settled model; its calibration windows are of the folds that it was trained on. -> SHA-256."""
    file.parent.mkdir(parents=True, exist_ok=True)
    plain = file.with_suffix(".float32.onnx")
    export.write_onnx(Scorer(model.network, model.scale, model.offset), plain)
    positives = Pool.joined([pools.fold_pool(fold, recipe.pool) for fold in folds])
    sha256 = quantise.write_int8(plain, file, quantise.calibration_codes(positives.codes, pools.negative_pool(recipe.pool).codes))
    plain.unlink()
    return sha256


def int8_figures(judged: list, seed: int, recipe: fit.Recipe) -> dict:
    """Every cross-validated model quantised: its figures, and clip by clip against its float32 original (exact McNemar test)."""
    names, probabilities, truths, streams, sides, windows, rules, right = data.labels(), [], [], [], [], [], [], []
    for folds, held in judged:
        model = settle.settle(folds, seed, recipe)
        file = data.CACHE_DIR / "int8" / f"{'-'.join(map(str, folds))}-{seed}-{hashlib.sha256(repr(recipe).encode()).hexdigest()[:12]}.onnx"
        quantised(model, folds, recipe, file)
        small, large = evaluate.onnx_logits_of(export.session(file), model.scale, model.offset), evaluate.logits_of(model.network)
        clips = evaluate.clips_of([held])
        truth = evaluate.truth_of(clips, names)
        both = [evaluate.clip_probabilities(logits, clips, model.scale, model.offset) for logits in (large, small)]
        right.append(np.stack([p.argmax(axis=1) == truth for p in both]))
        probabilities.append(both[1])
        truths.append(truth)
        streams.append((evaluate.streams_of(small, model.scale, model.offset, clips, names), model.rule))
        sides.append(replace(operate.hear_backgrounds(small, True), mixes=operate.hear_mixes(small, names, [held], True)).mapped(model.calibrated))
        windows.append(evaluate.evidence(small, names, held, True).mapped(model.calibrated))
        rules.append(model.rule)
    figures = settle.figures(np.concatenate(probabilities), np.concatenate(truths), streams, sides, windows, rules, names)
    large, small = np.concatenate(right, axis=1)
    only_large, only_small = int((large & ~small).sum()), int((small & ~large).sum())
    p = stats.binomtest(only_large, only_large + only_small).pvalue if only_large + only_small else 1.0
    return {"judged": figures, "paired": {"clips": len(large), "float32Right": int(large.sum()), "int8Right": int(small.sum()),
                                          "onlyFloat32Right": only_large, "onlyInt8Right": only_small, "mcNemarP": float(p)}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folds", default="1,2,3,4", help="folds to train on (default: 1,2,3,4)")
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument("--out", type=Path, help="bundle folder; its name is the bundle's id")
    wanted.add_argument("--clips-only", action="store_true", help="no bundle: prints the clip accuracy of the cross-validation")
    parser.add_argument("--int8", type=Path, help="bundle folder of the quantised network")
    parser.add_argument("--seed", type=int, default=0, help="seed of the exported weights (default: 0)")
    parser.add_argument("--cv-seeds", default="0,1,2", help="seeds of the cross-validation (default: 0,1,2)")
    parser.add_argument("--workers", type=int, default=2, help="trainings at a time, one thread each (default: 2)")
    arguments = parser.parse_args()
    folds, seed = tuple(sorted(int(f) for f in arguments.folds.split(","))), arguments.seed
    seeds, names = [int(s) for s in arguments.cv_seeds.split(",")], data.labels()
    if arguments.clips_only:
        fit.train_all([(settle.without(folds, held), s, RECIPE) for held in folds for s in seeds], arguments.workers)
        print(json.dumps(evaluate.rounded(settle.clip_figures(folds, seeds, RECIPE))))
        return
    judged = parts_to_judge(folds)
    pools.make_all(RECIPE.pool, sorted({f for parts in [folds, *(p for p, _ in judged)] for f in parts}), arguments.workers)
    fit.train_all(trainings(folds, judged, seed, seeds, RECIPE), arguments.workers)
    torch.set_num_threads(1)

    model = settle.settle(folds, seed, RECIPE)
    logits = evaluate.logits_of(model.network)
    common = {**cost(model.network), "crossValidation": settle.clip_figures(folds, seeds, RECIPE),
              "teachers": settle.teacher_figures(folds, seed, RECIPE)}
    metrics = evaluate.rounded({**common, "judged": settle.judged(judged, seed, RECIPE), "own": own_hours(model, settle.backgrounds_heard(folds, seed, RECIPE, True), names),
                                "readSpeech": on_read_speech(logits, model, names)})
    arguments.out.mkdir(parents=True, exist_ok=True)
    sha256 = export.write_onnx(Scorer(model.network, model.scale, model.offset), arguments.out / "model.onnx")
    manifest = write_bundle(arguments.out, model, folds, seed, metrics, sha256)
    (arguments.out / "MODEL_CARD.md").write_text(card.render(manifest, RECIPE, judged, seeds))
    if manifest["id"] == golden.CLASSIFIER_BUNDLE:
        golden.main(["classifier"])
    print(f"{arguments.out}: clip accuracy {json.dumps(metrics['judged']['clipAccuracy'])}")
    if arguments.int8:
        _int8(arguments.int8, model, folds, seed, judged, metrics, names)


def _int8(out: Path, model: settle.Settled, folds: tuple, seed: int, judged: list, original: dict, names: list) -> None:
    out.mkdir(parents=True, exist_ok=True)
    sha256 = quantised(model, folds, RECIPE, out / "model.onnx")
    logits = evaluate.onnx_logits_of(export.session(out / "model.onnx"), model.scale, model.offset)
    metrics = evaluate.rounded({**{k: original[k] for k in ("parameters", "macsPerWindow", "macsPerSecond")}, **int8_figures(judged, seed, RECIPE),
                                "bytes": (out / "model.onnx").stat().st_size, "own": own_hours(model, operate.hear_backgrounds(logits, True), names),
                                "readSpeech": on_read_speech(logits, model, names)})
    manifest = write_bundle(out, model, folds, seed, metrics, sha256)
    (out / "MODEL_CARD.md").write_text(card.render(manifest, RECIPE, judged, [seed]))
    print(f"{out}: {metrics['bytes']} bytes, {json.dumps(metrics['paired'])}")


if __name__ == "__main__":
    main()
