"""What the settings say of a series that is processed while it grows."""

from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Seconds = Annotated[float, Field(ge=0)]
NAMED = frozenset({"number", "tilt", "z"})  # names of a rule's pattern that say which part a file is


class Live(BaseModel):
    """
    A folder whose files are parts of one series, each sent and processed as soon as it is finished.

    Parameters
    ----------
    kind : {"tilt_series", "slices"}
        What it is.
    every : int
        How many new parts make a refresh of the result.
    method, recipe : str
        What refreshes it; the series is only gathered when neither is named.
    preset : str
        Of a recipe.
    parameters : dict
        Of the method or recipe, units in the names.
    rule : str
        Processing rule (``apr_...``) of the project that says what refreshes it; a device key may name one.
    quiet_s : float
        How long a part must not have changed whose header tells that it is whole; others wait as all files do.
    close_after_s : float
        The series is closed when nothing came or changed for so long.
    marker : str
        Name of a file in its folder that says it is complete.
    parts : int
        How many there will be; the series is closed as soon as they are there.
    first_number : int
        Number of the first part: 0 or 1, as the program counts.
    region : str
        Region (``rgn_...``) of the sample where the beam lies.
    slice_nm : float
        Distance of two slices whose depth neither name nor side-car tells.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["tilt_series", "slices"] = "tilt_series"
    every: int = Field(default=3, ge=1, le=1000)
    method: str | None = None
    recipe: str | None = None
    preset: str | None = None
    parameters: dict[str, Any] = {}
    rule: str | None = Field(default=None, pattern=r"^apr_[0-9a-f]{32}$")
    quiet_s: Seconds = 10.0
    close_after_s: Seconds = 900.0
    marker: str | None = None
    parts: int | None = Field(default=None, ge=2, le=5000)
    first_number: int = Field(default=1, ge=0, le=1)
    region: str | None = Field(default=None, pattern=r"^rgn_[0-9a-f]{32}$")
    slice_nm: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if self.method is not None and self.recipe is not None:
            raise ValueError("name either a method or a recipe")
        if self.rule is not None and (self.method is not None or self.recipe is not None):
            raise ValueError("a rule says what is run: name no method or recipe beside it")
        if self.method is None and self.recipe is None and (self.parameters or self.preset):
            raise ValueError("parameters and preset belong to a method or recipe: name it")
        if self.preset is not None and self.recipe is None:
            raise ValueError("a preset is a recipe's; of a method it stands in its parameters")
        if self.marker is not None and PurePosixPath(self.marker).name != self.marker:
            raise ValueError("marker is the name of a file in the folder, without a path")
        if self.slice_nm is not None and self.kind != "slices":
            raise ValueError("slice_nm is of slices")
        return self

    @property
    def place(self) -> Literal["tilt_deg", "z_nm"]:
        """Return what says where a part belongs, as the service calls it."""
        return "tilt_deg" if self.kind == "tilt_series" else "z_nm"

    @property
    def action(self) -> dict[str, Any] | None:
        """Return what refreshes the result, as the service takes it; None when it is only gathered."""
        if self.method is None and self.recipe is None:
            return None
        named = {"method": self.method} if self.method else {"recipe": self.recipe}
        return {**named, "parameters": self.parameters, **({"preset": self.preset} if self.preset else {})}
