import numpy as np
import pytest

from earshot_models import scenes


@pytest.mark.parametrize("kind", scenes.KINDS)
def test_a_scene_is_its_seed(kind):
    one, same, other = (scenes.render(kind, 5, index, 4.0) for index in (0, 0, 1))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("kind", scenes.KINDS)
def test_scenes_are_sound_within_full_scale(kind):
    for index in range(4):
        sound = scenes.render(kind, 11, index, 3.0)
        assert sound.dtype == np.float32 and sound.shape == (48_000,)
        assert np.isfinite(sound).all() and 0.001 < sound.std() and np.abs(sound).max() < 1


def test_an_unknown_scene_is_told():
    with pytest.raises(ValueError, match="traffic, wind, city, machines"):
        scenes.render("rain", 1, 0, 1.0)
