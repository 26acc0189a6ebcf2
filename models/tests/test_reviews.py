import json

import numpy as np
import pytest
import soundfile

from earshot_models import reviews

HEAD = ("event_id,sensor_id,verdict,label,claimed_label,onset,offset,confidence,model_id,model_version,reviewer,note,"
        "reviewed_time,clip,clip_time,clip_sample_rate_hz,clip_samples,start_s,end_s\r\n")


def export(folder, rows, **manifest):
    (folder / "clips").mkdir()
    ramp = np.arange(16_000, dtype=np.float32) / 32_768
    for name in ("a", "b"):
        soundfile.write(folder / "clips" / f"{name}.wav", ramp, 8_000, subtype="PCM_16")
    (folder / "reviews.csv").write_text(HEAD + "".join(rows), newline="")
    (folder / "export.json").write_text(json.dumps(
        {"schema": reviews.SCHEMA, "format": "csv", "reviews": len(rows), **manifest}))
    return folder


ROWS = [
    'e1,gate-1,right,dog,dog,,,0.9,m,1,ada,"two, ""loud""\nbarks",,clips/a.wav,,8000,16000,0.5,1.25\r\n',
    "e2,gate-2,wrong,none,siren,,,0.6,m,1,ada,,,clips/b.wav,,8000,16000,1.5,9\r\n",
    "e3,gate-1,missed,rain,,,,,,,ada,,,,,,,,\r\n",
]


def test_reads_what_was_reviewed_and_leaves_out_what_has_no_sound(tmp_path):
    right, wrong = reviews.read_reviews(export(tmp_path, ROWS))
    assert (right.label, right.claimed, right.verdict, right.sensor) == ("dog", "dog", "right", "gate-1")
    assert (wrong.label, wrong.claimed) == (reviews.NO_LABEL, "siren")
    samples, rate = right.samples()
    assert rate == 8_000 and samples.dtype == np.float32
    np.testing.assert_array_equal(samples, np.arange(4_000, 10_000, dtype=np.float32) / 32_768)
    assert len(wrong.samples()[0]) == 4_000  # cut at the end of the file


def test_recordings_have_no_label_for_negatives_and_one_fold_per_sensor(tmp_path):
    dog, negative = reviews.recordings(export(tmp_path, ROWS), folds=4)
    assert (dog.label, negative.label) == ("dog", "")
    assert dog.fold == reviews.fold_of("gate-1", 4) and 1 <= negative.fold <= 4
    assert len({reviews.fold_of(f"sensor-{i}", 4) for i in range(50)}) == 4


@pytest.mark.parametrize("manifest, message", [
    ({"format": "raven"}, "expected"), ({"schema": "x"}, "expected"), ({"reviews": 5}, "says 5")])
def test_refuses_what_is_no_whole_export(tmp_path, manifest, message):
    with pytest.raises(SystemExit, match=message):
        reviews.read_reviews(export(tmp_path, ROWS, **manifest))


def test_refuses_a_folder_without_its_last_file(tmp_path):
    with pytest.raises(SystemExit, match="was cut"):
        reviews.read_reviews(tmp_path)
