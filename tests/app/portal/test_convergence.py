"""The curve of a job's steps."""

from app.portal.convergence import Convergence


def test_each_measure_is_a_curve_with_gaps_where_a_step_did_not_give_it():
    found = Convergence.of([{"done": 1, "total": 3, "residual": 0.5}, {"done": 2, "residual": 0.2, "r_free": 0.4}])
    assert found.to_json() == {"steps": [1.0, 2.0], "measures": {"residual": [0.5, 0.2], "r_free": [None, 0.4]}}
    assert found.latest == {"Residual": 0.2, "R free": 0.4}


def test_a_stage_that_counts_anew_goes_on_where_the_last_one_ended():
    told = [{"done": done, "residual": 1.0, "stage": stage} for stage, done in (("a", 1), ("a", 2), ("b", 1), ("b", 2))]
    assert Convergence.of(told).steps == [1.0, 2.0, 3.0, 4.0]


def test_steps_without_a_number_are_no_points():
    nan = float("nan")
    assert Convergence.of([{"done": 1, "total": 2}, {"done": 2, "residual": nan}, {"stage": "x"}]).steps == []


def test_one_point_is_no_curve():
    assert Convergence.of([{"done": 1, "residual": 0.5}]).chart is None
    assert Convergence.of([{"done": 1, "residual": 0.5}, {"done": 2, "residual": 0.1}]).chart is not None
