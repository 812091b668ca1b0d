"""What tests of growing series share."""

from collections.abc import Callable

import pytest

from app.infra.db.models import Project
from app.infra.db.quotas import room_in
from app.infra.house import House


@pytest.fixture
def leave(house: House, project: Project) -> Callable[[int], None]:
    """Set the quota so that so many bytes are left beside all that counts."""

    def set_quota(left: int) -> None:
        with house.database.writing() as session:
            session.get_one(Project, project.id).quota_bytes += left - room_in(session, project.id)

    return set_quota
