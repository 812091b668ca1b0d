"""What is made of declarations is made once: a class of pydantic's is never freed again."""

from app.lab.jobs import schemas as jobs
from app.lab.recipes import schemas as recipes
from lithoscope.methods import catalogue
from lithoscope.recipes import catalogue as cookbook


def test_a_form_that_is_opened_again_makes_no_new_classes():
    method, recipe = catalogue()["tomogram_sirt"], cookbook()["tilt_series_to_particle"]
    assert jobs.request_type({method.id: method}) is jobs.request_type({method.id: method})
    assert recipes.request_type({recipe.id: recipe}) is recipes.request_type({recipe.id: recipe})
