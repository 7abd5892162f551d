"""A country that behaves like the real one, from a seed: intake files and, beside them, the truth.

Everything is drawn by hashing (seed, purpose, entity), so the same seed with a later `as_of` gives the same
country, weeks on: the same people and doses, with the rows that were entered since. What the truth holds is
described in `truth.py`.
"""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import pandas as pd

from analysis.errors import RequestError
from analysis.reference import read_units
from analysis.simulate.campaign.campaign import plan_campaign
from analysis.simulate.campaign.entry import slow_shares
from analysis.simulate.campaign.shapes import FIRST_DAY
from analysis.simulate.country.country import lay_out_country
from analysis.simulate.country.facilities import list_facilities
from analysis.simulate.country.residents import mover_counts
from analysis.simulate.files.containers import csv_table
from analysis.simulate.files.drawn_decisions import HEADER as DECISIONS
from analysis.simulate.files.feedback import HEADER as FEEDBACK
from analysis.simulate.files.registry import write_parquet
from analysis.simulate.files.reports import write_counts
from analysis.simulate.province import Province, World, simulate_province
from analysis.simulate.truth.people import Shares, add_shares, total_coverage, write_shares
from analysis.simulate.truth.tables import join_parts
from analysis.simulate.typing.error_draws import ErrorDraws, rates

__all__ = ["SimulationSummary", "simulate_country"]

NOTE = (
    "Dữ liệu mô phỏng, không có người thật. Hà Giang: 589.184 người từ 18 tuổi suy ra từ 387.978 / 65,85 %."
)


@dataclass(frozen=True)
class SimulationSummary:
    """What a simulation wrote: platform records, registry citizens, files, reached shares."""

    rows: int
    citizens: int
    files: int
    shares: dict[str, float] = field(default_factory=dict)


def _check(out: Path, as_of: date, scale: float, province: str | None) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise RequestError("--out: the folder exists and is not empty; name a new one")
    truth_folder = out.parent / f"{out.name}_truth"
    if truth_folder.exists() and any(truth_folder.iterdir()):
        raise RequestError("--out: the folder of its truth (…_truth) is not empty; name a new one")
    if not 0 < scale <= 1:
        raise RequestError("--scale: give a number above 0, at most 1, for example 0.01")
    if as_of < FIRST_DAY:
        raise RequestError("--as-of: the campaign began on 2021-03-08; give that day or a later one")
    codes = sorted(set(read_units()["province_code"]))
    if province is not None and province not in codes:
        raise RequestError(f"--province: a two-digit GSO code is needed, one of {' '.join(codes)}")


def _lay_out(
    out: Path, as_of: date, scale: float, province: str | None, seed: int, error_rate: float, gzip: bool
) -> World:
    """Lay out the country and the campaign, and write the files of counts."""
    country = lay_out_country(seed, scale)
    plan = plan_campaign(country)
    sites = list_facilities(country)
    errors = ErrorDraws(country.draws, sites.care, error_rate)
    duplicates = (rates()["duplicate_other_site"][0] + rates()["duplicate_retyped"][0]) * error_rate
    slow = slow_shares(country, plan, duplicates)
    write_counts(country, plan, sites, out, as_of)
    truth_folder = out.parent / f"{out.name}_truth"
    truth_folder.mkdir(parents=True, exist_ok=True)
    return World(
        country,
        plan,
        sites,
        errors,
        slow,
        mover_counts(country),
        as_of,
        out,
        truth_folder,
        province is not None,
        gzip,
    )


def _write_truth(world: World, done: dict[str, Province]) -> Shares:
    """Write coverage.parquet and shares.json and return the shares of all provinces together."""
    folder, shares = world.truth_folder, {code: p.shares for code, p in done.items()}
    coverage = total_coverage(world.country, pd.concat([p.coverage for p in done.values()]), list(done))
    write_parquet(coverage, folder / "coverage.parquet")
    total = add_shares(list(shares.values()))
    write_shares(folder / "shares.json", total, shares)
    return total


def _provinces(
    world: World, chosen: list[int], workers: int, tell: Callable[[str], None]
) -> Iterator[tuple[int, Province]]:
    """Yield provinces by their number as they are made; side by side the largest come first."""
    codes = list(world.country.provinces["province_code"])
    if workers == 1 or len(chosen) == 1:
        for number in chosen:
            tell(codes[number])
            yield number, simulate_province(world, number)
        return
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        by_size = sorted(chosen, key=lambda number: -int(world.country.province_people[number].sum()))
        made = {pool.submit(simulate_province, world, number): number for number in by_size}
        for future in as_completed(made):
            tell(codes[made[future]])
            yield made[future], future.result()


def simulate_country(
    out: Path,
    as_of: date,
    scale: float = 0.01,
    province: str | None = None,
    seed: int = 1,
    error_rate: float = 1.0,
    progress: Callable[[str], None] | None = None,
    gzip: bool = False,
    workers: int = 1,
) -> SimulationSummary:
    """Write a synthetic intake to `out` and its truth to the folder `out`_truth beside it.

    `scale` is the share of the country's people; with `province` (GSO code) only that province has people and
    exports, counts still cover the country. `error_rate` multiplies all error rates. `progress` is told the
    unit in work. `gzip` packs exports of plain text, for a large scale; `workers` provinces are in work side
    by side, each in a process of its own, which holds its people: the bytes are the same. Raises RequestError
    for a folder that is not empty, an unknown province, a scale outside (0, 1] or a day before the campaign.
    """
    _check(out, as_of, scale, province)
    tell = progress or (lambda _: None)
    tell("VN")
    world = _lay_out(out, as_of, scale, province, seed, error_rate, gzip)
    codes = list(world.country.provinces["province_code"])
    chosen = [codes.index(province)] if province else list(range(len(codes)))
    done = {codes[number]: made for number, made in sorted(_provinces(world, chosen, workers, tell))}
    join_parts(world.truth_folder)
    csv_table(
        out / "decisions" / "quyet_dinh.csv", DECISIONS, (r for p in done.values() for r in p.decisions)
    )
    csv_table(out / "feedback" / "phan_anh.csv", FEEDBACK, (r for p in done.values() for r in p.feedback))
    total = _write_truth(world, done)
    content = {"simulated": True, "note": NOTE, "seed": seed, "scale": scale, "error_rate": error_rate}
    (out / "intake.json").write_text(json.dumps(content, ensure_ascii=False) + "\n", encoding="utf-8")
    files = sum(1 for p in out.rglob("*") if p.is_file())
    rows, citizens = sum(p.rows for p in done.values()), sum(p.citizens for p in done.values())
    return SimulationSummary(rows, citizens, files, total.as_shares())
