"""The safety net of recipes: runs that nothing else would carry on."""

from app.infra.house import House
from app.lab.composition import Lab
from app.lab.recipes.repository import RecipeRepository

AT_ONCE = 100


def sweep(house: House) -> None:
    """Carry on runs whose last job ended by the loss of its worker, and those whose cancellation met a busy job."""
    with house.database.reading() as session:
        stuck = RecipeRepository(session).stuck(AT_ONCE)
    for run_id in stuck:
        with house.database.writing() as session:
            Lab(house, session).engine.advance(run_id)
    if stuck:
        house.queue.poke()
