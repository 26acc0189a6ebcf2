"""The network: a small CNN on log-mel windows, its normalisation inside."""

import torch
from torch import nn

from .frontend import MEL_BANDS

WINDOW_FRAMES = 100
HOP_FRAMES = 25
EMBEDDING_SIZE = 64
RANGE_DB = 80.0
"""What lies further below the window's mean power is treated as silence."""


class Normalise(nn.Module):
    """dB [N, 100, 64] -> [N, 2, 100, 64]: level-free log-mel in about [-2, 2] and the band position in [-1, 1].

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


def conv(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())


class Classifier(nn.Module):
    """logmel float32 [N, 100, 64] in dB -> (logits [N, labels], embedding [N, 64])."""

    def __init__(self, label_count: int, widths=(16, 32, 64, 128), dropout: float = 0.2) -> None:
        super().__init__()
        a, b, c, d = widths
        self.normalise = Normalise()
        self.features = nn.Sequential(
            conv(2, a, stride=2), nn.MaxPool2d(2),
            conv(a, b), nn.MaxPool2d(2),
            conv(b, c), nn.MaxPool2d((1, 2)),
            conv(c, d))
        self.embed = nn.Sequential(nn.Linear(2 * d, EMBEDDING_SIZE), nn.ReLU())
        self.dropout = nn.Dropout(dropout)
        self.classify = nn.Linear(EMBEDDING_SIZE, label_count)

    def forward(self, logmel: torch.Tensor):
        bands_pooled = self.features(self.normalise(logmel)).mean(dim=3)
        pooled = torch.cat([bands_pooled.mean(dim=2), bands_pooled.amax(dim=2)], dim=1)
        embedding = self.embed(self.dropout(pooled))
        return self.classify(embedding), embedding


class Scorer(nn.Module):
    """What is exported: Classifier with its activation -> (probabilities [N, labels], embedding [N, 64])."""

    def __init__(self, classifier: Classifier) -> None:
        super().__init__()
        self.classifier = classifier

    def forward(self, logmel: torch.Tensor):
        logits, embedding = self.classifier(logmel)
        return torch.sigmoid(logits), embedding


def cost(classifier: Classifier) -> dict:
    """{'parameters', 'macsPerWindow'} counted over convolutions and linear layers for one window."""
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
    return {"parameters": sum(p.numel() for p in classifier.parameters()), "macsPerWindow": macs}
