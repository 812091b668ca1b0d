"""The client: what a notebook or a script needs, in about ten names."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from lithoscope.client.config import find_access
from lithoscope.client.connection import Connection
from lithoscope.client.packing import PackedFolder
from lithoscope.client.problems import ClientError
from lithoscope.client.progress import bar
from lithoscope.client.registering import place_of, register_file
from lithoscope.client.sample import Sample
from lithoscope.client.samples import Samples
from lithoscope.client.series import Growing
from lithoscope.client.things import Dataset
from lithoscope.client.upload import LocalFile, send_file


class Client(Growing):
    """
    A service, seen from Python.

    Parameters
    ----------
    url : str, optional
        Address of the service; LITHOSCOPE_URL, else what `lithoscope login` wrote.
    token : str, optional
        ``lsk_...``; LITHOSCOPE_TOKEN, else what `lithoscope login` wrote.
    progress : bool
        False keeps every call silent.
    """

    def __init__(self, url: str | None = None, token: str | None = None, *, progress: bool = True) -> None:
        access = find_access(url, token)
        self.connection = Connection(access.url, access.token)
        self.samples = Samples(self.connection, self.default_project)
        self.connection.shows_progress = progress

    @property
    def url(self) -> str:
        """Return the address of the service."""
        return self.connection.url

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def __enter__(self) -> Self:
        """Use the client in a ``with`` block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it at the end."""
        self.close()

    def default_project(self) -> str:
        """Return LITHOSCOPE_PROJECT, else your only project."""
        if named := os.environ.get("LITHOSCOPE_PROJECT"):
            return named
        projects = [row["id"] for row in self.connection.pages("/projects")]
        if len(projects) != 1:
            raise ClientError(f"you see {len(projects)} projects: say which with project=... or LITHOSCOPE_PROJECT")
        return str(projects[0])

    def upload(
        self,
        path: str | Path,
        *,
        sample: Sample | str | None = None,
        project: str | None = None,
        progress: bool | None = None,
        attributes: str | None = None,
    ) -> Dataset:
        """
        Send a file; a transfer that was cut goes on where it stopped, also after a restart.

        Parameters
        ----------
        path : path
            The file; it is only read. A folder is the scans of one simultaneous tilt series: ``series.csv`` and the
            files it names, or Velox or DigitalMicrograph files. It is packed on its way.
        sample : Sample or str, optional
            The sample it shows: an object, an identifier or a label.
        project : str, optional
            Its project; the sample's when left out.
        progress : bool, optional
            False silences the bar.
        attributes : str, optional
            JSON object kept with the dataset.
        """
        path = Path(path)
        source = PackedFolder(path) if path.is_dir() else LocalFile(path)
        metadata = {"filename": source.name, **self._owner(sample, project)}
        if attributes is not None:
            metadata["attributes"] = attributes
        with bar(source.name, shown=self.connection.shows(progress), unit="bytes") as advance:
            dataset_id = send_file(self.connection, source, metadata, advance)
        return self.dataset(dataset_id)

    def register(
        self,
        path: str,
        *,
        root: str | None = None,
        sample: Sample | str | None = None,
        project: str | None = None,
        instrument: str | None = None,
        progress: bool | None = None,
        attributes: dict[str, Any] | None = None,
        members: Sequence[str] | None = None,
    ) -> Dataset:
        """
        Register a file that lies on the facility's storage, where it lies; nothing of it is sent, copied or changed.

        Waits until the service has hashed it. The dataset reads the file there, and says so when it is gone or changed.
        A folder is one dataset of all its files, such as the slices of a FIB.

        Parameters
        ----------
        path : str
            Its path below the root, with ``/``; ``root:path`` when the root is left out.
        root : str, optional
            Name of a root of the facility (see `roots`).
        sample, project, progress
            As for `upload`.
        instrument : str, optional
            Identifier of what recorded it.
        attributes : dict, optional
            Kept with the dataset.
        members : sequence of str, optional
            Names of the files beside it, or in the folder, that are one dataset with it; ``*`` and ``?`` stand for any
            characters and for one: ``client.register("em:scan_master.h5", members=["scan_data_*.h5"])``.
        """
        place = (root, path) if root is not None else place_of(path)
        body: dict[str, Any] = {"root": place[0], "path": place[1], **self._owner(sample, project)}
        told = None if members is None else list(members)
        optional = {"instrument_id": instrument, "attributes": attributes, "members": told}
        body |= {name: value for name, value in optional.items() if value is not None}
        with bar(place[1].rpartition("/")[2], shown=self.connection.shows(progress), unit="bytes") as advance:
            dataset_id = register_file(self.connection, body, advance)
        return self.dataset(dataset_id)

    def roots(self, project: str | None = None) -> list[str]:
        """Return the roots of the facility's storage whose files may be registered in a project."""
        found = self.connection.get("/registration-roots", project_id=project or self.default_project())
        return [str(each["name"]) for each in found]

    def _owner(self, sample: Sample | str | None, project: str | None) -> dict[str, str]:
        """Say whom a file belongs to: its project, and its sample where one is given."""
        if isinstance(sample, str):
            known = project is not None and sample.startswith("smp_")  # a device may not read samples
            sample = Sample(self.connection, f"/samples/{sample}") if known else self.samples.get(sample)
        project_id = project or (str(sample.project_id) if sample is not None else self.default_project())
        return {"project_id": project_id} if sample is None else {"project_id": project_id, "sample_id": sample.id}

    def import_crate(
        self,
        path: str | Path,
        project: str | None = None,
        *,
        codes: Mapping[str, str] | None = None,
        is_rehearsal: bool = False,
    ) -> dict[str, Any]:
        """
        Take in an RO-Crate or ``.eln`` that another Lithoscope exported; it is sent to the project first.

        Parameters
        ----------
        path : path
            The zip.
        project : str, optional
            Where it goes; you must be a steward there. Yours when you have only one.
        codes : mapping of str to str, optional
            Other labels for samples whose own are taken there.
        is_rehearsal : bool
            Tell what would come, and take nothing in.
        """
        crate = self.upload(path, project=project)
        body = {"dataset_id": crate.id, "codes": dict(codes or {}), "is_rehearsal": is_rehearsal}
        return dict(self.connection.post("/imports", body))
