"""The portal's pages over the real application."""

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.lab.composition import Lab
from app.main import create_app
from app.portal.routes import routers
from tests.conftest import People, add_project, add_sample, served, settings_for
from tests.houses import furnished

PROBE = '"><img src=x onerror=alert(1)><script>alert(1)</script>'
HTML = {"accept": "text/html"}
PLAIN_PAGES = [
    "/",
    "/projects",
    "/projects/new",
    "/samples",
    "/samples/new",
    "/datasets",
    "/upload",
    "/jobs",
    "/results",
    "/methods",
    "/methods/tomogram_sirt",
    "/methods/tomogram_sirt/run",
    "/methods/raster_dose/run",
    "/recipes",
    "/recipes/tilt_series_to_particle",
    "/recipes/tilt_series_to_particle/run",
    "/recipe-runs",
    "/series",
    "/instruments",
    "/instruments/new",
    "/account",
    "/people",
    "/people/new",
    "/audit",
    "/audit/verification",
    "/audit/verification/piece",
    "/facility",
    "/access-keys",
    "/queues",
    "/disk",
    "/retention",
    "/health",
    "/invitation",
    "/deadlines",
    "/alarms",
    "/webhooks",
    "/planner",
    "/what-if",
    "/strategies",
    "/protocols",
    "/protocols/new",
    "/protocols/lithium_metal_tem",
    "/limits",
    "/limits/new",
    "/titrations",
    "/titrations/calibrations/new",
    "/titrations/series/new",
    "/reporting",
    "/tagged",
    "/styleguide",
    "/api-docs",
    "/api-docs/operations/recordEvent",
    "/api-docs/schemas/Storage",
]


