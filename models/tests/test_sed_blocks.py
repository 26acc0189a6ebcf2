import numpy as np

from earshot_models import sed_blocks
from earshot_models.sed_network import BLOCK_FRAMES, FUTURE_FRAMES, PAST_FRAMES


def test_blocks_show_past_and_future_and_code_0_beyond_the_ends():
    codes = (np.arange(120) + 1).astype(np.uint8)[:, None] * np.ones((1, 64), np.uint8)
    first, second, third = sed_blocks.blocks(codes)[:, :, 0]
    assert (first[:PAST_FRAMES] == 0).all() and first[PAST_FRAMES] == 1
    assert second[PAST_FRAMES] == BLOCK_FRAMES + 1 and second[0] == BLOCK_FRAMES + 1 - PAST_FRAMES
    assert second[-1] == 0 and first[-1] == BLOCK_FRAMES + FUTURE_FRAMES
    assert third[PAST_FRAMES + 19] == 120 and (third[PAST_FRAMES + 20:] == 0).all()


def test_no_frames_are_no_blocks():
    assert len(sed_blocks.blocks(np.zeros((0, 64), np.uint8))) == 0


def test_only_whole_steps_are_told():
    answers = np.arange(20.0).reshape(2, 10, 1)
    assert len(sed_blocks.whole_steps(answers, 64)) == 12
    assert sed_blocks.whole_steps(answers, 65)[-1, 0] == 12
