"""First doses by product: shares, kernels and what second doses gain from them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import RequestError
from analysis.evaluate.forecasts.interval_scores import weighted_interval_score
from analysis.evaluate.forecasts.product_files import read_product_file, with_products
from analysis.evaluate.forecasts.rivals.methods import METHODS
from analysis.trends.forecast.product_intervals import share_products
from analysis.trends.forecast.second_doses import estimate_kernels
from analysis.trends.forecast.series import Panel
from coverage_samples import OTHER_COMMUNE, Week, count_sample, dose

WEEKS, UNITS, EARLY, LATE = 40, 8, 3, 9


def _two_products(turn: int = 24) -> tuple[Panel, Panel, np.ndarray]:
    """Return a panel without and with shares, and the cumulative second doses of its weeks and eight more.

    From week `turn` on the campaign moves from a product with nine weeks between doses to one with three.
    """
    draws = np.random.default_rng(1)
    gains = draws.uniform(0.8, 1.6, (UNITS, WEEKS + 8))
    share = np.clip((np.arange(WEEKS + 8) - turn) / 10, 0, 1) * draws.uniform(0.8, 1, (UNITS, 1))
    second = np.zeros_like(gains)
    second[:, EARLY:] += (gains * share)[:, :-EARLY]
    second[:, LATE:] += (gains * (1 - share))[:, :-LATE]
    weeks = np.datetime64("2021-01-03") + 7 * np.arange(WEEKS)
    values = {
        "at_least_one": gains.cumsum(axis=1)[:, :WEEKS],
        "primary_complete": second.cumsum(axis=1)[:, :WEEKS],
    }
    plain = Panel("XX", tuple(f"u{k}" for k in range(UNITS)), weeks, values)
    shares = np.stack([share, 1 - share], axis=2)[:, :WEEKS]
    known = Panel(plain.country, plain.unit_codes, weeks, values, shares)
    return plain, known, second.cumsum(axis=1)


def test_each_product_has_its_own_interval() -> None:
    _, known, _ = _two_products()
    assert known.shares is not None
    gains, second = (
        np.diff(known.values[s], axis=1, prepend=0) for s in ("at_least_one", "primary_complete")
    )
    kernels = estimate_kernels([gains * known.shares[:, :, k] for k in range(2)], second)
    assert kernels.argmax(axis=1).tolist() == [EARLY, LATE]


@pytest.mark.parametrize("method", ["convolution", "pooled"])
def test_second_doses_are_told_better_by_product(method: str) -> None:
    scores: list[list[float]] = [[], []]
    for turn in (16, 22, 28):
        plain, known, truth = _two_products(turn)
        for weeks in (26, 30, 34, 38):
            after = truth[:, [weeks + 1, weeks + 3]]
            for k, panel in enumerate((plain, known)):
                past = panel.first_weeks(weeks)
                values = METHODS[method](past, "primary_complete", (2, 4))
                scores[k].append(weighted_interval_score(values, after).mean())
    assert np.mean(scores[1]) < 0.9 * np.mean(scores[0])


def test_the_past_knows_the_shares_of_the_past() -> None:
    _, known, _ = _two_products()
    past = known.until(known.weeks[9])
    assert past.shares is not None and past.shares.shape[1] == 10
    assert past.first_weeks(4).shares is not None


def _rows(rows: list[tuple[str, str, str, float]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["unit_code", "day", "product", "doses"])
    return frame.assign(day=pd.to_datetime(frame["day"]))


def test_shares_sum_to_one_and_lean_on_the_group() -> None:
    weeks = np.array(["2021-10-31", "2021-11-07"], dtype="datetime64[D]")
    rows = _rows([("a", "2021-11-03", "AstraZeneca", 9000.0), ("b", "2021-11-07", "Vero Cell", 1.0)])
    shares = share_products(rows, ("a", "b", "c"), weeks)
    assert shares is not None and np.allclose(shares.sum(axis=2), 1)
    assert shares[0, 1, 0] > 0.99 and shares[1, 1, 0] > 0.9  # one dose does not speak against nine thousand
    assert share_products(rows[:0], ("a",), weeks) is None


def test_a_file_serves_the_countries_whose_units_it_holds(tmp_path: Path) -> None:
    plain, _, _ = _two_products()
    lines = ["vaccination_date,unit_code,product,dose_number,doses"]
    lines += [f"2021-01-04,u{k},A,1,10\n2021-01-05,u{k},A,2,99" for k in range(UNITS)]
    path = tmp_path / "p.csv"
    path.write_text("\n".join(lines), "utf-8")
    rows = read_product_file(path)
    assert rows["doses"].tolist() == [10.0] * UNITS
    assert with_products(plain, rows).shares is not None
    assert with_products(plain, rows[rows["unit_code"] != "u0"]).shares is None
    path.write_text("\n".join([*lines[:1], "4/1/2021,u0,A,1,10"]), "utf-8")
    with pytest.raises(RequestError, match="cannot be read"):
        read_product_file(path)


def test_coverage_counts_first_doses_by_product(tmp_path: Path) -> None:
    doses = [
        dose("A", "2021-11-01", vaccine="AstraZeneca"),
        dose("B", "2021-11-07", vaccine="AstraZeneca"),
        dose("C", "2021-10-31", vaccine="Comirnaty", commune=OTHER_COMMUNE),
        dose("A", "2021-11-01", 2, vaccine="Comirnaty"),
    ]
    rows = count_sample(Week(doses, []), tmp_path).rows("first_doses_by_product", unit_level="province")
    assert [(str(r["reference_date"]), r["vaccine"], r["doses"]) for r in rows] == [
        ("2021-10-31", "Comirnaty", 1),
        ("2021-11-07", "AstraZeneca", 2),
    ]
