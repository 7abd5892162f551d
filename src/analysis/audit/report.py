"""The audit's result: accuracy of the links with intervals, by province country-wide or of those audited."""

from dataclasses import asdict, dataclass
from typing import Any

import duckdb
import pandas as pd

from analysis.audit.drawing import DrawnSample
from analysis.audit.estimates import Estimate, estimate, estimate_share
from analysis.audit.outcomes import Answered, compare_answers, count_people, pool_outcomes, stratum_counts
from analysis.audit.strata import BY_NAME
from analysis.engine import Engine
from analysis.pipeline import AUDIT_RESULT, COUNTRY
from analysis.settings import RunParameters

ALL = "all"


@dataclass(frozen=True)
class AuditResult:
    """What an audit found: how far it is, its measures with limits, and right rows by stratum."""

    unit_code: str
    answered: Answered
    measures: dict[str, Estimate]
    strata: dict[str, tuple[int, int, Estimate]]

    def rows(self, run: RunParameters) -> pd.DataFrame:
        """Return the rows of the table `link_audit` (interfaces, results)."""
        rows = [(ALL, name, self.answered.answered, one) for name, one in self.measures.items()]
        rows += [(name, "right_pct", looked, one) for name, (looked, _, one) in self.strata.items()]
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
    return AuditResult(unit, answered, measures, ordered)


def write_result(con: duckdb.DuckDBPyConnection, run: RunParameters, result: AuditResult) -> None:
    """Write the result beside the audited run's counts, for the pages of the next week."""
    con.register("given", result.rows(run))
    Engine(con).write_table(
        run.aggregate / f"{AUDIT_RESULT}.parquet",
        "SELECT * REPLACE (CAST(audited_as_of AS DATE) AS audited_as_of) FROM given",
    )
    con.unregister("given")
