"""MODEL_CARD.md of a bundle, written from its manifest so that figures cannot disagree."""

from dataclasses import asdict

from . import backgrounds, calibrate, fit, operate, scenes
from .network import RANGE_DB

FIRST_STEPS, FIRST_ACCURACY = 1200, 0.8875
"""Of the one training of version 2 before this recipe."""
PRETRAINED = "87.50, 96.25 and 86.25 %", "88.75, 96.25 and 86.25 %"
"""Held-out folds 1, 2 and 3 of a teacher (seed 100) with and without pre-training."""


def render(manifest: dict, recipe: fit.Recipe, judged: list, seeds: list) -> str:
    """judged: [(folds trained on, fold judged on)]; seeds: of the cross-validation."""
    metrics = manifest["metrics"]
    parts = [_head(manifest, metrics), _clips(manifest, metrics, judged, seeds)]
    if "paired" in metrics:
        parts.append(_paired(metrics))
    parts += [_operating(manifest, metrics), _calibration(metrics), _confusion(manifest["labels"], metrics["judged"]["confusion"]), _streams(metrics)]
    parts.append(_tried(metrics, recipe))
    return "\n\n".join(parts + [_rest(manifest, recipe, seeds)]) + "\n"


def _head(manifest: dict, metrics: dict) -> str:
    labels, size = manifest["labels"], metrics.get("bytes")
    weights = f"int8 (QDQ, per output channel), {size:,} bytes; input and outputs float32" if size else "float32"
    return f"""# {manifest['id']} {manifest['version']}

Sound classes in two-second windows of log-mel, once a second: {', '.join(labels)}. Each label has its own sigmoid, so a window can be several of them
or none (silence, noise, traffic, wind, speech, anything unknown).

| | |
|---|---|
| input | `logmel` float32 [N, 100, 64], dB = q/2 - 100 of front end `{manifest['frontEnd']['id']}`; window 2.044 s, hop 1 s |
| output | `probabilities` float32 [N, {len(labels)}], calibrated; `embedding` float32 [N, {manifest['embeddingSize']}] (penultimate layer, after ReLU) |
| level | the window's mean power is subtracted inside the graph: gain does not matter; {RANGE_DB:.0f} dB below it is silence |
| clip result | mean of the window probabilities; windows at frames 0, 50, 100, ...; no partial window; a clip under 100 frames is padded with q = 0 |
| weights | {metrics['parameters']:,} parameters, {weights} |
| cost | {metrics['macsPerSecond'] / 1e6:.2f} MMAC per second of sound (one window) |
| trained on | ESC-10 folds {', '.join(map(str, manifest['training']['folds']))}, seed {manifest['training']['seed']} |"""


def _judged_on(judged: list) -> str:
    if len(judged) == 1:
        return f"Judged on fold {judged[0][1]}, which had no say in weights, recipe, calibration or thresholds."
    return ("The whole procedure (weights, calibration, thresholds) is repeated on all but one fold and judged on that one, for each of the "
            f"{len(judged)} folds. The recipe was changed once with knowledge of such figures: see *What was tried*.")


def _clips(manifest: dict, metrics: dict, judged: list, seeds: list) -> str:
    text = f"""## Clips

{_judged_on(judged)} Folds are never split, the number of steps is fixed beforehand.

Clip accuracy **{metrics['judged']['clipAccuracy']:.2%}** (seed {manifest['training']['seed']}, calibrated)."""
    cross = metrics.get("crossValidation")
    if cross is None:
        return text
    per_fold = ", ".join(f"fold {f} {a:.2%}" for f, a in cross["perFold"].items())
    per_seed = ", ".join(f"{a:.2%}" for a in cross["perSeed"])
    gains = ", ".join(f"{g} dB {a:.2%}" for g, a in cross["meanAtGainDb"].items())
    return f"""{text} Cross-validation over folds {', '.join(map(str, manifest['training']['folds']))} with {len(seeds)} {'seed' if len(seeds) == 1 else 'seeds'}, before
calibration: **{cross['mean']:.2%}**, standard deviation over folds {cross['stdOverFolds']:.2%} ({per_fold}); per seed {per_seed}. With all codes shifted: {gains}."""


