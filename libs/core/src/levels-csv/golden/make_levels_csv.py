"""Makes levels.csv and levels.json: a small file of the shape that levels-only sensors send, and what its seconds are.

Only the standard library; `python3 make_levels_csv.py` writes both beside itself.
"""

import csv
import json
import math
import pathlib

here = pathlib.Path(__file__).parent
bands = "20 25 31.5 40 50 63 80 100 125 160 200 250 315 400 500 630 800 1000 1250 1600 2000 2500 3150 4000 5000 6300 8000 10000 12500".split()
start_ms = 1_566_274_777_317
rows = []
for n in range(30):
    level = lambda k: round(50 + 12 * math.sin(0.7 * n + 0.31 * k) - 0.4 * k, 2)
    rows.append([start_ms + 125 * n, round(58 + 9 * math.cos(0.9 * n), 2), round(64 + 5 * math.sin(1.3 * n), 2), *(level(k) for k in range(29))])

with (here / "levels.csv").open("w", newline="") as file:
    out = csv.writer(file, lineterminator="\n")
    out.writerow(["sensor", "epoch", "date", "laeq", "leq", *bands])
    for row in rows:
        out.writerow(["urn:test:1", row[0], "2019-08-20", *row[1:]])

mean = lambda levels: 10 * math.log10(math.fsum(10 ** (level / 10) for level in levels) / len(levels))
seconds = []
for second in sorted({row[0] // 1000 for row in rows}):
    own = [row for row in rows if row[0] // 1000 == second]
    seconds.append(
        {
            "unixSecond": second,
            "timeMs": own[0][0],
            "durationMs": 125 * len(own),
            "laeqDb": mean([row[1] for row in own]),
            "lzeqDb": mean([row[2] for row in own]),
            "laeq125msDb": [row[1] for row in own],
            "thirdOctaveDb": [mean([row[4 + band] for row in own]) for band in range(28)],
        }
    )
(here / "levels.json").write_text(json.dumps(seconds, indent=1) + "\n")
