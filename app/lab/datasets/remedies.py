"""What a person can do about a file that the reader refused, by the code of the refusal."""

from collections.abc import Mapping
from typing import Any

_REMEDIES = {
    "empty-file": "It holds nothing: copy it from the instrument again once its program is done writing.",
    "truncated-file": "It ends too early: copy it from the instrument again once its program is done writing.",
    "type-mismatch": "Its bytes are not what its name says: give it the ending of its own format, or export it anew.",
    "unsupported-type": "Export it from the instrument's program in one of the formats this facility reads.",
    "too-large": "Send it in parts, crop or bin it before, or ask the facility for a larger limit.",
    "compression-ratio": "It unpacks to far more than it is: export it without compression.",
    "chunk-too-large": "One piece of it unpacks to too much: export it in smaller chunks, one tilt or slice in each.",
    "external-reference": "Parts of it lie in other files: export it as one file that holds everything.",
    "link-cycle": "Its links lead in circles: export it as one file without links.",
    "unsupported-filter": "It is packed in a way that is not read here: export it with gzip or without compression.",
    "pickled-content": "It holds Python objects, which run as programs and are never opened: save plain arrays.",
    "unsafe-archive": "Names in the archive lead out of it: pack the files themselves, without links.",
    "unsafe-xml": "Its header defines or fetches other documents: export it without them.",
    "pruned-file": "Its program removed the data it is about: export it before it is pruned.",
    "bad-companion": "Mend the file of angles or notes beside it, then send both again.",
    "missing-subshell": "Export the table with every subshell of the edge.",
    "missing-tilt": "Send the missing scan with the others, or take that tilt out of the list of scans.",
    "duplicate-tilt": "Name one scan of each tilt; mark the repeated ones as such in the list of scans.",
    "unknown-tilt": "Write the angle of every scan into the list of scans.",
    "mixed-sizes": "Scans of one series have one field and step: send those that differ as a dataset of their own.",
    "mixed-energies": "Spectra of one series have one energy axis: send those that differ as a dataset of their own.",
    "reversed-energy-axis": "Export the spectra with rising energies.",
    "unnumbered-slice": "Take the file that is no slice out of the folder, or number it, then send the folder again.",
    "duplicate-slice": "Keep one file of each number in the folder, then send it again.",
    "source-changed": "Put the file back as it was, register it where it is now, or upload the same bytes, then retry.",
    "too-many-open": "Have the facility raise the limit of open files that is named, or send the files as one archive.",
    "bad-manifest": "Mend the list of scans at the line that is named.",
}
_OTHERWISE = "Open it in the program that wrote it; if it opens there, export it anew, else copy it again."


def remedy_of(problem: Mapping[str, Any]) -> str:
    """Say what to do about a refusal; general words where its code is not one of the reader's."""
    return _REMEDIES.get(str(problem.get("type", "")).rpartition("/")[2], _OTHERWISE)