def _paired(metrics: dict) -> str:
    paired = metrics["paired"]
    p = paired["mcNemarP"]
    saying = "no loss is shown" if p > 0.05 else f"the loss is {(paired['float32Right'] - paired['int8Right']) / paired['clips']:.2%}"
    return f"""## Against float32

Every cross-validated float32 network was quantised (calibration windows of its training folds) and judged on the same {paired['clips']} clips:
float32 {paired['float32Right']} right, int8 {paired['int8Right']}; {paired['onlyFloat32Right']} right in float32 only, {paired['onlyInt8Right']} in int8 only. Exact McNemar test
p = {p:.3f}: {saying}. Calibration and thresholds are those of the float32 bundle."""


def _operating(manifest: dict, metrics: dict) -> str:
    point, own, speech = metrics["judged"]["operatingPoint"], metrics["own"], metrics.get("readSpeech", {})
    rows = "\n".join(f"| {label} | {rule['onThreshold']} / {rule['offThreshold']} | {rule['minDurationS']:g} s | {point['recallByLabel'][label]:.0%} |"
                     for label, rule in manifest["detection"]["perLabel"].items())
    def hours(found: dict) -> str:
        kinds = "; ".join(f"{kind}: {', '.join(f'{label} {n}' for label, n in by.items()) or 'none'}" for kind, by in found["falseByKind"].items())
        return f"{found['falseEvents']} in {found['generatedHours']:.1f} h = {found['falsePerHour']:.2f} per hour, 95 % upper bound {found['falsePerHourUpper95']:.2f} ({kinds})"
    def recordings(found: dict) -> str:
        return "none" if not found["falseInRecordings"] else "; ".join(found["falseInRecordings"])
    heard = "" if not speech else (f"\nTen seconds of read speech (reported, never a ground for a choice): highest "
                                   f"{', '.join(f'{k} {v:.2f}' for k, v in speech['highest'].items())}; events: {', '.join(speech['events']) or 'none'}.\n")
    return f"""## None of these: the operating point

Thresholds per label were chosen on the training side: held-out folds of the inner cross-validation at {operate.SNR_DB:g} dB SNR over training-side
backgrounds, and {operate.TUNED_SCENES * len(scenes.KINDS) * backgrounds.LONG_SCENE_S / 3600:g} h of generated traffic, wind, city and machine rooms of seed {backgrounds.TUNING_SEED} (training uses seed {backgrounds.TRAINING_SEED}). They were then judged; the way in which
they are chosen was changed once after such a judging (before: {operate.EARLIER}):

| judged on | cross-validated models | this bundle itself |
|---|---|---|
| clips of the held-out fold at {operate.SNR_DB:g} dB SNR (definition of `mixtures.py`) over held-out backgrounds: found | **{point['recallAt10dB']:.1%}** of {point['mixtures']} | |
| generated hours, seed {backgrounds.JUDGING_SEED}: false events | {hours(point)} | {hours(own)} |
| held-out half of the forest day and the background-only soundscape ({own['recordings']} recordings): false events | {recordings(point)} | {recordings(own)} |
{heard}
| label | on / off | shortest | found at {operate.SNR_DB:g} dB |
|---|---|---:|---:|
{rows}

The hiss of a quiet night is taken for rain. Thresholds that keep the training half of the forest day silent as well were tried on the cross-validated models: {operate.QUIETER}
(rain alone: 41 % found in the place of 88 %). Who listens to quiet places takes 0.93 for rain.

Gaps under {manifest['detection']['mergeGapS']:g} s are joined. The table shows the rule of this bundle and the recall of the cross-validated models under their own."""


def _calibration(metrics: dict) -> str:
    found = metrics["judged"]["calibration"]
    return f"""## Calibration

Platt scaling per label inside the graph, fitted on inner folds; a third of the weight each on {', '.join(calibrate.PARTS)}. On what was held out:
expected calibration error (ECE, {calibrate.BINS} bins of equal width) **{found['windowEce']:.3f}** over all windows and labels of that mixture, {found['clipEce']:.3f} for the
highest label of whole clips.

![Reliability](reliability.svg)"""


def _confusion(names: list, counts: list) -> str:
    head = "| true \\ predicted | " + " | ".join(names) + " |\n|---" + "|---:" * len(names) + "|\n"
    rows = ["| " + name + " | " + " | ".join(str(c) if c else "·" for c in row) + " |"
            for name, row in zip(names, counts)]
    return "## Confusion of clips\n\n" + head + "\n".join(rows)


