"""The audit's result: accuracy of the links with intervals, by province country-wide or of those audited."""

from dataclasses import asdict, dataclass
from typing import Any

import duckdb
import pandas as pd

from analysis.audit.drawing import DrawnSample
from analysis.audit.estimates import Estimate, estimate, estimate_share, new_people_pct
from analysis.audit.outcomes import Answered, compare_answers, count_people, pool_outcomes, stratum_counts
from analysis.audit.strata import BY_NAME, FRAME, NOT_FOUND
from analysis.engine import Engine, sql_text
from analysis.pipeline import AUDIT_RESULT, COUNTRY
from analysis.settings import RunParameters

ALL = "all"
_PREDICTED = f"""
SELECT stratum, 100 * avg(CASE WHEN stratum = 'review' THEN 1 - chance ELSE f.match_probability END)
FROM ({FRAME}) AS f LEFT JOIN (
    SELECT source_file, source_row, least(1, sum(match_probability ORDER BY match_probability)) AS chance
    FROM clerical_candidates GROUP BY ALL) USING (source_file, source_row)
WHERE (f.citizen_id IS NOT NULL OR stratum = 'review') AND stratum IS NOT NULL """
_BY = " GROUP BY stratum HAVING count(f.match_probability) > 0 ORDER BY stratum"


@dataclass(frozen=True)
class AuditResult:
    """What an audit found: how far it is, its measures with limits, and right rows by stratum.

    `predicted`: the share of right rows by the model's own probabilities. `new_people`: how many people a hundred rows
    of a stratum in which nobody was found, and of all those strata, would add to the count.
    """

    unit_code: str
    answered: Answered
    measures: dict[str, Estimate]
    strata: dict[str, tuple[int, int, Estimate]]
    new_people: dict[str, Estimate]
    predicted: dict[str, Estimate]

    def rows(self, run: RunParameters) -> pd.DataFrame:
        """Return the rows of the table `link_audit` (interfaces, results)."""
        rows = [(ALL, name, self.answered.answered, one) for name, one in self.measures.items()]
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


def report_audit(con: duckdb.DuckDBPyConnection, sample: DrawnSample) -> AuditResult:
    """Compare all answers with the links and estimate; needs the tables that `compare_answers` does."""
    answered = compare_answers(con)
    outcomes = pool_outcomes(con, sample.pool_rows)
    people = count_people(con, sample.draw.provinces)
    strata = {
        name: (looked, errors, estimate_share(sample.stratum_rows[name], looked, errors))
        for name, (looked, errors) in stratum_counts(con).items()
        if looked
    }
    provinces = sample.draw.provinces
    unit = provinces[0] if len(provinces) == 1 else COUNTRY
    measures = estimate(list(outcomes.values()), people) if answered.answered else {}
    ordered = {name: strata[name] for name in BY_NAME if name in strata}
    not_found = {name: outcomes[name] for name in NOT_FOUND if name in ordered}
    new_people = {name: new_people_pct([outcome]) for name, outcome in not_found.items()}
    if not_found:
        new_people = {ALL: new_people_pct(list(not_found.values()))} | new_people
    predicted = {name: one for name, one in _predicted(con, provinces).items() if name in ordered}
    return AuditResult(unit, answered, measures, ordered, new_people, predicted)


def _predicted(con: duckdb.DuckDBPyConnection, provinces: tuple[str, ...]) -> dict[str, Estimate]:
    """Return stratum → the mean probability, over all of its rows, that the verdict is right, in percent.

    A row in review is right in naming nobody when none of its candidates is the person.
    """
    units = ", ".join(sql_text(code) for code in provinces)
    where = f"AND unit_code IN ({units})" if provinces else ""
    return {name: Estimate(pct, pct, pct) for name, pct in con.execute(_PREDICTED + where + _BY).fetchall()}


def write_result(con: duckdb.DuckDBPyConnection, run: RunParameters, result: AuditResult) -> None:
    """Write the result beside the audited run's counts, for the pages of the next week."""
    con.register("given", result.rows(run))
    Engine(con).write_table(
        run.aggregate / f"{AUDIT_RESULT}.parquet",
        "SELECT * REPLACE (CAST(audited_as_of AS DATE) AS audited_as_of) FROM given",
    )
    con.unregister("given")
