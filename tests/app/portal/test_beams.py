"""Beams of which nothing is known stand together on pages; what is known of one is never hidden among others."""

from app.lab.dose.schemas import BeamSumOut as Sum
from app.portal.beams import gathered

UNKNOWN = {"value": None, "source": "unknown"}


def of(name: str, *, energy: float | None = None, dose: float | None = None, radiation: str = "electrons") -> Sum:
    told = {"unit": "e/A^2", **({"value": dose, "source": "user"} if dose else UNKNOWN)}
    of_energy = {"unit": "kV", **({"value": energy, "source": "header"} if energy else UNKNOWN)}
    return Sum.model_validate(
        {"radiation": radiation, "beam_energy": of_energy, "ion_source": None, "exposure_ids": [name], "total": told}
        | {"known_part": told}
    )


def test_beams_of_unknown_energy_and_dose_are_one_line_that_counts_them():
    shown = gathered([of("a"), of("b", energy=300), of("c"), of("d", radiation="ions"), of("e")])
    assert [each.exposure_ids for each in shown] == [["b"], ["a", "c", "e"], ["d"]]


def test_a_known_dose_at_an_unknown_energy_stands_alone():
    shown = gathered([of("a", dose=10.0), of("b", dose=20.0), of("c")])
    assert [each.exposure_ids for each in shown] == [["a"], ["b"], ["c"]]
    assert [each.total.value for each in shown] == [10.0, 20.0, None]
