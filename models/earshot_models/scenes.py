"""Seeded backgrounds that hold none of the classes: ``traffic``, ``wind``, ``city`` (without rain) and ``machines``.

Every scene is drawn from its own generator ``default_rng([seed, index])`` with parameters of its own (speeds, distances, gusts,
numbers of voices and fans, spectra, level), so hours of them are not one sound repeated. Nothing is taken from recordings.
"""

import numpy as np
from scipy import signal

from .frontend import SAMPLE_RATE_HZ as FS

SPEED_OF_SOUND_M_S = 343.0


def noise(rng: np.random.Generator, count: int, shape) -> np.ndarray:
    """Gaussian noise [count] of RMS 1 whose amplitude spectrum is ``shape(hz)``."""
    size = 1 << max(count - 1, 1).bit_length()
    hz = np.fft.rfftfreq(size, 1 / FS)
    spectrum = np.fft.rfft(rng.standard_normal(size)) * shape(np.maximum(hz, 1.0))
    out = np.fft.irfft(spectrum, size)[:count]
    return out / (out.std() + 1e-12)


def slow(rng: np.random.Generator, count: int, every_s: float) -> np.ndarray:
    """A smooth random course [count] of about standard deviation 1, with a new target every ``every_s`` seconds."""
    knots = rng.standard_normal(int(count / FS / every_s) + 3)
    places = np.arange(count) / FS / every_s
    at = places.astype(int)
    blend = 0.5 - 0.5 * np.cos(np.pi * (places - at))
    return knots[at] * (1 - blend) + knots[at + 1] * blend


def band(low_hz: float, high_hz: float, steepness: float = 2.0):
    """Amplitude shape of a band with soft edges."""
    return lambda hz: 1 / np.sqrt(1 + (low_hz / hz) ** (2 * steepness)) / np.sqrt(1 + (hz / high_hz) ** (2 * steepness))


def fall(exponent: float, corner_hz: float = 20.0):
    """Amplitude shape 1/f^exponent above ``corner_hz``."""
    return lambda hz: np.maximum(hz, corner_hz) ** -exponent


def db(value: float) -> float:
    return 10 ** (value / 20)


def harmonics(rng: np.random.Generator, phase: np.ndarray, orders: int, slope_db: float, spread_db: float = 6.0) -> np.ndarray:
    """Sum of ``orders`` harmonics of a phase course (cycles), falling by ``slope_db`` an octave; RMS about 1."""
    out = np.zeros(len(phase))
    for k in range(1, orders + 1):
        level = db(-slope_db * np.log2(k) + rng.normal(0, spread_db))
        out += level * np.sin(2 * np.pi * (k * phase + rng.random()))
    return out / (out.std() + 1e-12)


def place(out: np.ndarray, sound: np.ndarray, start: int) -> None:
    """Adds ``sound`` at sample ``start``; what lies outside is cut."""
    begin, end = max(start, 0), min(start + len(sound), len(out))
    if begin < end:
        out[begin:end] += sound[begin - start:end - start]


def pass_by(rng: np.random.Generator, heavy: bool) -> np.ndarray:
    """One vehicle going by: tyres (a band about 1 kHz) and engine orders, Doppler and 1/r; peak RMS about 1."""
    speed, distance = rng.uniform(6, 14 if heavy else 27), rng.uniform(5, 40)
    half_s = min(6 * distance / speed + 2, 14)
    t = np.arange(-half_s, half_s, 1 / FS)
    radius = np.sqrt(distance**2 + (speed * t) ** 2)
    closing = speed * speed * t / radius
    doppler = 1 / (1 + closing / SPEED_OF_SOUND_M_S)
    firing_hz = rng.uniform(22, 45) if heavy else rng.uniform(35, 95)
    if not heavy and rng.random() < 0.12:
        firing_hz = rng.uniform(80, 160)  # a motorcycle
    glide = 1 + rng.uniform(-0.12, 0.2) * np.clip(t / half_s, -1, 1)
    engine = harmonics(rng, np.cumsum(firing_hz * glide * doppler) / FS, int(min(30, 3000 / firing_hz)), rng.uniform(4, 9))
    engine *= 1 + 0.3 * noise(rng, len(t), band(5, 40))
    centre = rng.uniform(600, 1200)
    tyres = noise(rng, len(t), band(centre / rng.uniform(1.5, 3), centre * rng.uniform(1.3, 3), rng.uniform(1, 2)))
    share = rng.uniform(-14, 2) + (6 if heavy else 0)
    ends = np.clip((half_s - np.abs(t)) / 2, 0, 1) ** 2
    return (tyres + db(share) * engine) * (distance / radius) ** rng.uniform(1.0, 1.6) * ends


