"""The network: a small residual CNN on log-mel windows, its normalisation and its calibration inside."""

from dataclasses import dataclass

import torch
from torch import nn

from .frontend import MEL_BANDS

WINDOW_FRAMES = 100
HOP_FRAMES = 50
EMBEDDING_SIZE = 64
RANGE_DB = 80.0
"""What lies further below the window's mean power is treated as silence."""


@dataclass(frozen=True)
class Shape:
    """Channels of the four stages, residual blocks after the second and third, kernel of the first convolution (frames, bands)."""

    widths: tuple = (16, 32, 64, 128)
    blocks: tuple = (0, 0)
    stem: tuple = (3, 3)
    dropout: float = 0.2
    last_pool: tuple = (1, 2)
    squeeze: bool = False


class Normalise(nn.Module):
    """dB [N, frames, 64] -> [N, 2, frames, 64]: level-free log-mel in about [-2, 2] and the band position in [-1, 1].

    Subtracts the window's mean power in dB, so the gain of a sensor does not matter (above the -100 dB floor).
    """

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("position", torch.linspace(-1.0, 1.0, MEL_BANDS).reshape(1, 1, 1, MEL_BANDS))

    def forward(self, logmel: torch.Tensor) -> torch.Tensor:
        x = logmel.unsqueeze(1)
        power = torch.exp(x * 0.23025850929940458)
        level = torch.log(power.mean(dim=(2, 3), keepdim=True)) * 4.3429448190325175
        relative = torch.clamp(x - level, min=-RANGE_DB, max=30.0)
        return torch.cat([(relative + 25.0) / 20.0, torch.zeros_like(x) + self.position], dim=1)


def conv(inputs: int, outputs: int, kernel=(3, 3), stride=1) -> nn.Sequential:
    padding = (kernel[0] // 2, kernel[1] // 2)
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())


class Residual(nn.Module):
    """Two 3x3 convolutions beside the identity."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = conv(channels, channels)
        self.second = nn.Sequential(nn.Conv2d(channels, channels, 3, 1, 1, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(x + self.second(self.first(x)))


class Squeeze(nn.Module):
    """Channels weighed by what the whole window holds (squeeze and excitation)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weigh = nn.Sequential(nn.Linear(channels, channels // 4), nn.ReLU(), nn.Linear(channels // 4, channels))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * torch.sigmoid(self.weigh(x.mean(dim=(2, 3))))[:, :, None, None]


class Classifier(nn.Module):
    """logmel float32 [N, frames, 64] in dB -> (logits [N, labels], embedding [N, 64])."""

    def __init__(self, label_count: int, shape: Shape = Shape()) -> None:
        super().__init__()
        a, b, c, d = shape.widths
        self.normalise = Normalise()
        self.features = nn.Sequential(
            conv(2, a, shape.stem, stride=2), nn.MaxPool2d(2),
            conv(a, b), *[Residual(b) for _ in range(shape.blocks[0])], nn.MaxPool2d(2),
            conv(b, c), *[Residual(c) for _ in range(shape.blocks[1])], *([Squeeze(c)] if shape.squeeze else []), nn.MaxPool2d(shape.last_pool),
            conv(c, d))
        self.embed = nn.Sequential(nn.Linear(2 * d, EMBEDDING_SIZE), nn.ReLU())
        self.dropout = nn.Dropout(shape.dropout)
        self.classify = nn.Linear(EMBEDDING_SIZE, label_count)

    def forward(self, logmel: torch.Tensor):
        bands_pooled = self.features(self.normalise(logmel)).mean(dim=3)
        pooled = torch.cat([bands_pooled.mean(dim=2), bands_pooled.amax(dim=2)], dim=1)
        embedding = self.embed(self.dropout(pooled))
        return self.classify(embedding), embedding


class Scorer(nn.Module):
    """What is exported: Classifier, calibrated -> (probabilities [N, labels], embedding [N, 64]).

    probability = sigmoid(scale x logit + offset), per label; scale [labels] > 0 and offset [labels] as ``calibrate`` fits them.
    """

    def __init__(self, classifier: Classifier, scale=1.0, offset=0.0) -> None:
        super().__init__()
        self.classifier = classifier
        count = classifier.classify.out_features
        for name, value in (("scale", scale), ("offset", offset)):
            self.register_buffer(name, torch.as_tensor(value, dtype=torch.float32).expand(count).clone())

    def forward(self, logmel: torch.Tensor):
        logits, embedding = self.classifier(logmel)
        return torch.sigmoid(logits * self.scale + self.offset), embedding


def cost(classifier: Classifier) -> dict:
    """{'parameters', 'macsPerWindow', 'macsPerSecond'} counted over convolutions and linear layers."""
    macs = 0

    def count(layer, _, output) -> None:
        nonlocal macs
        macs += output[0].numel() * layer.weight[0].numel()

    hooks = [m.register_forward_hook(count) for m in classifier.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    classifier.eval()
    with torch.no_grad():
        classifier(torch.zeros(1, WINDOW_FRAMES, MEL_BANDS))
    for hook in hooks:
        hook.remove()
    return {"parameters": sum(p.numel() for p in classifier.parameters()), "macsPerWindow": macs, "macsPerSecond": round(macs * 50 / HOP_FRAMES)}
