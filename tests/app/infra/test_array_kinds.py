"""Rows name the kinds of their arrays, however they are written."""

from sqlalchemy import insert, select

from app.infra.clock import now
from app.infra.db.array_kinds import array_kinds
from app.infra.db.models import Dataset, Project
from app.infra.house import House
from app.infra.ids import new_id
from tests.datasets import add_dataset

VOLUME, TABLE = {"kind": "volume", "axes": "zyx"}, {"kind": "table", "axes": None}


def test_each_kind_and_layout_is_named_once():
    assert array_kinds([VOLUME, TABLE, VOLUME]) == "table/ volume/zyx"
    assert array_kinds([]) == ""


def test_a_row_that_is_read_anew_names_its_new_arrays(house: House, project: Project):
    dataset_id = add_dataset(house, project, arrays=[TABLE]).id
    with house.database.writing() as session:
        session.get_one(Dataset, dataset_id).arrays = [VOLUME]
    with house.database.reading() as session:
        assert session.get_one(Dataset, dataset_id).array_kinds == "volume/zyx"


def test_a_row_that_is_inserted_without_an_object_names_them_too(house: House, project: Project):
    like = add_dataset(house, project)
    given = {column.key: getattr(like, column.key) for column in Dataset.__table__.columns}
    del given["array_kinds"]
    given |= {"id": new_id("ds"), "state": "deleted", "arrays": [VOLUME], "created_at": now()}
    with house.database.writing() as session:
        session.execute(insert(Dataset), [given])
        assert session.scalar(select(Dataset.array_kinds).where(Dataset.id == given["id"])) == "volume/zyx"
