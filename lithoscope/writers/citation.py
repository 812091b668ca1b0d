"""How a result is cited: as a sentence, BibTeX, RIS and a citation file (CFF 1.2.0)."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

_DOI = re.compile(r"\b10\.\d{4,9}/[^\s,;]+")
_BIBTEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "&%$#_"},
}


@dataclass(frozen=True, slots=True)
class Citation:
    """
    What a citation states.

    Parameters
    ----------
    identifier, digest : str
        Of the result: its name in the facility, and the SHA-256 of its content.
    title : str
        What it is, and of what sample.
    author : str or None
        Who had it computed; None is not known.
    made_at : datetime
        When.
    publisher : str
        The project it belongs to.
    method, method_title, method_version : str
        What computed it.
    reference : str
        Where the method was published, in words.
    software : str
        Name and version of what ran it.
    address : str
        Where it can be read.
    """

    identifier: str
    digest: str
    title: str
    author: str | None
    made_at: datetime
    publisher: str
    method: str
    method_title: str
    method_version: str
    reference: str
    software: str
    address: str

    @property
    def dois(self) -> tuple[str, ...]:
        """Return the DOIs of the method's reference."""
        return tuple(found.rstrip(".)]") for found in _DOI.findall(self.reference))

    @property
    def by(self) -> str:
        """Return the author, or words for nobody known."""
        return self.author or "Author not recorded"

    @property
    def how(self) -> str:
        """Say what computed it."""
        about = [f"{self.method}, version {self.method_version}", *([self.reference] if self.reference else [])]
        return f"Computed with {self.software} by “{self.method_title}” ({'; '.join(about)})"


def to_text(cited: Citation) -> str:
    """Write a citation as a sentence."""
    day = cited.made_at.date().isoformat()
    return (
        f"{cited.by} ({cited.made_at.year}). {cited.title}. {cited.publisher}. Result {cited.identifier} of {day}. "
        f"{cited.how}. SHA-256 {cited.digest}. {cited.address}\n"
    )


def to_bibtex(cited: Citation) -> str:
    """Write a citation as a BibTeX entry; names of people and titles keep their letters as they are."""
    fields = {
        "author": f"{{{_escaped(cited.by)}}}",
        "title": f"{{{_escaped(cited.title)}}}",
        "year": str(cited.made_at.year),
        "month": str(cited.made_at.month),
        "publisher": _escaped(cited.publisher),
        "howpublished": _escaped(f"Result {cited.identifier}"),
        "version": _escaped(cited.method_version),
        "note": _escaped(f"{cited.how}. SHA-256 {cited.digest}"),
        "url": cited.address.replace("{", "%7B").replace("}", "%7D"),
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
    return f"@misc{{{cited.identifier},\n{lines}}}\n"


def to_ris(cited: Citation) -> str:
    """Write a citation as an RIS record of a data set."""
    fields = [
        ("TY", "DATA"),
        ("AU", cited.by),
        ("TI", cited.title),
        ("PY", str(cited.made_at.year)),
        ("DA", cited.made_at.strftime("%Y/%m/%d")),
        ("PB", cited.publisher),
        ("AN", cited.identifier),
        ("ET", cited.method_version),
        ("N1", f"{cited.how}. SHA-256 {cited.digest}"),
        *(("N1", f"DOI of the method: {doi}") for doi in cited.dois),
        ("UR", cited.address),
        ("ER", ""),
    ]
    return "".join(f"{name}  - {' '.join(value.split())}\r\n" for name, value in fields)


def to_cff(cited: Citation) -> str:
    """Write a citation file; a JSON text is a YAML text, so nothing a person wrote breaks out of it."""
    lines = [
        "cff-version: 1.2.0",
        'message: "Please cite this result as below."',
        "type: dataset",
        f"title: {_quoted(cited.title)}",
        "authors:",
        f"  - name: {_quoted(cited.by)}",
        f"date-released: {cited.made_at.date().isoformat()}",
        f"version: {_quoted(cited.method_version)}",
        f"url: {_quoted(cited.address)}",
        f"abstract: {_quoted(f'{cited.how}.')}",
        "identifiers:",
        "  - type: other",
        f"    value: {_quoted(f'sha256:{cited.digest}')}",
        '    description: "SHA-256 of the content"',
        "  - type: other",
        f"    value: {_quoted(cited.identifier)}",
        '    description: "identifier in the facility"',
    ]
    return "\n".join([*lines, *_references(cited)]) + "\n"


def _references(cited: Citation) -> list[str]:
    if not cited.reference:
        return []
    lines = ["references:"]
    for doi in cited.dois or (None,):
        lines += ["  - type: generic", f"    title: {_quoted(cited.method_title)}", "    authors:"]
        lines += [f"      - name: {_quoted(cited.reference)}"]
        lines += [f"    doi: {_quoted(doi)}"] if doi else []
    return lines


def _escaped(text: str) -> str:
    return "".join(_BIBTEX.get(letter, letter) for letter in " ".join(text.split()))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


WRITERS: dict[str, Callable[[Citation], str]] = {"text": to_text, "bibtex": to_bibtex, "ris": to_ris, "cff": to_cff}
