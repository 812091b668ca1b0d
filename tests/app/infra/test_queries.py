"""Parts of queries say the same on both databases."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from sqlalchemy import func, literal, select

from app.infra.clock import now
from app.infra.db.models import LineageEdge, Project, Sample
from app.infra.db.queries import MOST_APART, page_of_projects, within_depth
from app.infra.house import House
from app.infra.ids import new_id
from app.lab.provenance.repository import MAX_DEPTH, ProvenanceRepository
from tests.conftest import add_project, add_sample

PAGE = 3


@pytest.fixture
def projects(any_house: House) -> list[Project]:
    """Give three projects whose samples came in turn: two of the first, then one each of the second and third."""
    found = [add_project(any_house, f"PRJ-{number}") for number in range(3)]
    for number in range(12):
        add_sample(any_house, found[(0, 0, 1, 2)[number % 4]], f"LS-2026-{number:04}")
    return found


def pages(house: House, projects: Sequence[Project] | None, *, material: str = "nmc", limit: int = PAGE) -> list[str]:
    """Return the codes on all pages, one after another; each page but the last is full."""
    asked = None if projects is None else frozenset(project.id for project in projects)
    query = select(Sample).join(Project, Project.id == Sample.project_id).where(Sample.material == material)
    codes: list[str] = []
    before: str | None = None
    with house.database.reading() as session:
        while page := list(session.scalars(page_of_projects(query, Sample, asked, before=before, limit=limit))):
            codes += [sample.code[-4:] for sample in page]
            before = page[-1].id
            if len(page) < limit:
                break
    return codes


def numbered(*numbers: int) -> list[str]:
    return [f"{number:04}" for number in numbers]


def test_pages_of_several_projects_are_one_list_newest_first(any_house, projects):
    assert pages(any_house, projects[1:]) == numbered(11, 10, 7, 6, 3, 2)
    assert pages(any_house, projects[:2]) == numbered(10, 9, 8, 6, 5, 4, 2, 1, 0)
    assert pages(any_house, projects) == pages(any_house, None) == numbered(*reversed(range(12)))


def test_one_project_and_none_have_pages_of_their_own(any_house, projects):
    assert pages(any_house, projects[2:]) == numbered(11, 7, 3)
    assert pages(any_house, []) == []


def test_what_a_query_asks_holds_of_each_project(any_house, projects):
    with any_house.database.writing() as session:
        for sample in session.scalars(select(Sample).where(Sample.code.in_(["LS-2026-0011", "LS-2026-0006"]))):
            sample.material = "lfp"
    assert pages(any_house, projects[1:]) == numbered(10, 7, 3, 2)
    assert pages(any_house, projects, material="lfp", limit=1) == numbered(11, 6)


@pytest.mark.parametrize("empty", [MOST_APART - 3, MOST_APART], ids=["apart", "together"])
def test_many_projects_have_the_same_pages_whether_looked_through_apart_or_together(any_house, projects, empty):
    more = [add_project(any_house, f"MORE-{number}") for number in range(empty)]
    assert pages(any_house, [*projects[1:], *more]) == numbered(11, 10, 7, 6, 3, 2)


def chained(house: House, *ids: str) -> None:
    """Say that each of these was made from the next."""
    with house.database.writing() as session:
        session.add_all(
            LineageEdge(source_id=source, target_id=target, relation="wasDerivedFrom", created_at=now())
            for source, target in pairwise(ids)
        )


def test_a_walk_stops_at_its_depth_and_where_its_condition_fails(any_house):
    ids = [new_id("res") for _ in range(4)] + [new_id("smp"), new_id("res")]
    chained(any_house, *ids)
    walk = select(literal(ids[0]).label("id"), literal(0).label("depth")).cte("walk", recursive=True)
    step = select(LineageEdge.target_id, walk.c.depth + 1).join(walk, LineageEdge.source_id == walk.c.id)
    is_result = LineageEdge.target_id.startswith("res_", autoescape=True)
    for depth, reached in ((0, 0), (2, 2), (3, 3), (9, 3)):
        whole = walk.union(step.where(within_depth(walk, depth, is_result)))
        with any_house.database.reading() as session:
            assert session.scalar(select(func.max(whole.c.depth))) == reached


def test_a_circle_of_origins_is_walked_to_the_depth_and_each_is_named_once_at_its_least(any_house):
    first, second, third = (new_id("res") for _ in range(3))
    chained(any_house, first, second, third, first)
    with any_house.database.reading() as session:
        assert ProvenanceRepository(session).origins(first) == {first: 0, second: 1, third: 2}
    assert MAX_DEPTH > 3
