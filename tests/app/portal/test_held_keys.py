"""Keys on pages: whether they work, and what they may do in words."""

import re
from datetime import timedelta

from sqlalchemy import select

from app.infra.clock import now
from app.infra.db.models import AccessKey
from app.lab.access import Action
from app.portal.held_keys import WORDS
from tests.app.portal.test_pages import HTML, form


def test_every_scope_has_words():
    assert set(WORDS) == {action.value for action in Action}


def test_what_a_token_may_stands_in_words(people, project):
    person = people.make(role="viewer", project=project)
    form(person, "/account/tokens", "/account", name="notebook", **{"scope.data:read": "true"})
    for who, page in ((person, "/account"), (people.admin, "/access-keys")):
        text = who.get(page, headers=HTML).text
        assert re.search(r'data-label="May"[^>]*>read samples, datasets, jobs and results', text)


def test_a_key_that_ended_is_not_shown_as_active(people, device, house, project):
    person = people.make(role="viewer", project=project)
    form(person, "/account/tokens", "/account", name="notebook", **{"scope.data:read": "true"})
    with house.database.writing() as session:
        for key in session.scalars(select(AccessKey)):
            key.expires_at = now() - timedelta(minutes=1)
    for who, page in ((person, "/account"), (people.admin, f"/instruments/{device.instrument.id}")):
        text = who.get(page, headers=HTML).text
        assert "expired" in text
        assert ">active" not in text
        assert ">Revoke" not in text
