"""The audit's result: accuracy of the links with intervals, of the country or of the provinces that answered.

Until every list is back, the answers are a sample of some provinces: rows are counted there alone, and the result bears
the codes of those provinces. Only all 63 of them are the country (sources audit-4).
"""

from dataclasses import asdict, dataclass
from typing import Any

import duckdb
import pandas as pd

from analysis.audit.drawing import Draw
from analysis.audit.estimates import Estimate, estimate, estimate_share, new_people_pct
from analysis.audit.outcomes import Answered, compare_answers, count_people, pool_outcomes, stratum_counts
from analysis.audit.strata import BY_NAME, FRAME, NOT_FOUND
from analysis.engine import Engine, sql_text
from analysis.pipeline import AUDIT_RESULT, COUNTRY
from analysis.reference import read_provinces
from analysis.settings import RunParameters

ALL = "all"
# Provinces with files in the run: a guest's home is not among them.
_OWN_PROVINCES = """
SELECT unit_code FROM entry_progress WHERE unit_level = 'province'
GROUP BY unit_code HAVING count(doses_recorded) > 0 ORDER BY unit_code"""
_PLACES = """
SELECT unit_code, bool_or(a.look IS NOT NULL) AS is_back
FROM audit_sample LEFT JOIN (FROM audit_answers WHERE look = 1) AS a USING (source_file, source_row) GROUP BY 1"""
_OF_AUDITED = (
    "CREATE OR REPLACE TEMP TABLE audited_rows AS SELECT * FROM ({frame}) WHERE stratum IS NOT NULL {where}"
)
_PREDICTED = """
SELECT stratum, 100 * avg(CASE WHEN stratum = 'review' THEN 1 - chance ELSE f.match_probability END)
FROM audited_rows AS f LEFT JOIN (
    SELECT source_file, source_row, least(1, sum(match_probability ORDER BY match_probability)) AS chance
    FROM clerical_candidates GROUP BY ALL) USING (source_file, source_row)
WHERE f.citizen_id IS NOT NULL OR stratum = 'review'
GROUP BY stratum HAVING count(f.match_probability) > 0 ORDER BY stratum"""


@dataclass(frozen=True)
class Reach:
    """Which provinces an audit speaks for, and of which units its rows are (none named: all that were drawn from)."""

    provinces: tuple[str, ...]
    units: tuple[str, ...]

    @property
    def unit_code(self) -> str:
        """The country, where it is all provinces; else their codes with a blank between."""
        is_country = set(self.provinces) >= set(read_provinces()["province_code"])
        return COUNTRY if is_country else " ".join(self.provinces)


def find_reach(con: duckdb.DuckDBPyConnection, draw: Draw) -> Reach:
    """Return what the answers speak for: all that was drawn from once every list is back, till then who answered."""
    own = [row[0] for row in con.execute(_OWN_PROVINCES).fetchall()]
    asked = draw.provinces or tuple(own)
    places = dict(con.execute(_PLACES).fetchall())
    if all(places.values()):
        return Reach(asked, draw.provinces)
    back = tuple(code for code in asked if places.get(code))
    return Reach(back, back)


