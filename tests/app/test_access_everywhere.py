"""
Nobody sees another project: every route of the OpenAPI document, asked by everybody.

The routes come from the document, so a new one fails here until it is listed: in `OPEN` when it asks for no
credential, in `FACILITY` when it belongs to no project, and its path parameters in `ids`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from app.infra.clock import now
from app.infra.db.models import AccessKey
from app.infra.house import House
from app.infra.ids import new_id
from tests.conftest import Device, People, Person, add_device, add_project, add_sample, beside, served
from tests.description import description
from tests.objects import add_everything, rule_of, series_of, standards_of, titration_of

METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
DOCUMENT: dict[str, Any] = description()

# operations that ask for no credential, and what each answers to a stranger's empty request
OPEN = {
    "setUp": 422,
    "signIn": 422,
    "startSingleSignOn": 404,
    "finishSingleSignOn": 404,
    "redeemEnrolment": 422,
    "redeemInvitation": 422,
    "getHealth": 200,
    "getReadiness": 200,
    "getMetrics": 200,
    "getProblem": 404,
    "describeUploads": 204,
    # a reviewer's link is its own credential; one that is none finds nothing
    "readReview": 404,
    "readReviewedResult": 404,
    "readReviewedReport": 404,
    "getReviewedPicture": 404,
    "downloadReviewed": 404,
    "citeReviewed": 404,
    "downloadReviewedArchive": 404,
}
OPEN |= {f"getReviewed{what}": 404 for what in ("Chunk", "DisplayChunk", "Slice", "Table", "Spectrum", "EnergyMap")}
OPEN |= {"getReviewedVoxel": 404, "getReviewedStatistics": 404}
# operations about no project: what they answer depends on the facility role, not on membership
FACILITY = {
    "signOut", "getMe", "changeOwnPassword", "createUser", "listUsers", "getUser", "changeUser", "createToken",
    "listTokens", "revokeToken", "createProject", "createInstrument", "listInstruments", "getInstrument",
    "changeInstrument", "createEnrolment", "listDeviceKeys", "recordBeamCalibration", "listBeamCalibrations",
    "revokeDeviceKey", "sendHeartbeat", "listAuditEntries", "verifyAudit", "listMethods", "getMethod",
    "recordGasCalibration", "listGasCalibrations", "getGasCalibration", "listStrategies", "readGasCalibration",
}  # fmt: skip
# what a person without any facility role may do about themselves and the facility
MEMBERS_MAY = {"signOut", "getMe", "listTokens", "listInstruments", "getInstrument", "listBeamCalibrations"}
MEMBERS_MAY |= {"listMethods", "getMethod"}
MEMBERS_MAY |= {"listGasCalibrations", "getGasCalibration", "readGasCalibration", "listStrategies"}
# operations a device may complete with an empty body and somebody else's ids
DEVICES_MAY = {"getMe", "listSampleCodes", "listMethods", "getMethod", "getInstrument", "listBeamCalibrations"}
DEVICES_MAY |= {"listUploads", "listGasCalibrations", "getGasCalibration", "readGasCalibration", "listStrategies"}
DEVICES_MAY |= {"listSeries", "getSeries", "listSeriesParts"}  # of their own instrument
# protocols are the facility's law: everybody reads them
READ_PROTOCOLS = {"listProtocols", "getProtocol", "listProtocolVersions", "getProtocolVersion"}
FACILITY |= READ_PROTOCOLS | {"addProtocol", "retireProtocol"}
MEMBERS_MAY |= READ_PROTOCOLS
DEVICES_MAY |= READ_PROTOCOLS
# critical doses are the same for everybody; a plan on a fresh place is arithmetic
READ_LIMITS = {"listDoseLimits", "lookUpDoseLimit", "planDose"}
FACILITY |= READ_LIMITS | {"createDoseLimit", "retireDoseLimit"}
MEMBERS_MAY |= READ_LIMITS
DEVICES_MAY |= READ_LIMITS
# recipes are the facility's as methods are
READ_RECIPES = {"listRecipes", "getRecipe"}
FACILITY |= READ_RECIPES
MEMBERS_MAY |= READ_RECIPES
DEVICES_MAY |= READ_RECIPES | {"listRegistrationRoots"}
# tables of elements
FACILITY.add("listSpectralLines")
MEMBERS_MAY.add("listSpectralLines")
DEVICES_MAY.add("listSpectralLines")
# administration: people's links and sign-ins, everybody's keys
FACILITY |= {"createInvitation", "listSessions", "endSessions", "listAccessKeys"}
FACILITY |= {"listQueues", "listWaitingJobs", "pauseQueue", "resumeQueue", "listWorkers"}
FACILITY |= {"getSpace", "getHealthReport", "listAttention"}
# a POST that answers a question and stores nothing
STORES_NOTHING = {"planDose", "planChain", "previewRun", "estimateJob"}


@dataclass(frozen=True)
class Operation:
    """One operation of the document."""

    id: str
    method: str
    path: str

    @property
    def parameters(self) -> list[str]:
        """Return the names in its path."""
        return re.findall(r"{(\w+)}", self.path)

    @property
    def queries(self) -> set[str]:
        """Return the names of a list's query parameters."""
        entry = DOCUMENT["paths"][self.path][self.method]
        return (
            {each["name"] for each in entry.get("parameters", []) if each["in"] == "query"} if self.is_list else set()
        )

    @property
    def reads(self) -> bool:
        """Say whether it changes nothing."""
        return self.method in {"get", "head", "options"}

    @property
    def is_list(self) -> bool:
        """Say whether it lists things without naming one."""
        return self.method == "get" and not self.parameters


