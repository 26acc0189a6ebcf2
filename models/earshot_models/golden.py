"""Golden vectors for other implementations: ``python -m earshot_models.golden [frontend] [classifier]``.

golden/logmel.json: signal -> log-mel in dB. golden/classifier.json: signal -> probabilities of bundles/esc10-cnn.
"""

import json
import sys
from pathlib import Path

import librosa
import numpy as np

from . import export, stream
from .frontend import MANIFEST_ENTRY, dequantise, log_mel_codes, log_mel_db
from .signals import SIGNALS, render

MODELS_DIR = Path(__file__).resolve().parent.parent
GOLDEN_DIR = MODELS_DIR / "golden"
FRONT_END_DURATION_S = 0.5
CLASSIFIER_BUNDLE = "esc10-cnn"
CLASSIFIER_CASES = (("two-sines", 2.5), ("noise", 2.5), ("silence", 2.5), ("chirp", 4.0))
SAMPLES = "evaluated in double precision, rounded to float32; n = 0, 1, ...; fs = 16000 Hz"


def front_end_vectors() -> dict:
    """The content of golden/logmel.json; signals[].logmelDb is [frames][64], dB rounded to 4 decimals."""
    signals = []
    for name, (_, formula) in SIGNALS.items():
        db = log_mel_db(render(name, FRONT_END_DURATION_S))
        signals.append({"name": name, "formula": formula, "durationS": FRONT_END_DURATION_S,
                        "frames": len(db), "logmelDb": np.round(db, 4).tolist()})
    return {
        "schema": "earshot.golden-logmel/1",
        "generator": "python -m earshot_models.golden frontend",
        "librosa": librosa.__version__,
        "frontEnd": MANIFEST_ENTRY,
        "samples": SAMPLES,
        "quantisation": "q = clamp(round((dB + 100) / 0.5), 0, 255)",
        "note": "Computed in double precision. A float32 FFT has a rounding floor about 130 dB below the frame's "
                "strongest band, so bands that far down (pure tones) may differ: compare within 0.01 dB where the "
                "expected value is above both -90 and (frame maximum - 90), and within 0.5 dB above (frame maximum - 110); "
                "below that only check that the value is under (frame maximum - 100).",
        "signals": signals,
    }


def classifier_vectors() -> dict:
    """The content of golden/classifier.json; cases[].probabilities is [windows][labels], rounded to 6 decimals."""
    bundle = MODELS_DIR / "bundles" / CLASSIFIER_BUNDLE
    manifest = json.loads((bundle / "manifest.json").read_text())
    session, cases = export.session(bundle / "model.onnx"), []
    for name, duration_s in CLASSIFIER_CASES:
        inputs = dequantise(stream.windows(log_mel_codes(render(name, duration_s)), manifest["window"]["hopFrames"]))
        probabilities, embedding = session.run(["probabilities", "embedding"], {"logmel": inputs})
        cases.append({"name": name, "formula": SIGNALS[name][1], "durationS": duration_s, "windows": len(inputs),
                      "probabilities": probabilities.astype(float).round(6).tolist(),
                      "embedding": embedding.astype(float).round(5).tolist()})
    return {
        "schema": "earshot.golden-classifier/1",
        "generator": "python -m earshot_models.golden classifier",
        "bundle": manifest["id"], "version": manifest["version"], "onnxSha256": manifest["onnx"]["sha256"],
        "labels": manifest["labels"], "window": manifest["window"], "samples": SAMPLES,
        "note": "A code that rounds the other way (a value on the edge between two) moves probabilities a little: "
                "compare probabilities within 0.01, with the same codes within 0.0001.",
        "cases": cases,
    }


def write_json(path: Path, value: dict) -> None:
    """Writes compact JSON, one signal or case per line."""
    key = "signals" if "signals" in value else "cases"
    head = {k: v for k, v in value.items() if k != key}
    rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in value[key])
    path.write_text(json.dumps(head, indent=1)[:-2] + f',\n "{key}": [\n{rows}\n]}}\n')


def main(what: list) -> None:
    GOLDEN_DIR.mkdir(exist_ok=True)
    if "frontend" in what or not what:
        write_json(GOLDEN_DIR / "logmel.json", front_end_vectors())
    if "classifier" in what or not what:
        write_json(GOLDEN_DIR / "classifier.json", classifier_vectors())


if __name__ == "__main__":
    main(sys.argv[1:])
