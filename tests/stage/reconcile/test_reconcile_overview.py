"""Counts of the reconcile notebook: every row stands once, and what is left has a reason."""

import pytest

from analysis import reconcile
from analysis.reconcile.shown import count_methods
from conftest import PublishedRun

REASONS = {
    *("several_candidates", "one_doubtful_candidate", "too_little_to_search", "decided_not_in_registry"),
    *("nobody_found_with_citizen_number", "nobody_found_with_old_number", "nobody_found_without_number"),
}


@pytest.mark.parametrize("column", ["province_code", "ethnicity"])
def test_rows_by_rule_add_up_to_all_rows(tiny: PublishedRun, column: str) -> None:
    by_rule = reconcile.count_methods_by(tiny.run, column)
    methods = count_methods(tiny.run)
    assert by_rule.to_numpy().sum() == methods["rows"].sum()
    linked = methods[methods["link_method"].notna()].groupby("link_method")["rows"].sum()
    assert by_rule.drop(columns="none").sum().to_dict() == linked.to_dict()


@pytest.mark.parametrize("column", ["province_code", "ethnicity"])
def test_every_row_left_has_one_reason(tiny: PublishedRun, column: str) -> None:
    left = reconcile.count_left(tiny.run, column)
    methods = count_methods(tiny.run)
    open_rows = methods[methods["link_status"].isin(["clerical_review", "not_in_registry", "insufficient"])]
    assert left.to_numpy().sum() == open_rows["rows"].sum() > 0
    assert set(left.columns) <= REASONS


def test_expected_errors_are_sums_of_the_chances_of_weighed_rows(tiny: PublishedRun) -> None:
    found = reconcile.count_expected_errors(tiny.run).set_index("error")
    methods = count_methods(tiny.run)
    weighed = (
        methods[methods["link_status"].isin(["verified", "matched"])].groupby("link_method")["rows"].sum()
    )
    review = methods[methods["link_status"] == "clerical_review"]["rows"].sum()
    assert found["rows"].get("false", 0) == weighed.get("probabilistic", 0) > 0
    assert found["rows"].get("missed", 0) <= review
    assert ((found["expected"] >= 0) & (found["expected"] <= found["rows"])).all()
