"""Every type of custody event has a form that opens and can be corrected."""

import pytest

from app.portal.pages.events import TYPES
from tests.app.portal.test_pages import HTML


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_every_type_of_event_has_its_form(people, project, sample, kind):
    answer = people.make(role="contributor", project=project).get(
        f"/samples/{sample.id}/events/new?type={kind}", headers=HTML
    )
    assert answer.status_code == 200
    assert 'name="occurred_at"' in answer.text
