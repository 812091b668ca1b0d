"""A table drawn as its plot says."""

from lithoscope.methods.base import Method, Params, Port


class TableFigureParams(Params):
    """Nothing to choose: the table says how it is drawn."""


METHOD = Method(
    id="table_figure",
    version="1",
    title="Figure of a table",
    technique="figures",
    reference="the table's own plot",
    inputs=(Port("table", kind="table", title="A table that has a plot"),),
    outputs=(Port("figure", kind="figure", title="Figure"),),
    params=TableFigureParams,
    compute="lithoscope.figures.plots:figure_of_table",
    example="lithoscope.figures.examples:small_table",
)