def operations() -> list[Operation]:
    """Return every operation of the document."""
    return [
        Operation(entry["operationId"], method, path)
        for path, item in sorted(DOCUMENT["paths"].items())
        for method, entry in item.items()
        if method in METHODS
    ]


EVERY = operations()
GUARDED = [operation for operation in EVERY if operation.id not in OPEN]
OF_PROJECTS = [operation for operation in GUARDED if operation.id not in FACILITY and operation.parameters]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator["World"]:
    """Give one running service with two projects, for all questions of this module; none of them changes it."""
    with served(tmp_path_factory.mktemp("world") / "data") as (house, client):
        yield World.build(house, client)


@dataclass
class World:
    """Two projects, who belongs to them, and one object of every kind in the first."""

    client: TestClient
    ids: dict[str, str]
    viewer: Person
    foreigner: Person
    device: Device
    foreign_device: Device
    expired: TestClient
    revoked: TestClient

    @classmethod
    def build(cls, house: House, client: TestClient) -> "World":
        """Fill the house."""
        people = People(house, client)
        project, other = add_project(house, "MINE"), add_project(house, "OTHER")
        sample = add_sample(house, project, "LS-2026-0001")
        add_sample(house, other, "LS-2026-0002")
        device, stale, gone = (add_device(house, client, [project]) for _ in range(3))
        with house.database.writing() as session:
            past = now() - timedelta(days=1)
            session.execute(update(AccessKey).where(AccessKey.id == stale.id).values(expires_at=past))
            session.execute(update(AccessKey).where(AccessKey.id == gone.id).values(revoked_at=past))
        return cls(
            client=client,
            ids=add_everything(house, project, sample, device.instrument),
            viewer=people.make(role="viewer", project=project),
            foreigner=people.make(role="steward", project=other),
            device=device,
            foreign_device=add_device(house, client, [other]),
            expired=stale.client,
            revoked=gone.client,
        )

    def path(self, operation: Operation, *, missing: bool = False) -> str:
        """Fill an operation's path with the first project's ids, or with ids of nothing."""
        path = operation.path
        for name in operation.parameters:
            assert name in self.ids, f"name the path parameter {name} in tests/objects.py"
            value = self.ids[name]
            if missing and re.match(r"^[a-z]{2,3}_[0-9a-f]{32}$", value):
                value = new_id(value.partition("_")[0])
            path = path.replace("{" + name + "}", value)
        return path

    def ask(self, client: Any, operation: Operation, *, missing: bool = False) -> httpx.Response:
        """Send an operation's smallest request."""
        headers = {"Idempotency-Key": new_id("otc"), "If-Match": '"1"', "Tus-Resumable": "1.0.0"}
        content = _smallest(operation, self.ids)
        if content is not None:
            headers["Content-Type"] = "application/json"
        if operation.id == "continueUpload":
            headers |= {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
        query = QUERIES.get(operation.id, "").format(**self.ids)
        url = f"{self.path(operation, missing=missing)}?{query}"
        answer: httpx.Response = client.request(operation.method, url, headers=headers, json=content)
        return answer


def _smallest(operation: Operation, ids: dict[str, str]) -> dict[str, Any] | None:
    """Return a body that passes validation where the route needs one, so that access decides and not form."""
    entry = DOCUMENT["paths"][operation.path][operation.method]
    if "application/json" not in entry.get("requestBody", {}).get("content", {}):
        return None
    return BODIES.get(operation.id, lambda _: {})(ids)


SPAN = {"from_at": "2026-05-04T10:00:00Z", "to_at": "2026-05-04T11:00:00Z"}
READING = {
    "kind": "screen",
    "measured_at": "2026-05-04T10:00:00Z",
    "beam_energy_kV": 300,
    "set_current_nA": 0.1,
    "measured_current_nA": 0.09,
}
PLACE = {"phase": "LiF", "beam_energy_kV": 200.0}
LIMIT = {
    **PLACE,
    "criterion": "onset_of_visible_damage",
    "dose": {"upper": 300.0, "unit": "e/A^2"},
    "temperature_K": [290.0, 300.0],
    "mode": "tem_field",
    "source": "x",
}
PLAN = {**PLACE, "temperature_K": 293.0, "beam_current_nA": 0.1, "dwell_s": 1.0, "step_nm": 1.0}
SWITCH = {"is_enabled": True}
LABEL = {"output": "x", "label": 1, "phase": "LiF"}
BODIES: dict[str, Any] = {
    "setMember": lambda _: {"role": "viewer"},
    "createSample": lambda ids: {"project_id": ids["project_id"], "name": "x", "material": "nmc"},
    "changeSample": lambda _: {"name": "other"},
    "changeProject": lambda _: {"title": "other"},
    "createProject": lambda _: {"code": "NEW", "title": "new"},
    "createUser": lambda _: {"login": "new", "display_name": "new"},
    "createInstrument": lambda _: {"code": "new", "name": "new", "technique": "tem"},
    "createEnrolment": lambda _: {},
    "changeInstrument": lambda _: {"name": "other"},
    "recordEvent": lambda _: {"type": "note", "occurred_at": "2026-05-04T10:00:00Z", "note": "x"},
    "recordExposure": lambda _: {"mode": "stem_raster", "occurred_at": "2026-05-04T10:00:00Z"},
    "recordBeam": lambda _: {"kind": "valve_log", **SPAN, "intervals": []},
    "recordBeamCalibration": lambda _: READING,
    "createRegion": lambda _: {"name": "other", "polygon_um": [[0, 0], [1, 0], [0, 1]]},
    "changeRegion": lambda _: {"name": "other"},
    "recordGasCalibration": lambda ids: standards_of(ids["instrument_id"]),
    "recordTitrationSeries": lambda ids: titration_of(ids["project_id"], ids["gas_calibration_id"]),
    "createWebhook": lambda ids: {"url": "https://10.0.0.9/x", "project_id": ids["project_id"]},
    "changeDataset": lambda _: {"calibration": {"pixel_size_nm": {"value": 1.0, "unit": "nm"}}, "reason": "x"},
}
BODIES |= {
    "createPublication": lambda ids: {"target_id": ids["sample_id"]},
    "addProtocol": lambda _: {"document": {"id": "ours"}},
    "evaluateProtocol": lambda ids: {"target_id": ids["sample_id"], "protocol_id": "simultaneous_tomography"},
}
BODIES |= {"createDoseLimit": lambda _: LIMIT, "planDose": lambda _: PLAN, "assignLabel": lambda _: LABEL}
BODIES |= dict.fromkeys(
    ("runRecipe", "previewRun"),
    lambda ids: {"recipe": "tilt_series_to_particle", "inputs": {"projections": ids["dataset_id"]}},
)
BODIES |= {"splitSample": lambda _: {"occurred_at": "2026-10-01T08:00:00Z", "parts": [{"name": "x"}]}}
BODIES |= {
    "estimateJob": lambda ids: {"method": "tomogram_sirt", "inputs": {"projections": ids["dataset_id"]}},
}
BODIES |= {"planChain": lambda ids: {"sample_id": ids["sample_id"]}}
BODIES |= {
    "writeNote": lambda _: {"text": "x"},
    "addTag": lambda _: {"tag": "x"},
    "createReviewLink": lambda ids: {"target_id": ids["sample_id"], "purpose": "x"},
}
BODIES |= {
    "importCrate": lambda ids: {"dataset_id": ids["dataset_id"]},
    "registerFile": lambda ids: {"project_id": ids["project_id"], "root": "em", "path": "a.dm3"},
    "pauseQueue": lambda _: {"reason": "x"},
    "createProcessingRule": lambda ids: rule_of(ids["project_id"]),
    "tryProcessingRule": lambda ids: {"rule": rule_of(ids["project_id"])},
    "changeProcessingRule": lambda _: {"name": "x", "action": {"method": "raster_dose"}, **SWITCH, "reason": "x"},
    "switchProcessingRule": lambda _: SWITCH,
    "beginSeries": lambda ids: series_of(ids["project_id"], ids["sample_id"]),
    "addSeriesPart": lambda ids: {"dataset_id": ids["dataset_id"], "number": 1, "tilt_deg": 0.0},
    "closeSeries": lambda _: {"parts": 3},
    "setSeriesAction": lambda _: {"method": "tomogram_sirt"},
}
QUERIES: dict[str, str] = {
    "listTagged": "tag=cathode",
    "downloadReviewed": "format=csv",
    "getRegionBudget": "phase=LiF",
    "followRegionBudget": "phase=LiF",
    "lookUpDoseLimit": "phase=LiF&temperature_K=293&beam_energy_kV=200",
    "deleteDataset": "reason=wrong",
    "deleteResult": "reason=wrong",
    "getRetentionPlan": "project_id={project_id}",
    "listRegistrationRoots": "project_id={project_id}",
    "compareRuns": "of={result_id}&of={job_id}",
    "listInputOffers": "of=tomogram_sirt&input=projections",
    "downloadResult": "output=volume&format=csv",
    "readGasCalibration": "area=2",
}


def ids_of(operation: Operation) -> str:
    """Name a test by its operation."""
    return operation.id


def test_every_operation_that_is_open_or_about_no_project_exists():
    assert set(OPEN) | FACILITY <= {operation.id for operation in EVERY} | {"describeUploads"}


def test_the_document_says_which_operations_are_open():
    without = {each.id for each in EVERY if DOCUMENT["paths"][each.path][each.method].get("security") == []}
    assert without == set(OPEN)
    assert [*DOCUMENT["components"]["securitySchemes"]] == [next(iter(each)) for each in DOCUMENT["security"]]


@pytest.mark.parametrize("operation", [each for each in EVERY if each.id in OPEN], ids=ids_of)
def test_open_operations_answer_a_stranger_as_listed(world, operation):
    world.ids.setdefault("code", "no-such-problem")
    assert world.ask(world.client, operation).status_code == OPEN[operation.id]


@pytest.mark.parametrize("operation", GUARDED, ids=ids_of)
def test_without_a_valid_credential_nothing_opens(world, operation):
    nonsense = beside(world.client, headers={"Authorization": "Bearer eyJhbGciOiJub25lIn0.e30."})
    for client in (world.client, world.expired, world.revoked, nonsense):
        answer = world.ask(client, operation)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("operation", OF_PROJECTS, ids=ids_of)
def test_a_foreign_object_answers_as_a_missing_one(world, operation):
    for client in (world.foreigner.client, world.foreign_device.client):
        foreign, missing = world.ask(client, operation), world.ask(client, operation, missing=True)
        assert foreign.status_code in ({404} if client is world.foreigner.client else {403, 404}), foreign.text
        assert _without_request_id(foreign) == _without_request_id(missing)


def _without_request_id(answer: httpx.Response) -> tuple[int, dict[str, Any]]:
    return answer.status_code, {k: v for k, v in (answer.json() if answer.content else {}).items() if k != "request_id"}


@pytest.mark.parametrize("operation", [each for each in GUARDED if each.is_list], ids=ids_of)
def test_a_list_shows_nothing_of_a_foreign_project(world, operation):
    for client in (world.foreigner.client, world.foreign_device.client):
        answer = world.ask(client, operation)
        secret = {value for value in world.ids.values() if value[:4] in {"prj_", "smp_", "evt_", "exp_", "upl_"}}
        secret |= {value for value in world.ids.values() if value.startswith(("ds_", "job_", "res_"))}
        assert not [value for value in secret if value in answer.text]


@pytest.mark.parametrize("operation", [each for each in GUARDED if "project_id" in each.queries], ids=ids_of)
def test_a_list_of_a_foreign_project_answers_as_that_of_a_missing_one(world, operation):
    address = f"{operation.path}?{QUERIES.get(operation.id, '').format(**world.ids)}&project_id="
    foreign = world.foreigner.get(f"{address}{world.ids['project_id']}")
    missing = world.foreigner.get(f"{address}{new_id('prj')}")
    assert foreign.status_code == 404
    assert _without_request_id(foreign) == _without_request_id(missing)


@pytest.mark.parametrize("operation", [each for each in GUARDED if not each.reads], ids=ids_of)
def test_a_viewer_changes_nothing(world, operation):
    if operation.id in {"signOut", "createToken"} | STORES_NOTHING:  # acts on nobody but oneself
        return
    status = world.ask(world.viewer.client, operation).status_code
    assert not 200 <= status < 300, f"{operation.id} answered {status}"
    assert status < 500


@pytest.mark.parametrize("operation", [each for each in GUARDED if each.reads], ids=ids_of)
def test_a_device_reads_nothing_but_its_own(world, operation):
    answer = world.ask(world.device.client, operation)
    own = operation.id in DEVICES_MAY | {"getUpload", "getUploadOffset"}
    assert own or answer.status_code in {403, 404}, f"{operation.id} answered {answer.status_code}"


@pytest.mark.parametrize("operation", [each for each in GUARDED if each.id in FACILITY], ids=ids_of)
def test_a_member_does_nothing_facility_wide(world, operation):
    if operation.id in MEMBERS_MAY | {"createToken", "signOut"}:
        return
    status = world.ask(world.foreigner.client, operation).status_code
    assert status in {403, 404, 422}, f"{operation.id} answered {status}"