def traffic(rng: np.random.Generator, count: int) -> np.ndarray:
    """A road: distant rumble, vehicles passing at random, one now and then idling or braking."""
    falling, limited = fall(rng.uniform(0.3, 1.0), 40), band(20, rng.uniform(500, 2500), 1)
    out = noise(rng, count, lambda hz: falling(hz) * limited(hz)) * 10 ** (0.15 * slow(rng, count, rng.uniform(3, 12)))
    per_minute = rng.choice([0, 2, 6, 15, 30])
    for _ in range(rng.poisson(per_minute * count / FS / 60)):
        place(out, pass_by(rng, rng.random() < 0.15) * db(rng.uniform(-6, 22)), int(rng.uniform(-5 * FS, count)))
    for _ in range(rng.poisson(0.4 * count / FS / 60)):
        length = int(rng.uniform(5, 25) * FS)
        idle = harmonics(rng, np.cumsum(rng.uniform(20, 35) * (1 + 0.02 * slow(rng, length, 0.7))) / FS, 25, rng.uniform(4, 8))
        place(out, idle * np.hanning(length) ** 0.3 * db(rng.uniform(-6, 10)), int(rng.uniform(0, count)))
    for _ in range(rng.poisson(0.15 * count / FS / 60)):
        length = int(rng.uniform(0.4, 1.6) * FS)
        squeal = harmonics(rng, np.cumsum(rng.uniform(1500, 4200) * (1 + 0.01 * slow(rng, length, 0.2))) / FS, 2, 12)
        place(out, squeal * np.hanning(length) * db(rng.uniform(-12, 4)), int(rng.uniform(0, count)))
    return out


def wind(rng: np.random.Generator, count: int) -> np.ndarray:
    """Wind at a microphone: gusting low noise, buffets, leaves, sometimes a whistle."""
    gusts = np.exp(rng.uniform(0.3, 1.0) * (slow(rng, count, rng.uniform(1.5, 6)) + 0.6 * slow(rng, count, rng.uniform(0.2, 0.8))))
    corner, order = rng.uniform(30, 250), rng.uniform(0.5, 1.1)
    out = noise(rng, count, lambda hz: 1 / (1 + (hz / corner) ** 2) ** order) * gusts
    leaves = noise(rng, count, band(rng.uniform(600, 2500), rng.uniform(3000, 7500), 1))
    out = out + leaves * gusts ** rng.uniform(1, 1.8) * db(rng.uniform(-45, -6))
    if rng.random() < 0.3:
        centre, width = rng.uniform(250, 1200), rng.uniform(10, 60)
        phase = np.cumsum(centre * (1 + 0.06 * slow(rng, count, 1.5))) / FS
        carrier = noise(rng, count, lambda hz: 1 / (1 + (hz / width) ** 2))
        out = out + np.sin(2 * np.pi * phase) * carrier * gusts**1.5 * db(rng.uniform(-40, -16))
    for _ in range(rng.poisson(rng.uniform(0, 20) * count / FS / 60)):
        length = int(rng.uniform(0.1, 0.7) * FS)
        buffet = noise(rng, length, fall(1.2, rng.uniform(10, 60))) * np.hanning(length)
        place(out, buffet * db(rng.uniform(0, 14)), int(rng.uniform(0, count)))
    return out


VOWELS_HZ = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410), (660, 1720, 2410))


def voice(rng: np.random.Generator, count: int) -> np.ndarray:
    """Speech without words: pulses through vowels' formants, fricatives between, phrases and pauses; RMS about 1."""
    out, base_hz, start = np.zeros(count), rng.choice([rng.uniform(85, 150), rng.uniform(160, 260)]), int(rng.uniform(0, 2) * FS)
    scale = rng.uniform(0.95, 1.18)
    while start < count:
        for _ in range(rng.integers(3, 16)):
            length = int(rng.uniform(0.07, 0.26) * FS)
            if rng.random() < 0.25:
                sound = noise(rng, length, band(rng.uniform(1500, 3500), 7500)) * 0.3
            else:
                f0 = base_hz * (1 + 0.15 * rng.normal()) * np.linspace(1.05, 0.95, length)
                pulses = np.diff(np.floor(np.cumsum(f0) / FS), prepend=0.0)
                sound = pulses
                for formant in VOWELS_HZ[rng.integers(len(VOWELS_HZ))]:
                    radius, angle = np.exp(-np.pi * rng.uniform(60, 120) / FS), 2 * np.pi * min(formant * scale, 7000) / FS
                    sound = signal.lfilter([1 - radius], [1, -2 * radius * np.cos(angle), radius**2], sound)
                sound = sound / (sound.std() + 1e-12)
            place(out, sound * np.hanning(length) ** 0.5 * rng.uniform(0.4, 1.2), start)
            start += int(length * rng.uniform(0.9, 1.3))
        start += int(rng.uniform(0.2, 2.5) * FS)
    return out / (out.std() + 1e-12)


