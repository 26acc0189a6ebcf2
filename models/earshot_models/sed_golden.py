"""Golden vectors of the sequence bundle for other implementations: ``python -m earshot_models.sed_golden``.

golden/sequence.json: signal -> probabilities of bundles/esc10-crnn for every whole step.
"""

import json

from . import golden, sed_blocks, sed_export
from .frontend import frame_count, log_mel_codes
from .signals import SIGNALS, render

BUNDLE = "esc10-crnn"
FILE = golden.GOLDEN_DIR / "sequence.json"
CASES = (("two-sines", 2.5), ("noise", 3.3), ("silence", 1.2), ("chirp", 6.0), ("impulse", 2.0))


def vectors() -> dict:
    """The content of golden/sequence.json; cases[].probabilities is [whole steps][labels], rounded to 6 decimals."""
    bundle = golden.MODELS_DIR / "bundles" / BUNDLE
    manifest = json.loads((bundle / "manifest.json").read_text())
    run, cases = sed_export.runner(bundle / "model.onnx"), []
    for name, duration_s in CASES:
        samples = render(name, duration_s)
        [probabilities] = sed_blocks.score_streams(run, manifest["state"]["size"], [log_mel_codes(samples)])
        cases.append({"name": name, "formula": SIGNALS[name][1], "durationS": duration_s, "frames": frame_count(len(samples)),
                      "steps": len(probabilities), "probabilities": probabilities.astype(float).round(6).tolist()})
    return {
        "schema": "earshot.golden-sequence/1",
        "generator": "python -m earshot_models.sed_golden",
        "bundle": manifest["id"], "version": manifest["version"], "onnxSha256": manifest["onnx"]["sha256"],
        "labels": manifest["labels"], "sequence": manifest["sequence"], "samples": golden.SAMPLES,
        "note": "Block by block with carried state, frames before the beginning and after the end code 0, of the last block only whole steps. "
                "A code that rounds the other way (a value on the edge between two) moves probabilities a little: "
                "compare within 0.02, with the same codes within 0.0001.",
        "cases": cases,
    }


def main() -> None:
    golden.write_json(FILE, vectors())


if __name__ == "__main__":
    main()
