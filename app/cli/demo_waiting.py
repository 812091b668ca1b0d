"""What waits for somebody in the demonstration, so that its home page shows it: a late foil, a failed job."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

from app.cli.demo_service import Cast
from lithoscope.client.problems import JobFailed
from lithoscope.client.things import Dataset

LABEL = "DEMO-LI-02"
FORGOTTEN = timedelta(days=9)  # in Gen2 the inventory is spent in seven [Bai et al., Fig. 1A]


def leave_waiting(cast: Cast, dataset: Dataset) -> None:
    """Leave a foil forgotten in the glovebox and a choice of tilts that the series does not have, once."""
    client = cast.scientist
    if any(row["code"] == LABEL for row in client.connection.pages("/samples", q=LABEL)):
        return
    foil = client.samples.create(
        "Deposited lithium, not milled yet",
        project=cast.project_id,
        material="lithium_electrodeposited",
        code=LABEL,
        electrolyte="Gen2",
    )
    opened = (datetime.now(UTC) - FORGOTTEN).isoformat()
    gas = {"atmosphere": "argon", "o2_ppm": 0.05, "h2o_ppm": 0.05, "place": "glovebox 1", "source": "assumed"}
    foil.record_event("disassembly", opened, **gas)
    foil.record_event("storage", opened, **gas)
    series = next(array for array in dataset.arrays.values() if array.summary["kind"] == "tilt_series")
    with suppress(JobFailed):  # the series ends at 90 degrees: home says so
        client.run("tilt_series_subset", series, first_deg=100.0, last_deg=120.0, step_deg=10.0).wait(progress=False)
