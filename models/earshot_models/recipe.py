"""The recipe of the committed bundles, laid down before their figures were made: no fold had a say."""

from .fit import Recipe
from .network import Shape

RECIPE = Recipe(shape=Shape(widths=(16, 24, 48, 96)), steps=4000, teachers=2, teacher_steps=3000)
