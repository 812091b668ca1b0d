"""Columns of the tables that lists become: an empty table has them too, and each has one type whatever the rows say."""

from collections.abc import Mapping

TEXT, INSTANT, WHOLE, NUMBER, FLAG, ANY = "str", "datetime64[us, UTC]", "int64", "float64", "bool", "object"

_TEXTS = {
    "/datasets": "created_by filename format instrument_id kind project_id sample_id sha256 state upload_id",
    "/jobs": "created_by kind method method_version project_id queue result_id retry_of sample_id state",
    "/recipe-runs": "created_by preset project_id recipe recipe_version sample_id state",
    "/results": "digest job_id project_id sample_id",
    "/samples": "cell_history code created_by electrolyte kind material name parent_id project_id",
    "/series": "acts_for created_by instrument_id kind name project_id region_id rule_id sample_id state",
}
_OTHERS = {
    "/datasets": {
        INSTANT: "acquired_at created_at",
        WHOLE: "size_bytes version",
        ANY: "arrays attributes calibration_history place problem warnings",
    },
    "/jobs": {
        INSTANT: "created_at finished_at started_at",
        WHOLE: "attempts crashes last_event_seq lost_leases seed version",
        FLAG: "cancel_requested early_finish_requested",
        ANY: "inputs params problem progress started_by",
    },
    "/recipe-runs": {
        INSTANT: "created_at finished_at",
        WHOLE: "restarts seed version",
        ANY: "inputs outputs params problem started_by steps",
    },
    "/results": {INSTANT: "created_at", WHOLE: "size_bytes", ANY: "outputs"},
    "/samples": {INSTANT: "created_at prepared_at split_at", WHOLE: "version", NUMBER: "capacity_mAh_per_cm2"},
    "/series": {
        INSTANT: "closed_at created_at",
        WHOLE: "every version",
        NUMBER: "expected rule_version",  # whole numbers, which pandas has no word for where one is missing
        ANY: "action parts problem",
    },
}


def columns_of(path: str) -> Mapping[str, str]:
    """Return the type of each column that every row of a list has, without quantities, which each row names itself."""
    groups = {TEXT: _TEXTS.get(path, ""), **_OTHERS.get(path, {})}
    return {name: dtype for dtype, names in groups.items() for name in names.split()}
