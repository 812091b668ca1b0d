"""The portal on the production database."""

import pytest

from tests.app.portal.test_pages import HTML, PLAIN_PAGES
from tests.conftest import settings_for

pytestmark = pytest.mark.postgres


@pytest.fixture
def settings(tmp_path, postgres_url):
    """Give settings of a service on PostgreSQL."""
    return settings_for(tmp_path / "data", database_url=postgres_url)


def test_every_page_opens_on_postgresql(people, project, sample):
    things = [f"/projects/{project.id}", f"/samples/{sample.id}", f"/samples/{sample.id}/events/new?type=storage"]
    things += [f"/samples/{sample.id}/{room}" for room in ("dose", "compliance", "report")]
    for path in [*PLAIN_PAGES, *things]:
        assert people.admin.get(path, headers=HTML).status_code == 200, path