def form(person, url, path=None, /, **values):
    """Send a form of a page as a browser does, with the page's own token."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', person.get(path or url, headers=HTML).text)[1]
    return person.post(url, data={"csrf_token": token, **values}, headers=HTML | {"X-CSRF-Token": ""})


@pytest.fixture(scope="module")
def facility(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """Give a facility with nothing in it, for pages that are only looked at."""
    with served(tmp_path_factory.mktemp("facility") / "data") as (house, client):
        yield People(house, client)


@pytest.mark.parametrize("path", PLAIN_PAGES)
def test_every_page_opens_with_headers_that_keep_it_safe(facility, path):
    answer = facility.admin.get(path, headers=HTML)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy.replace("wasm-unsafe-eval", "")
    assert "default-src 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", PLAIN_PAGES)
def test_no_page_holds_script_or_style_of_its_own_or_reaches_outside(facility, path):
    text = facility.admin.get(path, headers=HTML).text
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", text)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', text)


@pytest.mark.parametrize("path", sorted({*PLAIN_PAGES} - {"/invitation"}))
def test_a_stranger_is_led_to_the_sign_in_and_back(facility, path):
    answer = facility.client.get(path, headers=HTML)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=/")


def test_no_page_is_part_of_the_api_description(app: FastAPI):
    pages = {route.path for router in routers() for route in router.routes}
    assert "/samples/{sample_id}" in pages
    assert pages.isdisjoint(app.openapi()["paths"])


def test_the_first_administrator_is_made_by_the_link_and_signs_in(house, client):
    with house.database.writing() as session:
        code = Lab(house, session).accounts.first_administrator_code()
    assert code in client.get(f"/setup?code={code}", headers=HTML).text
    account = {"code": code, "login": "ada", "display_name": "Ada", "password": "four words make a sentence"}
    assert client.post("/setup", data=account, headers=HTML).headers["location"] == "/sign-in?done=administrator-made"
    sign_in = {"login": "ada", "password": "four words make a sentence", "next": "/samples"}
    answer = client.post("/sign-in", data=sign_in, headers=HTML)
    assert (answer.status_code, answer.headers["location"]) == (303, "/samples")
    assert client.get("/samples", headers=HTML).status_code == 200


def test_a_wrong_password_is_said_above_the_form_and_the_name_kept(client):
    answer = client.post("/sign-in", data={"login": "nobody", "password": "wrong"}, headers=HTML)
    assert answer.status_code == 401
    assert "Login or password is wrong" in answer.text
    assert 'value="nobody"' in answer.text
    assert "wrong&#34;" not in answer.text


def test_no_sign_in_leads_to_another_site(client):
    assert 'name="next" value="/"' in client.get("/sign-in?next=//evil.example/", headers=HTML).text


def test_a_form_without_its_token_changes_nothing(people, project):
    answer = people.admin.post(
        "/projects/new", data={"code": "P-9", "title": "Nine"}, headers=HTML | {"X-CSRF-Token": ""}
    )
    assert answer.status_code == 403
    assert "not sent by a page of this service" in answer.text


def test_a_form_of_another_site_changes_nothing(people):
    person = people.admin
    token = person.client.headers["X-CSRF-Token"]
    values = {"code": "P-9", "title": "Nine", "csrf_token": token}
    assert (
        person.post("/projects/new", data=values, headers=HTML | {"origin": "https://evil.example"}).status_code == 403
    )


def test_a_sample_is_registered_and_its_name_is_only_ever_text(people, project):
    person = people.make(role="contributor", project=project)
    answer = form(person, "/samples/new", project_id=project.id, name=PROBE, material="nmc", electrolyte=PROBE)
    assert answer.status_code == 303
    address = answer.headers["location"]
    for page in (
        address,
        "/samples",
        "/",
        f"/projects/{project.id}",
        f"{address.partition('?')[0]}/events/new",
        "/upload",
    ):
        text = person.get(page, headers=HTML).text
        assert "<img src=x" not in text
        assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in person.get(address, headers=HTML).text


def test_a_refused_form_keeps_its_answers_and_marks_the_field(people, project):
    person = people.make(role="contributor", project=project)
    answer = form(person, "/samples/new", project_id=project.id, name="Kept", material="nmc", code="lower case")
    assert answer.status_code == 422
    assert 'value="Kept"' in answer.text
    assert re.search(r'id="code"[^>]*aria-invalid="true"', answer.text)
    assert 'id="code-wrong"' in answer.text
    assert "Kept" not in person.get("/samples", headers=HTML).text


def test_a_description_is_changed_but_never_over_another_change(people, project, sample):
    person = people.make(role="contributor", project=project)
    address = f"/samples/{sample.id}/edit"
    given = {"name": "Renamed", "electrolyte": "Gen2"}
    assert form(person, address, **given, version=str(sample.version)).status_code == 303
    assert "Gen2" in person.get(f"/samples/{sample.id}", headers=HTML).text
    stale = form(person, address, **given, version=str(sample.version))
    assert stale.status_code == 412
    assert "has changed since you read it" in stale.text


def test_events_stand_in_the_timeline_with_what_is_not_recorded_said(people, project, sample):
    person = people.make(role="contributor", project=project)
    address = f"/samples/{sample.id}/events/new"
    storage = {"type": "storage", "occurred_at": "2026-03-01T10:00", "occurred_at.zone": "+00:00", "o2_ppm": "0.05"}
    page = f"{address}?type=storage"
    assert (
        form(person, address, page, **storage, ended_at="2026-03-02T22:00", **{"ended_at.zone": "+00:00"}).status_code
        == 303
    )
    transfer = {
        "type": "transfer",
        "occurred_at": "2026-03-02T22:00",
        "occurred_at.zone": "+00:00",
        "method": "glovebag",
    }
    assert form(person, address, page, **transfer).status_code == 303
    text = person.get(f"/samples/{sample.id}", headers=HTML).text
    assert "1 d 12 h" in text
    assert "36\u00a0h" in text
    assert re.search(r"In air</a></dt>\s*<dd><span class=\"figure-number is-unknown\">unknown", text)


def test_a_correction_supersedes_and_both_stay_visible(people, project, sample):
    person = people.make(role="contributor", project=project)
    address = f"/samples/{sample.id}/events/new"
    first = {"type": "disassembly", "occurred_at": "2026-03-01T10:00", "occurred_at.zone": "+00:00", "place": "box 1"}
    form(person, address, f"{address}?type=disassembly", **first)
    event_id = person.get(f"/api/v1/samples/{sample.id}/events").json()["items"][0]["id"]
    page = f"{address}?type=disassembly&supersedes={event_id}"
    assert 'value="box 1"' in person.get(page, headers=HTML).text
    assert form(person, address, page, **(first | {"place": "box 2"}), supersedes_id=event_id).status_code == 303
    text = person.get(f"/samples/{sample.id}", headers=HTML).text
    assert "box 1" in text
    assert "box 2" in text
    assert "Corrected by" in text


def test_an_implausible_number_asks_to_be_meant(people, project, sample):
    person = people.make(role="contributor", project=project)
    address = f"/samples/{sample.id}/events/new"
    given = {"type": "storage", "occurred_at": "2026-03-01T10:00", "occurred_at.zone": "+00:00", "temperature_K": "1e9"}
    page = f"{address}?type=storage"
    answer = form(person, address, page, **given)
    assert answer.status_code == 422
    assert 'name="confirm"' in answer.text
    assert form(person, address, page, **given, confirm="true").status_code == 303


def test_an_exposure_gives_its_dose_and_an_unknown_current_an_unknown_one(people, project, sample):
    person = people.make(role="contributor", project=project)
    address = f"/samples/{sample.id}/exposures/new"
    given = {"mode": "stem_raster", "occurred_at": "2026-03-03T10:00", "occurred_at.zone": "+00:00", "frames": "15"}
    numbers = {
        "beam_current_nA.value": "0.3",
        "dwell_s.value": "0.05",
        "step_nm.value": "4.63",
        "beam_energy_kV.value": "300",
    }
    sources = {f"{name.partition('.')[0]}.source": "assumed" for name in numbers}
    page = f"{address}?mode=stem_raster"
    assert form(person, address, page, **given, **numbers, **sources).status_code == 303
    assert "6.551 × 10⁵\u00a0e/Å²" in person.get(f"/samples/{sample.id}", headers=HTML).text
    known = {name: text for name, text in numbers.items() if "current" not in name}
    assert form(person, address, page, **given, **known, **sources).status_code == 303
    text = person.get(f"/samples/{sample.id}", headers=HTML).text
    assert re.search(
        r"Dose</a> of electrons at 300\u00a0kV</dt>\s*<dd><span class=\"figure-number is-unknown\">unknown", text
    )


def test_a_job_form_keeps_its_values_and_names_the_fault(people, project):
    person = people.make(role="analyst", project=project)
    reference = f"ds_{'0' * 32}/haadf"
    values = {"inputs.projections": reference, "params.iterations": "0", "params.nonnegative": "true"}
    answer = form(person, "/methods/tomogram_sirt/run", **values)
    assert answer.status_code == 422
    assert re.search(r'id="params.iterations"[^>]*aria-invalid="true"', answer.text)
    assert f'value="{reference}" selected' in answer.text


def test_an_enrolment_code_is_shown_once(people, device):
    address = f"/instruments/{device.instrument.id}"
    answer = form(people.admin, f"{address}/enrolments", address, project_id="")
    code = re.search(r'<code class="secret" id="code">([^<]+)</code>', answer.text)[1]
    assert code not in people.admin.get(address, headers=HTML).text
    made = people.admin.post("/api/v1/enrolment-redemptions", json={"code": code, "name": "PC"})
    assert made.json()["key"].startswith("lsk_")


def test_a_revoked_device_key_is_shown_as_revoked(people, device):
    address = f"/instruments/{device.instrument.id}"
    assert form(people.admin, f"{address}/device-keys/{device.id}/revocation", address).status_code == 303
    assert "revoked" in people.admin.get(address, headers=HTML).text


def test_a_token_is_shown_once_and_works(people, project, client):
    person = people.make(role="viewer", project=project)
    answer = form(person, "/account/tokens", "/account", name="notebook", **{"scope.data:read": "true"})
    text = re.search(r'<code class="secret" id="token">([^<]+)</code>', answer.text)[1]
    assert text not in person.get("/account", headers=HTML).text
    assert client.get("/api/v1/me", headers={"authorization": f"Bearer {text}"}).status_code == 200


def test_a_member_is_added_by_name_and_a_wrong_name_is_said(people, project):
    newcomer = people.make()
    address = f"/projects/{project.id}"
    wrong = form(people.admin, f"{address}/members", address, login="nobody", role="viewer")
    assert wrong.status_code == 422
    assert "Nobody has this" in wrong.text
    assert (
        form(people.admin, f"{address}/members", address, login=newcomer.user.login, role="viewer").status_code == 303
    )
    assert newcomer.get(address, headers=HTML).status_code == 200


def test_a_password_is_never_shown_again(people):
    user = people.admin.post("/api/v1/users", json={"login": "eve", "display_name": "Eve"}).json()
    code = people.admin.post(f"/api/v1/users/{user['id']}/invitations").json()["code"]
    answer = people.client.post("/invitation", data={"code": code, "password": "a secret"}, headers=HTML)
    assert answer.status_code == 422
    assert 'type="password"' in answer.text
    assert "Eve" in answer.text
    assert "a secret" not in answer.text


def test_what_belongs_to_others_is_not_found_on_any_page(house, people, project, sample):
    stranger = people.make(role="steward", project=add_project(house, "PRJ-2"))
    for page in (
        f"/projects/{project.id}", f"/samples/{sample.id}", f"/samples/{sample.id}/events/new", f"/lineage/{sample.id}",
        f"/samples/{sample.id}/exposures/new", f"/upload?sample_id={sample.id}", f"/samples/new?parent_id={sample.id}",
    ):  # fmt: skip
        answer = stranger.get(page, headers=HTML)
        assert answer.status_code == 404
        assert sample.name not in answer.text


def test_an_error_page_names_problem_and_remedy(people, project):
    answer = people.make(role="viewer", project=project).get("/audit", headers=HTML)
    assert answer.status_code == 403
    assert "Not allowed" in answer.text
    assert "What to do" in answer.text


def test_a_failure_of_the_service_is_a_page_without_its_innards(app):
    def fail():
        raise RuntimeError("a secret path")

    app.add_api_route("/broken", fail)
    with TestClient(app, raise_server_exceptions=False) as visitor:
        answer = visitor.get("/broken", headers=HTML)
    assert answer.status_code == 500
    assert "Internal error" in answer.text
    assert "What to do" in answer.text
    assert "secret" not in answer.text


def test_programs_keep_their_problem_documents(client):
    answer = client.get("/api/v1/samples", headers=HTML)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_page_that_does_not_exist_says_so(client):
    answer = client.get("/nowhere", headers=HTML)
    assert (answer.status_code, "text/html; charset=utf-8") == (404, answer.headers["content-type"])


def test_style_and_scripts_are_kept_for_ever_under_their_digest(client):
    page = client.get("/sign-in", headers=HTML).text
    address = re.search(r'href="(/static/[^"]+\.css)"', page)[1]
    answer = client.get(address)
    assert answer.headers["content-type"].startswith("text/css")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"
    plain = client.get(address, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == answer.content
    assert client.get("/static/portal.css").status_code == 404


def test_the_chosen_colours_stay(client):
    answer = client.post("/theme", data={"theme": "dark", "next": "//evil.example"}, headers=HTML)
    assert answer.headers["location"] == "/"
    assert 'data-theme="dark"' in client.get("/sign-in", headers=HTML).text


def test_samples_are_found_by_label(house, people, project):
    add_sample(house, project, "LS-2026-9002")
    answer = people.admin.get("/samples/by-code/LS-2026-9002", headers=HTML)
    assert answer.headers["location"].startswith("/samples/smp_")


def test_single_sign_on_is_offered_where_it_is_set_up(tmp_path, client):
    assert "institution" not in client.get("/sign-in", headers=HTML).text
    application = create_app(settings_for(tmp_path / "sso", oidc_issuer="https://issuer.example", oidc_client_id="us"))
    furnished(application.state.house.settings)
    with TestClient(application) as other:
        text = other.get("/sign-in", headers=HTML).text
    assert 'href="/api/v1/oidc/authorization"' in text
    assert "/api/v1/oidc/authorization" in application.openapi()["paths"]
