"""Identifiers sort in the order they were made, and name what they stand for."""

import uuid
from concurrent.futures import ThreadPoolExecutor

from app.infra.ids import new_id, prefix_of


def test_identifiers_made_one_after_another_sort_in_that_order():
    made = [new_id("job") for _ in range(20_000)]
    assert made == sorted(made)


def test_threads_never_make_the_same_identifier():
    with ThreadPoolExecutor(8) as pool:
        made = [one for many in pool.map(lambda _: [new_id("ds") for _ in range(2_000)], range(8)) for one in many]
    assert len(set(made)) == len(made)


def test_an_identifier_is_a_uuid_of_version_7():
    value = uuid.UUID(new_id("smp")[4:])
    assert (value.version, value.variant) == (7, uuid.RFC_4122)


def test_only_well_formed_identifiers_have_a_prefix():
    assert prefix_of(new_id("smp")) == "smp"
    assert [prefix_of(text) for text in ("smp_", "smp_xyz", "nope", "zzz_" + "0" * 32)] == [None] * 4
