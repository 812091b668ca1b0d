"""Sums of dose by beam as pages show them: those of which neither energy nor dose is known stand together."""

from collections.abc import Sequence

from app.lab.dose.schemas import BeamSumOut

Sums = Sequence[BeamSumOut]


def gathered(sums: Sums) -> list[BeamSumOut]:
    """
    Return the sums, with one in place of all of a radiation of which nothing is known.

    An exposure of unknown beam energy is added to no other, so each stands alone; where its dose is unknown as well
    there is nothing that could be added, and a hundred lines would say no more than their number.

    Parameters
    ----------
    sums : sequence of BeamSumOut
    """
    unknown: dict[tuple[str, str | None], list[BeamSumOut]] = {}
    for each in filter(_is_unknown, sums):
        unknown.setdefault((each.radiation, each.ion_source), []).append(each)
    told = [each for each in sums if not _is_unknown(each)]
    return told + [_together(members) for members in unknown.values()]


def _is_unknown(one: BeamSumOut) -> bool:
    return one.beam_energy.value is None and one.total.value is None and one.known_part.value is None


def _together(members: Sums) -> BeamSumOut:
    names = [name for each in members for name in each.exposure_ids]
    return members[0].model_copy(update={"exposure_ids": names})
