"""Gas calibrations and titrated storage series: recorded, evaluated, superseded; nobody commits here."""

from collections.abc import Callable
from dataclasses import asdict

from app.errors import Invalid, NotFound
from app.infra.clock import now
from app.infra.db.models import GasCalibration, TitrationSeries
from app.infra.ids import new_id
from app.lab.access import Action, Actor, readable_projects, require
from app.lab.audit.service import AuditLog
from app.lab.doubts import AlreadySuperseded, question
from app.lab.instruments.service import InstrumentService
from app.lab.samples.service import SampleService
from app.lab.titrations.evaluating import Gauge, Reading, evaluate, line_json, line_of, measured_loss, read_bottle
from app.lab.titrations.repository import TitrationRepository
from app.lab.titrations.schemas import GasBottle, NewGasCalibration, NewTitrationSeries
from lithoscope.errors import ScienceError
from lithoscope.numerics.titration import fit_calibration
from lithoscope.rules.storage_loss import MeasuredLoss
from lithoscope.rules.titration import Bottle


class BadGasCalibration(Invalid):
    """Standards that give no line amounts can be read from."""

    code, title = "bad-gas-calibration", "The standards give no calibration"


class BadTitrationSeries(Invalid):
    """Bottles that give no lithium or no law of loss."""

    code, title = "bad-titration-series", "The bottles give no series"


class TitrationService:
    """
    Keeps what titration gas chromatography measured.

    Parameters
    ----------
    on_series : callable
        Is told of each new series by project, material and electrolyte: shelf-life clocks follow it.
    """

    def __init__(
        self,
        titrations: TitrationRepository,
        *,
        instruments: InstrumentService,
        samples: SampleService,
        audit: AuditLog,
        on_series: Callable[[TitrationSeries], None],
    ) -> None:
        self._titrations = titrations
        self._instruments = instruments
        self._samples = samples
        self._audit = audit
        self._on_series = on_series

    def record_calibration(self, actor: Actor, new: NewGasCalibration) -> GasCalibration:
        """Keep the standards of a gas chromatograph and the line through them; for managers and the instrument's PC."""
        if actor.kind == "device":
            self._require_own(actor, new.instrument_id)
        else:
            require(actor, Action.MANAGE)
        instrument = self._instruments.get(actor, new.instrument_id)
        self._check_calibration(new)
        try:
            line = fit_calibration([p.amount for p in new.points], [p.area for p in new.points])
        except ScienceError as error:
            raise BadGasCalibration.field("/body/points", str(error)) from error
        warnings = ["curved-calibration: the standards bend away from the line"] if line.is_curved else []
        row = GasCalibration(
            id=new_id("gcl"),
            instrument_id=instrument.id,
            measured_at=new.measured_at,
            record={
                **new.model_dump(mode="json", include={"standard", "points", "note"}),
                "line": line_json(line),
                "warnings": warnings,
            },
            supersedes_id=new.supersedes_id,
            recorded_by=actor.id,
            received_at=now(),
        )
        self._titrations.add(row)
        self._audit.record(actor, "gas_calibration.record", row.id, instrument_id=instrument.id)
        return row

    def _require_own(self, actor: Actor, instrument_id: str) -> None:
        if actor.instrument_id != instrument_id or actor.scopes is None or Action.RECORD.value not in actor.scopes:
            raise NotFound

    def _check_calibration(self, new: NewGasCalibration) -> None:
        if new.standard == "hydrogen_percent":
            for index, point in enumerate(new.points):
                if point.amount >= 100:
                    raise BadGasCalibration.field(
                        f"/body/points/{index}/amount", "A share of hydrogen is below 100 %: correct the standard."
                    )
        if new.supersedes_id is None:
            return
        old = self._titrations.calibration(new.supersedes_id)
        if old is None or old.instrument_id != new.instrument_id:
            raise Invalid.field("/body/supersedes_id", "No such calibration of this instrument.")
        if self._titrations.corrections_of_calibrations([old.id]):
            raise AlreadySuperseded("This calibration has been corrected before: supersede the correction.")

    def calibration(self, actor: Actor, calibration_id: str) -> GasCalibration:
        """Return a calibration; people see all, a device its own instrument's."""
        row = self._titrations.calibration(calibration_id)
        if row is None:
            raise NotFound
        self._instruments.get(actor, row.instrument_id)
        return row

    def calibrations(
        self, actor: Actor, *, instrument_id: str | None, before: str | None, limit: int
    ) -> list[GasCalibration]:
        """Return calibrations, newest first: of an instrument, or of all."""
        if actor.kind == "device":
            instrument_id = instrument_id or actor.instrument_id
        if instrument_id is not None:
            self._instruments.get(actor, instrument_id)
        return self._titrations.calibrations(instrument_id, before, limit)

    def calibration_corrections(self, rows: list[GasCalibration]) -> dict[str, str]:
        """Return which of these calibrations were superseded, and by which."""
        return self._titrations.corrections_of_calibrations([row.id for row in rows])

    def read(
        self,
        actor: Actor,
        calibration_id: str,
        areas: list[float],
        *,
        gas_bottle: GasBottle | None = None,
        area_cm2: float | None = None,
    ) -> Reading:
        """Read one bottle from a calibration; nothing is stored."""
        gauge = _gauge_of(self.calibration(actor, calibration_id), gas_bottle, "/query/volume_mL")
        try:
            return read_bottle(areas, gauge, area_cm2=area_cm2)
        except ScienceError as error:
            raise BadTitrationSeries.field("/query/area", str(error)) from error

    def record_series(self, actor: Actor, new: NewTitrationSeries) -> TitrationSeries:
        """Keep a titrated storage series, evaluated by its calibration."""
        require(actor, Action.RECORD, new.project_id)
        doubts = _question(new)
        gauge = self._gauge(actor, new)
        self._check_series(actor, new)
        try:
            found = evaluate(new, gauge)
        except ScienceError as error:
            raise BadTitrationSeries.field("/body/bottles", str(error)) from error
        kept = new.model_dump(
            mode="json", include={"gas_calibration_id", "gas_bottle", "area_cm2", "o2_ppm", "h2o_ppm"}
        )
        row = TitrationSeries(
            id=new_id("tgs"),
            project_id=new.project_id,
            material=new.material,
            electrolyte=new.electrolyte,
            record={**kept, "note": new.note, **asdict(found), "warnings": [*doubts, *found.warnings]},
            supersedes_id=new.supersedes_id,
            created_by=actor.id,
            created_at=now(),
        )
        self._titrations.add(row)
        self._audit.record(
            actor, "titration_series.record", row.id, project_id=row.project_id, supersedes_id=row.supersedes_id
        )
        self._on_series(row)
        return row

    def _gauge(self, actor: Actor, new: NewTitrationSeries) -> Gauge:
        row = self._titrations.calibration(new.gas_calibration_id)
        if row is None or (actor.kind == "device" and row.instrument_id != actor.instrument_id):
            raise Invalid.field("/body/gas_calibration_id", "No such gas calibration.")
        return _gauge_of(row, new.gas_bottle, "/body/gas_bottle")

    def _check_series(self, actor: Actor, new: NewTitrationSeries) -> None:
        for index, bottle in enumerate(new.bottles):
            if bottle.sample_id is not None:
                self._check_sample(actor, new.project_id, bottle.sample_id, f"/body/bottles/{index}/sample_id")
        if new.supersedes_id is None:
            return
        old = self._titrations.series(new.supersedes_id)
        if old is None or old.project_id != new.project_id:
            raise Invalid.field("/body/supersedes_id", "No such series in this project: correct it where it stands.")
        if self._titrations.corrections_of_series([old.id]):
            raise AlreadySuperseded("This series has been corrected before: supersede the correction.")

    def _check_sample(self, actor: Actor, project_id: str, sample_id: str, pointer: str) -> None:
        try:
            sample = self._samples.get(actor, sample_id, need=Action.RECORD)
        except NotFound:
            sample = None
        if sample is None or sample.project_id != project_id:
            raise Invalid.field(pointer, "No such sample in this project: leave it out or register it.")

    def series(self, actor: Actor, series_id: str) -> TitrationSeries:
        """Return a series."""
        row = self._titrations.series(series_id)
        if row is None:
            raise NotFound
        require(actor, Action.READ, row.project_id)
        return row

    def page(
        self, actor: Actor, *, project_id: str | None = None, before: str | None, limit: int
    ) -> list[TitrationSeries]:
        """Return the series the actor may see, newest first."""
        return self._titrations.series_page(readable_projects(actor, project_id), before, limit)

    def series_corrections(self, rows: list[TitrationSeries]) -> dict[str, str]:
        """Return which of these series were superseded, and by which."""
        return self._titrations.corrections_of_series([row.id for row in rows])

    def measured_losses(self, material: str, electrolyte: str | None, project_id: str) -> list[MeasuredLoss]:
        """Return both laws of the project's newest standing series of a material and electrolyte; none without one."""
        wanted = same_electrolyte(electrolyte)
        for row in self._titrations.standing_series(project_id, material):
            if same_electrolyte(row.electrolyte) == wanted:
                return [measured_loss(fit, row.id) for fit in row.record["fits"]]
        return []


