"""A stream of log-mel codes in blocks, as the runtime cuts it, and the answers put together again."""

import numpy as np

from . import frontend
from .sed_network import BLOCK_FRAMES, FUTURE_FRAMES, PAST_FRAMES, STEP_FRAMES, VISIBLE_FRAMES


def blocks(codes: np.ndarray) -> np.ndarray:
    """codes uint8 [frames, 64] -> what each block shows, uint8 [blocks, visible, 64]; code 0 before the beginning and after the end."""
    count = -(-len(codes) // BLOCK_FRAMES)
    padded = np.zeros((PAST_FRAMES + count * BLOCK_FRAMES + FUTURE_FRAMES, frontend.MEL_BANDS), np.uint8)
    padded[PAST_FRAMES:PAST_FRAMES + len(codes)] = codes
    if count == 0:
        return np.empty((0, VISIBLE_FRAMES, frontend.MEL_BANDS), np.uint8)
    return np.stack([padded[b * BLOCK_FRAMES:b * BLOCK_FRAMES + VISIBLE_FRAMES] for b in range(count)])


def whole_steps(probabilities: np.ndarray, frames: int) -> np.ndarray:
    """Answers [blocks, steps, labels] -> [steps, labels]; of the last block only the steps whose frames are all there."""
    return probabilities.reshape(-1, probabilities.shape[-1])[:frames // STEP_FRAMES]


def score_streams(run, state_size: int, streams: list) -> list:
    """Runs streams of codes side by side, block by block, with carried state.

    run: (logmel float32 [N, visible, 64], state float32 [N, S]) -> (probabilities [N, steps, L], state_next). All streams that still have
    a block are asked together. -> one float32 [whole steps, labels] per stream.
    """
    cut = [blocks(codes) for codes in streams]
    states, answers = np.zeros((len(streams), state_size), np.float32), [[] for _ in streams]
    for b in range(max((len(c) for c in cut), default=0)):
        going = [i for i, c in enumerate(cut) if b < len(c)]
        probabilities, following = run(frontend.dequantise(np.stack([cut[i][b] for i in going])), states[going])
        states[going] = following
        for i, answer in zip(going, probabilities):
            answers[i].append(answer)
    return [whole_steps(np.stack(a), len(codes)) if a else np.empty((0, 0), np.float32) for a, codes in zip(answers, streams)]
