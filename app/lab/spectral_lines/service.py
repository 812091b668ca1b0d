"""Where elements show in spectra: what the tables of the library hold."""

from lithoscope.rules.spectral_lines import LineKind, SpectralLine, spectral_lines


class SpectralLineService:
    """Answers which lines and edges lie where."""

    def within(
        self,
        *,
        kind: LineKind | None = None,
        element: str | None = None,
        low_eV: float | None = None,
        high_eV: float | None = None,
    ) -> list[SpectralLine]:
        """Return lines and edges by energy: of one kind, one element, between two energies, where these are given."""
        return [
            line
            for line in spectral_lines()
            if kind in {None, line.kind}
            and element in {None, line.element}
            and (low_eV is None or line.energy_eV >= low_eV)
            and (high_eV is None or line.energy_eV <= high_eV)
        ]