def damped(rng: np.random.Generator, low_hz: float, high_hz: float, decay_s: float) -> np.ndarray:
    """A knock: a few damped modes; peak about 1."""
    t = np.arange(int(decay_s * 6 * FS)) / FS
    modes = sum(rng.uniform(0.2, 1) * np.sin(2 * np.pi * rng.uniform(low_hz, high_hz) * t + rng.uniform(0, 6)) for _ in range(rng.integers(2, 6)))
    return modes * np.exp(-t / decay_s) * (1 - np.exp(-t / 0.001)) / 2


def city(rng: np.random.Generator, count: int) -> np.ndarray:
    """A street or square: traffic behind, voices, steps, knocks and clinks, ventilation, chirping birds, music far away."""
    road = traffic(rng, count)
    out = road / (road.std() + 1e-12)
    for _ in range(rng.integers(0, 7)):
        far = distant(voice(rng, count), rng.uniform(1500, 7000))
        out += far * db(rng.uniform(-22, 6)) * (slow(rng, count, 8) > rng.uniform(-1.5, 0.8))
    for _ in range(rng.poisson(1.2)):
        step_s, at = rng.uniform(0.42, 0.65), rng.uniform(0, count / FS)
        for k in range(rng.integers(6, 40)):
            tread = damped(rng, 60, rng.uniform(200, 900), rng.uniform(0.01, 0.03))
            place(out, tread * db(rng.uniform(-8, 8)), int((at + k * step_s * rng.uniform(0.97, 1.03)) * FS))
    for _ in range(rng.poisson(rng.uniform(0, 5) * count / FS / 60)):
        low = rng.uniform(100, 2500)
        place(out, damped(rng, low, low * 2.5, rng.uniform(0.01, 0.15)) * db(rng.uniform(0, 16)), int(rng.uniform(0, count)))
    for _ in range(rng.poisson(rng.uniform(0, 6) * count / FS / 60)):
        centre, at = rng.uniform(2500, 6500), rng.uniform(0, count / FS)
        for k in range(rng.integers(1, 9)):
            length = int(rng.uniform(0.03, 0.18) * FS)
            sweep = centre * np.linspace(rng.uniform(0.85, 1.15), rng.uniform(0.85, 1.15), length)
            place(out, np.sin(2 * np.pi * np.cumsum(sweep) / FS) * np.hanning(length) * db(rng.uniform(-16, 4)), int((at + k * rng.uniform(0.1, 0.3)) * FS))
    if rng.random() < 0.4:
        fan = noise(rng, count, band(rng.uniform(60, 200), rng.uniform(600, 3000), 1))
        out += fan * db(rng.uniform(-16, 4))
    if rng.random() < 0.15:
        out += music(rng, count) * db(rng.uniform(-25, -2))
    return out


def distant(sound: np.ndarray, corner_hz: float) -> np.ndarray:
    """What air, walls and distance leave: a gentle low-pass."""
    return signal.sosfilt(signal.butter(2, min(corner_hz, 7500), fs=FS, output="sos"), sound)


def music(rng: np.random.Generator, count: int) -> np.ndarray:
    """Chords and a bass in a steady beat; RMS about 1."""
    out, beat_s, root = np.zeros(count), rng.uniform(0.35, 0.7), rng.uniform(80, 180)
    for k in range(int(count / FS / beat_s)):
        length = int(beat_s * rng.choice([0.5, 1, 2]) * FS)
        t = np.arange(length) / FS
        for ratio in (1, rng.choice([1.25, 1.2, 1.333]), 1.5, rng.choice([2, 2.5, 3])):
            tone = sum(np.sin(2 * np.pi * root * ratio * h * t) / h for h in range(1, 6))
            place(out, tone * np.exp(-t / rng.uniform(0.1, 0.8)) * rng.uniform(0.2, 1), int(k * beat_s * FS))
        if k % 4 == 0:
            root *= rng.choice([1, 1, 1.125, 0.889, 1.333, 0.75])
            root = min(max(root, 60), 260)
    return out / (out.std() + 1e-12)


