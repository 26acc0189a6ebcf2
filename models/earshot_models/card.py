"""MODEL_CARD.md of a bundle, written from its manifest so that figures cannot disagree."""

from dataclasses import asdict

from . import fit
from .network import RANGE_DB


def render(manifest: dict, recipe: fit.Recipe, seeds: list) -> str:
    metrics, folds = manifest["metrics"], manifest["training"]["folds"]
    cross, held = metrics["crossValidation"], metrics["heldOut"]
    accuracy = cross["clipAccuracy"]
    per_fold = ", ".join(f"fold {f}: {a:.2%}" for f, a in accuracy["perFold"].items())
    per_seed = ", ".join(f"{a:.2%}" for a in accuracy["perSeed"])
    gains = ", ".join(f"{g} dB: {a:.2%}" for g, a in accuracy["meanAtGainDb"].items())
    command = f"python -m earshot_models.train --folds {','.join(map(str, folds))} --out bundles/{manifest['id']} " \
              f"--seed {manifest['training']['seed']} --cv-seeds {','.join(map(str, seeds))}"
    parts = [f"""# {manifest['id']} {manifest['version']}

Sound classes in two-second windows of log-mel, for a live stream: {', '.join(manifest['labels'])}. Each label has
its own sigmoid, so a window can be several of them or none (silence, noise, anything unknown).

| | |
|---|---|
| input | `logmel` float32 [N, 100, 64], dB = q/2 - 100 of front end `{manifest['frontEnd']['id']}`; window 2.044 s, hop 0.5 s |
| output | `probabilities` float32 [N, {len(manifest['labels'])}], `embedding` float32 [N, {manifest['embeddingSize']}] (penultimate layer, after ReLU) |
| level | the window's mean power is subtracted inside the graph: gain does not matter; {RANGE_DB:.0f} dB below it is silence |
| clip result | mean of the window probabilities; windows at frames 0, 25, 50, ...; no partial window; a clip under 100 frames is padded with q = 0 |
| parameters | {metrics['parameters']:,} |
| cost | {metrics['macsPerWindow'] / 1e6:.2f} MMAC per window |
| trained on | ESC-10 folds {', '.join(map(str, folds))}, seed {manifest['training']['seed']} |

## Cross-validation

{cross['protocol']}. Folds are never split and the number of steps is fixed beforehand. The recipe itself was chosen
on folds 1-3 (trained on two of them, judged on the third), so their figures are slightly favoured; fold 4 had no say.

Clip accuracy **{accuracy['mean']:.2%}** (standard deviation over folds {accuracy['stdOverFolds']:.2%}): {per_fold}.
Mean per seed: {per_seed}. With all codes shifted: {gains}.

{_confusion(manifest['labels'], cross['confusion'])}

{_live(cross['live'], manifest['detection'], 'Cross-validated streams')}"""]
    if held:
        parts.append(f"""## Held-out fold {', '.join(map(str, held['folds']))}

No choice (weights, recipe, rule) depended on these clips. Clip accuracy **{held['clipAccuracy']:.2%}**.

{_confusion(manifest['labels'], held['confusion'])}

{_live(held['live'], manifest['detection'], 'Held-out stream')}""")
    parts.append(_rest(command, recipe))
    return "\n".join(parts)


def _confusion(names: list, counts: list) -> str:
    head = "| true \\ predicted | " + " | ".join(names) + " |\n|---" + "|---:" * len(names) + "|\n"
    rows = ["| " + name + " | " + " | ".join(str(c) if c else "·" for c in row) + " |"
            for name, row in zip(names, counts)]
    return head + "\n".join(rows)


def _live(live: dict, detection: dict, title: str) -> str:
    rules = (("on 0.5, off 0.3", live["on0.5Off0.3"]), ("recommended", live["recommended"]))
    lines = "\n".join(f"| {name} | {f['hitShare']:.1%} | {f['wrongPerMinute']:.2f} | {f['f1']:.3f} | "
                      f"{f['wrongTimeShare']:.1%} | {f['wrongPerMinuteOnForest']:.2f} |" for name, f in rules)
    by_label = "\n".join(f"| {k} | {v['hitShare']:.0%} | {v['wrongPerMinute']:.2f} | {v['f1']:.3f} |"
                         for k, v in live["recommended"]["byLabel"].items())
    own = "; ".join(f"{k} {v['onThreshold']} / {v['offThreshold']}" for k, v in detection["perLabel"].items())
    return f"""### {title}

Whole clips one after another in random order (3 orders). *Hit*: an event of the clip's label overlaps the clip.
*Wrong*: an event overlapping no clip of its label. *Wrong time*: share of
all events' time outside clips of their label (windows of two seconds reach into the neighbouring clip).
*Forest*: recordings of a forest day kept out of training, where
every event is wrong. F1 weighs clips hit against wrong events.

| rule | clips hit | wrong events per minute | F1 | wrong time | wrong per minute, forest |
|---|---:|---:|---:|---:|---:|
{lines}

Recommended rule: on {detection['onThreshold']}, off {detection['offThreshold']}, shortest event {detection['minDurationS']} s,
gaps under {detection['mergeGapS']} s joined (best F1 in cross-validation inside the training folds). Labels with thresholds of their own (on / off): {own or 'none'}.

| label | clips hit | wrong per minute | F1 |
|---|---:|---:|---:|
{by_label}
"""


def _rest(command: str, recipe: fit.Recipe) -> str:
    settings = {k: v for k, v in asdict(recipe).items() if k != "mix"}
    return f"""## Limits

- Ten classes from few recordings (8 clips per class and fold, about 5 s each): a clip accuracy's own uncertainty is
  about 2 points. Do not read a probability as a calibrated frequency.
- Stationary broadband sounds (rain, sea waves, helicopter, crackling fire) are the ones mistaken for each other.
- "None" was learned from digital silence, synthetic noise, hum and tones, and 24 recordings of one forest. Speech, music,
  traffic and machines were not in it: on other places expect wrong events, raise thresholds or retrain. Seen: ten
  seconds of read speech reach 0.9 for crying_baby and 0.8 for clock_tick.
- The event figures judge labels per clip, not onsets: about a fifth of all events' time lies outside clips of their label.
- About a third of the embedding's dimensions stay at 0 (ReLU) on real sounds: a covariance needs shrinkage.
- Band limit 8 kHz. A window sees two seconds: onsets and offsets are good to about half a second.

## Data and licences

- ESC-10, K. J. Piczak, *ESC: Dataset for Environmental Sound Classification*, 2015 (doi:10.7910/DVN/YDEPUT), CC BY 3.0;
  single clips CC0 or CC BY, authors listed in the dataset's README. Fold 5 was not used.
- Forest-day recordings of the scikit-maad project, BSD-3-Clause: every other half hour as negatives, the rest for the
  forest figures.
- No recording is part of this bundle. Weights: Apache-2.0.

## Reproduce

Set `EARSHOT_RECORDINGS` to the folder that holds `esc10/` and `forest-day/`, install as in `models/README.md`, then in `models/`:

    {command}

Same seed, same library versions, same kind of processor: same weights. Settings: `{settings}`; composition of
the training windows: `{asdict(recipe)['mix']}`.
"""
