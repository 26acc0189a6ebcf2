"""The recipe of the committed bundles, laid down before their figures were made: no fold had a say."""

from .fit import Recipe
from .network import Shape

RECIPE = Recipe(shape=Shape(widths=(12, 24, 48, 96), stem=(5, 5)))
