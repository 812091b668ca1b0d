"""No form of the portal does anything for a page of another site: each one asks for the sign-in's own token."""

import re

import pytest

from app.portal.routes import routers
from tests.conftest import beside

HTML = {"Accept": "text/html"}
#: who sends these has no sign-in yet, or changes nothing but colours; all but the colours look at the sender instead
WITHOUT_TOKEN = {"/sign-in", "/setup", "/invitation", "/theme"}
POSTS = sorted(route.path for router in routers() for route in router.routes if "POST" in getattr(route, "methods", ()))


@pytest.mark.parametrize("path", [path for path in POSTS if path not in WITHOUT_TOKEN])
def test_a_form_without_the_token_of_the_sign_in_is_refused(client, people, path):
    browser = beside(client, cookies={"lithoscope_login": people.admin.cookie})
    answer = browser.post(re.sub(r"{[^}]+}", "x", path), data={"x": "1"}, headers=HTML)
    assert answer.status_code == 403


@pytest.mark.parametrize("path", sorted(WITHOUT_TOKEN - {"/theme"}))
def test_a_form_without_sign_in_is_taken_from_this_service_alone(client, path):
    elsewhere = {**HTML, "Origin": "https://elsewhere.example"}
    data = {"code": "x", "login": "x", "display_name": "X", "password": "a long enough one"}
    assert beside(client).post(path, data=data, headers=elsewhere).status_code == 403
