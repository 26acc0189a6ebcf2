"""The sequence network: convolutions over what a block shows, a GRU carried from block to block, one that looks back from the block's future.

A block shows ``PAST_FRAMES`` + ``BLOCK_FRAMES`` + ``FUTURE_FRAMES`` frames and is answered in steps of ``STEP_FRAMES``. Step k of a
stream stands for the samples [1600 k, 1600 k + 1600) after its first one.
"""

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from .frontend import MEL_BANDS

BLOCK_FRAMES, PAST_FRAMES, FUTURE_FRAMES, STEP_FRAMES = 50, 10, 25, 5
VISIBLE_FRAMES = PAST_FRAMES + BLOCK_FRAMES + FUTURE_FRAMES
BLOCK_STEPS, PAST_STEPS = BLOCK_FRAMES // STEP_FRAMES, PAST_FRAMES // STEP_FRAMES
STEP_S = 0.1
RANGE_DB = 70.0
"""What lies further below the running level is treated as silence."""
LEVEL_MEMORY = 0.8
"""Weight of a block's level in the running level, one block later."""


@dataclass(frozen=True)
class Shape:
    """Widths of the network."""

    widths: tuple = (16, 32, 48, 64)
    forward_size: int = 64
    backward_size: int = 48
    dropout: float = 0.2


def _conv(inputs: int, outputs: int, kernel, stride, padding) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())


class SequenceNetwork(nn.Module):
    """logmel [N, visible, 64] in dB and state [N, S] -> (logits [N, steps, labels], next state [N, S]).

    The state is the forward GRU's, then the running power (sum of the blocks' mean powers, each weighted ``LEVEL_MEMORY`` per block of age)
    and the sum of those weights: zeros are the beginning of a stream.
    """

    def __init__(self, label_count: int, shape: Shape = Shape()) -> None:
        super().__init__()
        a, b, c, d = shape.widths
        self.shape = shape
        self.band_bias = nn.Parameter(torch.zeros(1, a, 1, MEL_BANDS // 4))
        self.first = nn.Conv2d(1, a, (3, 7), (1, 4), (1, 3), bias=False)
        self.first_norm = nn.BatchNorm2d(a)
        self.features = nn.Sequential(
            _conv(a, b, (STEP_FRAMES, 3), (STEP_FRAMES, 2), (0, 1)),
            _conv(b, c, 3, (1, 2), 1),
            _conv(c, d, 3, (1, 2), 1))
        size = d * (MEL_BANDS // 32)
        self.onward = nn.GRU(size, shape.forward_size, batch_first=True)
        self.backward = nn.GRU(size, shape.backward_size, batch_first=True)
        self.dropout = nn.Dropout(shape.dropout)
        self.classify = nn.Linear(shape.forward_size + shape.backward_size, label_count)

    @property
    def state_size(self) -> int:
        return self.shape.forward_size + 2

    def forward(self, logmel: torch.Tensor, state: torch.Tensor):
        hidden, level = state[:, :self.shape.forward_size], state[:, self.shape.forward_size:]
        level = self.step_level(block_power(logmel), level)
        steps = self.steps(logmel, level_db(level))
        onward, hidden = self.onward(steps[:, PAST_STEPS:PAST_STEPS + BLOCK_STEPS], hidden.unsqueeze(0).contiguous())
        return self.answer(onward, self.look_back(steps)), torch.cat([hidden.squeeze(0), level], dim=1)

    def sequence(self, blocks: torch.Tensor):
        """All blocks of N streams from their beginning: logmel [N, blocks, visible, 64] -> logits [N, blocks * steps, labels].

        The same arithmetic as block by block, with the convolutions of all blocks at once: for training.
        """
        count, length = blocks.shape[:2]
        level, levels = blocks.new_zeros(count, 2), []
        power = block_power(blocks.flatten(0, 1)).reshape(count, length)
        for b in range(length):
            level = self.step_level(power[:, b], level)
            levels.append(level_db(level))
        steps = self.steps(blocks.flatten(0, 1), torch.stack(levels, dim=1).flatten())
        mine = steps[:, PAST_STEPS:PAST_STEPS + BLOCK_STEPS].reshape(count, length * BLOCK_STEPS, -1)
        back = self.look_back(steps).reshape(count, length * BLOCK_STEPS, -1)
        return self.answer(self.onward(mine)[0], back)

    @staticmethod
    def step_level(power: torch.Tensor, level: torch.Tensor) -> torch.Tensor:
        """power [N], level [N, 2] -> level [N, 2] with the block taken in."""
        return level * LEVEL_MEMORY + torch.stack([power, torch.ones_like(power)], dim=1)

    def steps(self, logmel: torch.Tensor, level: torch.Tensor) -> torch.Tensor:
        """logmel [N, visible, 64], level [N] in dB -> features [N, visible / 5, size]."""
        relative = torch.clamp(logmel - level[:, None, None], min=-RANGE_DB, max=30.0)
        x = self.first((relative.unsqueeze(1) + 20.0) / 20.0) + self.band_bias
        x = self.features(functional.relu(self.first_norm(x)))
        return x.transpose(1, 2).flatten(2)

    def look_back(self, steps: torch.Tensor) -> torch.Tensor:
        """From the end of what is visible to the block's beginning -> [N, steps of the block, backward_size]."""
        backward = self.backward(torch.flip(steps[:, PAST_STEPS:], dims=(1,)))[0]
        return torch.flip(backward, dims=(1,))[:, :BLOCK_STEPS]

    def answer(self, onward: torch.Tensor, back: torch.Tensor) -> torch.Tensor:
        return self.classify(self.dropout(torch.cat([onward, back], dim=-1)))


def block_power(logmel: torch.Tensor) -> torch.Tensor:
    """Mean power of all that a block shows: [N, visible, 64] in dB -> [N]."""
    return torch.exp(logmel * 0.23025850929940458).mean(dim=(1, 2))


def level_db(level: torch.Tensor) -> torch.Tensor:
    """Running level [N, 2] -> [N] in dB."""
    return torch.log(level[:, 0] / level[:, 1]) * 4.3429448190325175


class Scorer(nn.Module):
    """What is exported: (logmel, state) -> (probabilities [N, steps, labels], state_next [N, S])."""

    def __init__(self, network: SequenceNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, logmel: torch.Tensor, state: torch.Tensor):
        logits, following = self.network(logmel, state)
        return torch.sigmoid(logits), following


def cost(network: SequenceNetwork) -> dict:
    """{'parameters', 'macsPerBlock'} of one block (one second of sound), counted over convolutions, GRUs and linear layers."""
    macs = 0

    def count(layer, inputs, output) -> None:
        nonlocal macs
        if isinstance(layer, nn.GRU):
            macs += inputs[0].shape[1] * sum(w.numel() for name, w in layer.named_parameters() if "weight" in name)
        else:
            positions = output[0].numel() // layer.weight.shape[0]
            macs += positions * layer.weight.numel()

    hooks = [m.register_forward_hook(count) for m in network.modules() if isinstance(m, (nn.Conv2d, nn.Linear, nn.GRU))]
    network.eval()
    with torch.no_grad():
        network(torch.zeros(1, VISIBLE_FRAMES, MEL_BANDS), torch.zeros(1, network.state_size))
    for hook in hooks:
        hook.remove()
    return {"parameters": sum(p.numel() for p in network.parameters()), "macsPerBlock": macs}
