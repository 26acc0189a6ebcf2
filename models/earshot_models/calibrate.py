"""Probabilities that can be read as frequencies: Platt scaling per label, its error (ECE) and its picture.

``fit`` finds scale and offset of p = sigmoid(scale x logit + offset) on windows that the network did not see in training. A third of the weight is on
windows of clips as recorded, a third on clips over a background at 10 dB SNR, a third on backgrounds alone: what a probability means depends
on how often the sound is there, and this is the mixture that it is stated for.
"""

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

BINS = 10
PARTS = ("clips as recorded", "clips at 10 dB over backgrounds", "backgrounds alone")


@dataclass(frozen=True)
class Judged:
    """Windows of the three PARTS: logits or probabilities [N, labels], truth [N, labels] in {0, 1}, weight [N] (each part sums to a third)."""

    values: np.ndarray
    truth: np.ndarray
    weight: np.ndarray

    @staticmethod
    def of_parts(parts: list) -> "Judged":
        """parts: [(values [n, labels], truth [n, labels])], one for each of PARTS."""
        weight = np.concatenate([np.full(len(values), 1 / len(parts) / len(values)) for values, _ in parts])
        return Judged(np.concatenate([values for values, _ in parts]), np.concatenate([truth for _, truth in parts]), weight)

    @staticmethod
    def joined(several: list) -> "Judged":
        return Judged(np.concatenate([j.values for j in several]), np.concatenate([j.truth for j in several]),
                      np.concatenate([j.weight for j in several]) / len(several))

    def mapped(self, change) -> "Judged":
        return Judged(change(self.values), self.truth, self.weight)


def fit(judged: Judged, ridge: float = 0.002):
    """-> scale [labels] > 0, offset [labels] float64: the smallest weighted log loss over ``judged`` logits. ``ridge`` pulls each label towards what
    suits all labels together."""
    def solve(columns, centre, strength):
        x, y = judged.values[:, columns].astype(float), judged.truth[:, columns]
        w = judged.weight[:, None] * np.ones_like(x) / x.shape[1]

        def loss(parameters):
            a, b = np.exp(parameters[0]), parameters[1]
            z = a * x + b
            error = special.expit(z) - y
            value = (w * (np.logaddexp(0, z) - y * z)).sum() + strength * ((parameters - centre) ** 2).sum()
            gradient = np.array([(w * error * x).sum() * a, (w * error).sum()]) + 2 * strength * (parameters - centre)
            return value, gradient
        return optimize.minimize(loss, centre, jac=True, method="L-BFGS-B").x

    labels = judged.values.shape[1]
    common = solve(list(range(labels)), np.zeros(2), 1e-6)
    each = np.array([solve([k], common, ridge) for k in range(labels)])
    return np.exp(each[:, 0]), each[:, 1]


def apply(logits: np.ndarray, scale, offset) -> np.ndarray:
    """Calibrated probabilities of logits [..., labels]."""
    return special.expit(logits * np.asarray(scale) + np.asarray(offset))


def reliability(probabilities: np.ndarray, truth: np.ndarray, weight: np.ndarray) -> list:
    """Equal-width bins over all given values: [(mean probability, observed share, share of the weight)], empty bins left out."""
    bins = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    out = []
    for b in range(BINS):
        inside = bins == b
        total = weight[inside].sum()
        if total > 0:
            out.append((float((weight * probabilities)[inside].sum() / total), float((weight * truth)[inside].sum() / total), float(total / weight.sum())))
    return out


def expected_error(bins: list) -> float:
    """ECE: mean distance between probability and observed share, weighed by the share of each bin."""
    return float(sum(share * abs(p - seen) for p, seen, share in bins))


def of_windows(judged: Judged) -> list:
    """Reliability over every (window, label) with judged probabilities."""
    weight = np.repeat(judged.weight, judged.values.shape[1])
    return reliability(judged.values.ravel(), judged.truth.ravel(), weight)


def of_top(probabilities: np.ndarray, labels: np.ndarray) -> list:
    """Reliability of the highest probability [clips, labels] as the share of clips named rightly (labels [clips], indices)."""
    return reliability(probabilities.max(axis=1), (probabilities.argmax(axis=1) == labels).astype(float), np.ones(len(labels)))


def picture(series: dict) -> str:
    """SVG of reliability curves {name: bins}: observed share over probability, the area of a dot growing with its bin."""
    size, margin = 300, 46
    at = lambda v: round(margin + v * size, 1)
    down = lambda v: round(margin + (1 - v) * size, 1)
    colours = ("#1f6feb", "#d4622a", "#2f9e44")
    width, height = size + 2 * margin + 190, size + 2 * margin
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11">',
             f'<rect width="{width}" height="{height}" fill="#fff"/>']
    for tick in (0, 0.25, 0.5, 0.75, 1):
        parts.append(f'<path d="M{at(0)} {down(tick)}H{at(1)}M{at(tick)} {down(0)}V{down(1)}" stroke="#ddd"/>')
        parts.append(f'<text x="{at(0) - 6}" y="{down(tick) + 4}" text-anchor="end">{tick:g}</text><text x="{at(tick)}" y="{down(0) + 16}" text-anchor="middle">{tick:g}</text>')
    parts.append(f'<path d="M{at(0)} {down(0)}L{at(1)} {down(1)}" stroke="#999" stroke-dasharray="4 3"/>')
    parts.append(f'<text x="{at(0.5)}" y="{down(0) + 34}" text-anchor="middle">probability</text>'
                 f'<text transform="translate(12 {down(0.5)}) rotate(-90)" text-anchor="middle">observed share</text>')
    for index, (name, bins) in enumerate(series.items()):
        colour = colours[index % len(colours)]
        line = "L".join(f"{at(p)} {down(seen)}" for p, seen, _ in bins)
        parts.append(f'<path d="M{line}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        parts += [f'<circle cx="{at(p)}" cy="{down(seen)}" r="{2 + 7 * share**0.5:.1f}" fill="{colour}" fill-opacity="0.5"/>' for p, seen, share in bins]
        y = margin + 14 + 34 * index
        parts.append(f'<rect x="{at(1) + 14}" y="{y - 9}" width="10" height="10" fill="{colour}"/><text x="{at(1) + 30}" y="{y}">{name}</text>'
                     f'<text x="{at(1) + 30}" y="{y + 14}" fill="#555">ECE {expected_error(bins):.3f}</text>')
    return "\n".join(parts + ["</svg>"]) + "\n"
