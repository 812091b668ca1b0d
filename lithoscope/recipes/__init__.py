"""One file per recipe: methods chained into one run, declared once."""

from lithoscope.recipes.base import Output, Recipe, Step, catalogue, given
from lithoscope.recipes.checking import BadRecipe, check
from lithoscope.recipes.partial import with_inputs

__all__ = ["BadRecipe", "Output", "Recipe", "Step", "catalogue", "check", "given", "with_inputs"]
