"""Reviewed events -> labelled training clips.

Reads a folder that ``npm run -s earshot -- reviews export --format csv --out DIR`` made: ``reviews.csv``, ``clips/*.wav`` and
``export.json``. A clip of a review is cut to what was reviewed; what lies around it in the file was judged by nobody.
"""

import csv
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from .data import Recording

SCHEMA = "earshot.review-export/1"
NO_LABEL = "none"
"""Label of a wrong event: none of the labels, as far as was said."""


@dataclass(frozen=True)
class ReviewedClip:
    """One review with its sound. ``label`` is what it was (NO_LABEL: not what was claimed), ``claimed`` what the event said ('' for a
    missed one); ``start_s`` and ``end_s`` are the sound inside the file, seconds from its start."""

    path: Path
    sensor: str
    verdict: str
    label: str
    claimed: str
    start_s: float
    end_s: float

    def samples(self) -> tuple:
        """(float32 [N] in [-1, 1), sample rate in Hz) of the reviewed sound alone."""
        info = soundfile.info(self.path)
        begin, end = (round(s * info.samplerate) for s in (self.start_s, self.end_s))
        samples, rate = soundfile.read(self.path, start=begin, stop=min(end, info.frames), dtype="float32")
        return samples.astype(np.float32), rate


def fold_of(sensor: str, folds: int) -> int:
    """1..folds, by the sensor: sounds of one place share a fold, so a fold is never split by chance."""
    return int(hashlib.sha256(sensor.encode()).hexdigest(), 16) % folds + 1


def read_reviews(folder: Path) -> list:
    """The ReviewedClips of an export in its order; reviews without a clip are left out. Fails on a folder that is none or was cut."""
    folder = Path(folder)
    manifest_file = folder / "export.json"
    if not manifest_file.is_file():
        raise SystemExit(f"no export.json in {folder}: not an export, or it was cut")
    manifest = json.loads(manifest_file.read_text())
    if manifest.get("schema") != SCHEMA or manifest.get("format") != "csv":
        raise SystemExit(f"{manifest_file} is {manifest.get('schema')}, {manifest.get('format')}: expected {SCHEMA}, csv")
    with open(folder / "reviews.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if len(rows) != manifest["reviews"]:
        raise SystemExit(f"reviews.csv has {len(rows)} rows, export.json says {manifest['reviews']}")
    return [ReviewedClip(folder / row["clip"], row["sensor_id"], row["verdict"], row["label"], row["claimed_label"],
                         float(row["start_s"]), float(row["end_s"]))
            for row in rows if row["clip"] and row["start_s"]]


def recordings(folder: Path, folds: int = 4) -> list:
    """``data.Recording`` per clip: whole files, label '' for negatives (as backgrounds have), folds by sensor."""
    return [Recording(clip.path, "" if clip.label == NO_LABEL else clip.label, fold_of(clip.sensor, folds))
            for clip in read_reviews(folder)]
