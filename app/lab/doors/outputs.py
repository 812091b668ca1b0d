"""Pictures and copies of a result's outputs over HTTP, alike for members and reviewers."""

from typing import Any, Literal

from fastapi import Request, Response
from fastapi.responses import FileResponse

from app.infra.db.models import Dataset, Result
from app.infra.exports import DamagedTree, Export, ExportRefused, Exports, ExportsBusy
from app.lab.composition import Lab
from app.lab.doors.arrays import StoredArray
from app.lab.doors.dependencies import public_address
from app.lab.doors.files import ATTACHMENT, IntegrityFailure
from app.lab.doors.trees import serve_tree_file
from app.lab.results.service import ConversionBusy, FormatDoesNotFit
from lithoscope.writers.citation import WRITERS

PictureFormat = Literal["png", "svg", "gif"]
OmeEdition = Literal["0.5", "0.4"]
DRAWN: dict[int | str, dict[str, Any]] = {
    200: {"description": "The picture", "content": {"image/png": {}, "image/svg+xml": {}, "image/gif": {}}}
}

CitationFormat = Literal["text", "bibtex", "ris", "cff"]
_CITED_AS: dict[str, tuple[str, str]] = {
    "text": ("text/plain; charset=utf-8", "txt"),
    "bibtex": ("application/x-bibtex; charset=utf-8", "bib"),
    "ris": ("application/x-research-info-systems; charset=utf-8", "ris"),
    "cff": ("application/yaml; charset=utf-8", "cff"),
}
CITED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The citation",
        "content": {
            kind: {"schema": {"type": "string"}}
            for kind in (
                "text/plain",
                "application/x-bibtex",
                "application/x-research-info-systems",
                "application/yaml",
            )
        },
    }
}


def serve_citation(lab: Lab, request: Request, result: Result, form: CitationFormat) -> Response:
    """Answer with the citation of a result; the file's name is its identifier."""
    text = WRITERS[form](lab.citations.of(result, address_of(request, result)))
    media_type, extension = _CITED_AS[form]
    headers = {"Content-Disposition": f'attachment; filename="{result.id}.{extension}"'}
    return Response(text, media_type=media_type, headers=headers)


def address_of(request: Request, result: Result) -> str:
    """Return the address people open a result at."""
    return f"{public_address(request)}/results/{result.id}"


def serve_picture(lab: Lab, request: Request, output: StoredArray, form: PictureFormat) -> Response:
    """Answer with a figure or film in one of the formats it was drawn in."""
    return serve_tree_file(lab.house, request, output.tree, f"{output.name}.{form}")


def serve_copy(
    lab: Lab, result: Result, output: str | None, format_name: str, *, edition: OmeEdition = "0.5"
) -> Response:
    """Answer with one output in a format it fits, streamed from the copy that is made now unless it was before."""
    summary = lab.results.output(result, output)
    lab.results.check_format(summary, format_name)
    stem = lab.results.download_name(result, summary["name"])
    about = {"result_id": result.id, "run_record": result.run_record}
    lab.session.rollback()  # a conversion takes long: the connection goes back first
    asked = _ask_for(format_name, edition)
    return _attachment(_made(lab, result.store_key, summary, format_name=asked, about=about), stem)


def serve_array_copy(lab: Lab, dataset: Dataset, name: str, format_name: str, *, edition: OmeEdition) -> Response:
    """Answer with one array of a dataset in a format it fits."""
    summary = lab.datasets.array(dataset, name)
    lab.results.check_format(summary, format_name)
    stem = f"{lab.datasets.download_name(dataset).rpartition('.')[0] or dataset.id}_{name}"
    about = {"dataset_id": dataset.id}
    lab.session.rollback()  # a conversion takes long: the connection goes back first
    asked = _ask_for(format_name, edition)
    return _attachment(_made(lab, dataset.store_key, summary, format_name=asked, about=about), stem)


def _ask_for(format_name: str, edition: OmeEdition) -> str:
    return "ome-zarr-0.4" if format_name == "ome-zarr" and edition == "0.4" else format_name


def _made(lab: Lab, tree: str | None, summary: dict[str, Any], *, format_name: str, about: dict[str, Any]) -> Export:
    exports = Exports(lab.house.store, lab.house.staging / "exports")
    try:
        return exports.file(tree or "", summary, format_name, about)
    except ExportRefused as error:
        raise FormatDoesNotFit(str(error)) from None
    except ExportsBusy:
        raise ConversionBusy from None
    except DamagedTree:
        raise IntegrityFailure from None


def _attachment(export: Export, stem: str) -> Response:
    headers = {
        **ATTACHMENT,
        "ETag": f'"{export.sha256}"',
        "Content-Disposition": f'attachment; filename="{stem}.{export.extension}"',
    }
    return FileResponse(export.path, headers=headers, media_type="application/octet-stream")
