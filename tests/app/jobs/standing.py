"""Jobs as they stand, straight in the database."""

from app.infra.clock import now
from app.infra.db.models import Job
from app.infra.ids import new_id


def add_job(house, project, person, state, **more):
    """Add a job of a person in a state."""
    values = {"kind": "analysis", "method": "tomogram_sirt", "method_version": "1", "queue": "cpu-long", "seed": 0}
    moments = {"created_at": now(), "finished_at": now() if state == "failed" else None}
    job = Job(id=new_id("job"), project_id=project.id, created_by=person.id, state=state, inputs={}, params={},
              **values, **moments, **more)  # fmt: skip
    with house.database.writing() as session:
        session.add(job)
    return job
