"""Levels of one local day with a change of the clock, in numpy: the oracle of src/days/days.integration.spec.ts.

    python services/sink/golden/den_day.py > services/sink/golden/den-day.json        (numpy 2; the zone data of the system)

Every 20th second is there; the seconds between are not (completeness shows it). Independent of the project's code.
"""
import json
import sys
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

ZONE = ZoneInfo("Europe/Berlin")
FULL_SCALE_DB = 120.0


def epoch(year, month, day, hour):
    return int(datetime(year, month, day, hour, tzinfo=ZONE).timestamp())


def level(k):
    """dB re full scale of the k-th second of the series."""
    return np.float32(np.round(-60 + 15 * np.sin(k / 977) + 5 * np.cos(k / 31), 3))


start, end = epoch(2026, 10, 24, 7), epoch(2026, 10, 25, 7)
k = np.arange((end - start) // 20)
times = start + 20 * k
there = ~((k >= 500) & (k < 700)) & (k % 37 != 5)
periods = {"lday": (start, epoch(2026, 10, 24, 19)), "levening": (epoch(2026, 10, 24, 19), epoch(2026, 10, 24, 23)),
           "lnight": (epoch(2026, 10, 24, 23), end)}
energy = 10 ** ((level(k).astype(np.float64) + FULL_SCALE_DB) / 10)
answer, mean, shares = {}, {}, {}
for name, (since, until) in periods.items():
    mine = there & (times >= since) & (times < until)
    mean[name] = energy[mine].mean()
    answer[f"{name}_db"] = 10 * np.log10(mean[name])
    shares[name] = mine.sum() / (until - since)
lden = (12 * mean["lday"] + 4 * mean["levening"] * 10 ** 0.5 + 8 * mean["lnight"] * 10) / 24
answer |= {"lden_db": 10 * np.log10(lden), "laeq_db": 10 * np.log10(energy[there].mean()),
           "seconds": int(there.sum()), "night_hours": (end - periods["lnight"][0]) / 3600,
           "night_completeness": shares["lnight"], "start_s": start, "end_s": end}
json.dump({name: float(value) if isinstance(value, np.floating) else value for name, value in answer.items()},
          sys.stdout, indent=2)
print()