def _streams(metrics: dict) -> str:
    live = metrics["judged"]["live"]
    by_label = ", ".join(f"{k} {v:.0%}" for k, v in live["hitByLabel"].items())
    return f"""## Clips as a live stream

Whole held-out clips one after another in three random orders, under the rule above. An event of the clip's label overlaps {live['hitShare']:.1%} of {live['clips']} clips;
{live['wrongPerMinute']:.2f} events per minute overlap no clip of their label; {live['wrongTimeShare']:.1%} of all events' time lies outside clips of their label (windows of
two seconds reach into the neighbour: the sequence model says when, this one says what). Hit by label: {by_label}."""


def _tried(metrics: dict, recipe: fit.Recipe) -> str:
    untried = [what for what, used in (("distillation from an ensemble (`teachers`)", recipe.teachers),
                                       ("blending of windows in dB (`blended`)", recipe.blended)) if not used]
    taught = ""
    if metrics.get("teachers"):
        found = metrics["teachers"]
        taught = (f"\n\nThe network learns from {recipe.teachers} teachers of {found['macsPerSecond'] / 1e6:.1f} MMAC per second and {recipe.teacher_steps} steps, trained on the same folds: "
                  f"{', '.join(f'{a:.2%}' for a in found['each'])} over the same clips, {found['ensemble']:.2%} the mean of their logits; the network that they taught {found['taught']:.2%}.")
    return f"""## What was tried

A first training (5.0 MMAC per second, widths 12, 24, 48, 96, first kernel 5 x 5, {FIRST_STEPS} steps, no teachers) reached {FIRST_ACCURACY:.2%} in the same cross-validation (85.00, 90.00, 87.50, 92.50). Then, in
one step and with knowledge of that figure, the schedule was made longer, the widths multiples of eight and teachers were added.{taught}

Self-supervised pre-training (`pretrain_steps`: told which recording a window is of, without labels, for 1000 steps before a teacher's 3000) gave nothing and is not used:
held-out folds 1, 2 and 3 were right at {PRETRAINED[0]} with it, {PRETRAINED[1]} without.

Not tried: {'; '.join(untried)}: `fit.py` can do it. No part of the recipe was left out to see what it gives: there is no ablation."""


def _rest(manifest: dict, recipe: fit.Recipe, seeds: list) -> str:
    settings = {k: v for k, v in asdict(recipe).items()}
    folds = ",".join(map(str, manifest["training"]["folds"]))
    own = f"--out bundles/{manifest['id']}"
    if "paired" in manifest["metrics"]:
        own = f"--out bundles/{manifest['id'].removesuffix('-int8')} --int8 bundles/{manifest['id']}"
    return f"""## Limits

- Ten classes from few recordings (8 clips per class and fold, about 5 s each): a clip accuracy's own uncertainty is about 2 points.
- Stationary broadband sounds (rain, sea waves, helicopter, crackling fire) are the ones mistaken for each other.
- "None" was learned from digital silence, synthetic noise, hum and tones, generated traffic, wind, city and machine rooms, speech-like voices, music
  and 24 recordings of one forest. Other places have other sounds: listen before you trust a rate measured on generated hours.
- A probability is calibrated for the mixture stated above. Where classes are rarer it is too high.
- Band limit 8 kHz. A window sees two seconds, once a second: onsets and offsets are good to about a second.

## Data and licences

- ESC-10, K. J. Piczak, *ESC: Dataset for Environmental Sound Classification*, 2015 (doi:10.7910/DVN/YDEPUT), CC BY 3.0;
  single clips CC0 or CC BY, authors listed in the dataset's README. Fold 5 was not used.
- Forest-day recordings of the scikit-maad project, BSD-3-Clause: every other half hour as negatives, the rest for judging.
- The background-only soundscape of the scaper project's tests and the speech of the noisesensor project, BSD-3-Clause: judging only.
- No recording is part of this bundle. Weights: Apache-2.0.

## Reproduce

Set `EARSHOT_RECORDINGS` to the folder that holds `esc10/` and `forest-day/`, install as in `models/README.md`, then in `models/`:

    python -m earshot_models.train --folds {folds} {own} --seed {manifest['training']['seed']} --cv-seeds {','.join(map(str, seeds))}

Same seed, same library versions, same kind of processor: same weights. Settings: `{settings}`."""