@dataclass(frozen=True)
class AuditResult:
    """What an audit found: how far it is, its measures with limits, and right rows by stratum.

    `unit_code`: the country, or the codes of the provinces it speaks for (empty: none answered). `predicted`: the share of
    right rows by the model's own probabilities. `new_people`: how many people a hundred rows of a stratum in which nobody
    was found, and of all those strata, would add to the count.
    """

    unit_code: str
    answered: Answered
    measures: dict[str, Estimate]
    strata: dict[str, tuple[int, int, Estimate]]
    new_people: dict[str, Estimate]
    predicted: dict[str, Estimate]

    def rows(self, run: RunParameters) -> pd.DataFrame:
        """Return the rows of the table `link_audit` (interfaces, results)."""
        answered = sum(looked for looked, _, _ in self.strata.values())
        rows = [(ALL, name, answered, one) for name, one in self.measures.items()]
        rows += [(name, "right_pct", looked, one) for name, (looked, _, one) in self.strata.items()]
        rows += [(name, "predicted_pct", self.strata[name][0], one) for name, one in self.predicted.items()]
        looked = {name: looked for name, (looked, _, _) in self.strata.items()}
        looked[ALL] = sum(looked[name] for name in self.new_people if name != ALL)
        rows += [(name, "new_people_pct", looked[name], one) for name, one in self.new_people.items()]
        return pd.DataFrame(
            [
                {
                    "unit_code": self.unit_code,
                    "stratum": stratum,
                    "measure": measure,
                    "sampled": sampled,
                    "estimate": one.value,
                    "low": one.low,
                    "high": one.high,
                    "audited_as_of": run.as_of,
                }
                for stratum, measure, sampled, one in rows
            ]
        )

    def as_data(self) -> dict[str, Any]:
        """Return the same as JSON-like data."""
        return {
            "unit_code": self.unit_code,
            "look_ups": asdict(self.answered),
            "measures": {name: asdict(one) for name, one in self.measures.items()},
            "strata": {
                name: {"answered": looked, "errors": errors} | asdict(one)
                for name, (looked, errors, one) in self.strata.items()
            },
        }


def report_audit(con: duckdb.DuckDBPyConnection, draw: Draw) -> AuditResult:
    """Compare all answers with the links and estimate; needs `entry_progress` and what `compare_answers` does."""
    answered = compare_answers(con)
    reach = find_reach(con, draw)
    if not reach.provinces:
        return AuditResult("", answered, {}, {}, {}, {})
    _count_rows(con, reach)
    outcomes = pool_outcomes(con, _rows_by(con, "pool"), reach.units)
    rows = _rows_by(con, "stratum")
    strata = {
        name: (looked, errors, estimate_share(rows[name], looked, errors))
        for name, (looked, errors) in stratum_counts(con, reach.units).items()
        if looked
    }
    people = count_people(con, reach.units)
    measures = estimate(list(outcomes.values()), people) if strata else {}
    ordered = {name: strata[name] for name in BY_NAME if name in strata}
    not_found = {name: outcomes[name] for name in NOT_FOUND if name in ordered}
    new_people = {name: new_people_pct([outcome]) for name, outcome in not_found.items()}
    if not_found:
        new_people = {ALL: new_people_pct(list(not_found.values()))} | new_people
    predicted = {name: one for name, one in _predicted(con).items() if name in ordered}
    return AuditResult(reach.unit_code, answered, measures, ordered, new_people, predicted)


def _count_rows(con: duckdb.DuckDBPyConnection, reach: Reach) -> None:
    """Make `audited_rows`: every row of the run that the answers speak for."""
    units = ", ".join(sql_text(code) for code in reach.units)
    where = f"AND unit_code IN ({units})" if reach.units else ""
    con.execute(_OF_AUDITED.format(frame=FRAME, where=where))


def _rows_by(con: duckdb.DuckDBPyConnection, column: str) -> dict[str, int]:
    return dict(con.execute(f"SELECT {column}, count(*) FROM audited_rows GROUP BY 1 ORDER BY 1").fetchall())


def _predicted(con: duckdb.DuckDBPyConnection) -> dict[str, Estimate]:
    """Return stratum → the mean probability, over all of its rows, that the verdict is right, in percent.

    A row in review is right in naming nobody when none of its candidates is the person.
    """
    return {name: Estimate(pct, pct, pct) for name, pct in con.execute(_PREDICTED).fetchall()}


def write_result(con: duckdb.DuckDBPyConnection, run: RunParameters, result: AuditResult) -> None:
    """Write the result beside the audited run's counts, for the pages of the next week."""
    con.register("given", result.rows(run))
    Engine(con).write_table(
        run.aggregate / f"{AUDIT_RESULT}.parquet",
        "SELECT * REPLACE (CAST(audited_as_of AS DATE) AS audited_as_of) FROM given",
    )
    con.unregister("given")