def machines(rng: np.random.Generator, count: int) -> np.ndarray:
    """A machine room: fans (blade tones and broadband), hum, compressors that start and stop, pumps, relays, hissing valves."""
    out = noise(rng, count, lambda hz: fall(0.5, 50)(hz)) * db(rng.uniform(-12, 0))
    for _ in range(rng.integers(1, 5)):
        blade_hz, wander = rng.uniform(40, 420), 1 + 0.004 * slow(rng, count, rng.uniform(2, 20))
        tones = harmonics(rng, np.cumsum(blade_hz * wander) / FS, int(rng.integers(2, 9)), rng.uniform(4, 12))
        flow = noise(rng, count, band(rng.uniform(50, 300), rng.uniform(500, 5000), rng.uniform(0.5, 1.5)))
        out += (tones * db(rng.uniform(-24, 0)) + flow) * db(rng.uniform(-12, 6))
    if rng.random() < 0.6:
        hum_hz = rng.choice([50.0, 60.0])
        out += harmonics(rng, 2 * hum_hz * np.arange(count) / FS, 12, rng.uniform(3, 9)) * db(rng.uniform(-20, 4))
    for _ in range(rng.integers(0, 3)):
        on_s, off_s, at = rng.uniform(15, 120), rng.uniform(10, 120), rng.uniform(-60, 30)
        shaft_hz, level = rng.choice([24.5, 29.2, 49.0, rng.uniform(12, 60)]), db(rng.uniform(-6, 8))
        while at * FS < count:
            length = int(on_s * FS)
            ramp = np.minimum(1, np.minimum(np.arange(length), np.arange(length)[::-1]) / (rng.uniform(0.3, 2) * FS))
            running = harmonics(rng, np.cumsum(shaft_hz * (0.3 + 0.7 * ramp)) / FS, 30, rng.uniform(1, 6))
            running += noise(rng, length, band(200, rng.uniform(1500, 6000), 1)) * (1 + 0.5 * running / 3) * db(rng.uniform(-12, 3))
            place(out, running * ramp * level, int(at * FS))
            at += on_s + off_s
    for _ in range(rng.poisson(rng.uniform(0, 3) * count / FS / 60)):
        place(out, damped(rng, 300, 3000, rng.uniform(0.005, 0.03)) * db(rng.uniform(0, 14)), int(rng.uniform(0, count)))
    for _ in range(rng.poisson(rng.uniform(0, 1.5) * count / FS / 60)):
        length = int(rng.uniform(0.3, 3) * FS)
        hiss = noise(rng, length, band(rng.uniform(800, 3000), 7500)) * np.exp(-np.arange(length) / length * rng.uniform(0, 4))
        place(out, hiss * np.minimum(1, np.arange(length) / 400) * db(rng.uniform(-6, 8)), int(rng.uniform(0, count)))
    if rng.random() < 0.5:
        out = reverberate(rng, out)
    return out


def reverberate(rng: np.random.Generator, sound: np.ndarray) -> np.ndarray:
    """A room: exponentially falling noise as impulse response."""
    decay_s = rng.uniform(0.2, 1.2)
    tail = rng.standard_normal(int(decay_s * FS)) * np.exp(-6.9 * np.arange(int(decay_s * FS)) / (decay_s * FS))
    wet = signal.oaconvolve(sound, tail)[:len(sound)]
    return sound / (sound.std() + 1e-12) + wet / (wet.std() + 1e-12) * db(rng.uniform(-12, 3))


KINDS = {"traffic": traffic, "wind": wind, "city": city, "machines": machines}


def render(kind: str, seed: int, index: int, duration_s: float) -> np.ndarray:
    """float32 [round(duration_s * 16000)] in (-1, 1): one scene, its RMS drawn between -48 and -14 dB re full scale.

    kind: one of ``KINDS``. The same (kind, seed, index, duration) is the same sound. Peaks above full scale are clipped softly.
    """
    if kind not in KINDS:
        raise ValueError(f"no scene {kind!r}; there are {', '.join(KINDS)}")
    rng = np.random.default_rng([seed, list(KINDS).index(kind), index])
    sound = KINDS[kind](rng, round(duration_s * FS))
    sound = signal.sosfilt(signal.butter(1, 15, "highpass", fs=FS, output="sos"), sound)
    sound *= db(rng.uniform(-48, -14)) / (sound.std() + 1e-12)
    return np.tanh(sound).astype(np.float32)