def _gauge_of(row: GasCalibration, gas_bottle: GasBottle | None, pointer: str) -> Gauge:
    """Return what turns areas into lithium: shares of hydrogen need the bottle they are shares of."""
    line, standard = line_of(row.record["line"]), row.record["standard"]
    if standard == "lithium_mg":
        return Gauge(line, standard, None)
    if gas_bottle is None:
        detail = "The standards were shares of hydrogen: say what the bottle held when it was closed."
        raise Invalid.field(pointer, detail)
    try:
        return Gauge(line, standard, Bottle(**gas_bottle.model_dump()))
    except ScienceError as error:
        raise BadTitrationSeries.field(pointer, str(error)) from error


def same_electrolyte(name: str | None) -> str:
    """Write an electrolyte's name so that case and spaces make no difference: Gen2 is gen 2."""
    return "" if name is None else "".join(name.casefold().split())


def _question(new: NewTitrationSeries) -> list[str]:
    """Question the numbers that describe bottle and storage."""
    values = [(f"/body/{name}", name, getattr(new, name)) for name in ("o2_ppm", "h2o_ppm")]
    if new.gas_bottle is not None:
        values += [
            (f"/body/gas_bottle/{name}", name, getattr(new.gas_bottle, name))
            for name in ("temperature_K", "pressure_Pa")
        ]
    stated = [(pointer, name, value) for pointer, name, value in values if value is not None]
    return question(stated, is_confirmed=new.confirm)
