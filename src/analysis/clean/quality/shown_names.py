"""The names of an intake that are numbered outside the restricted zone, and what stands in their place.

The rule itself is that of `intake/naming.py` (sources disclosure-9). Files and headers are known once the intake is
open; free texts, which are facilities' names and codes and populations' sources, once its rows are clean.
"""

from collections.abc import Iterable, Sequence
from functools import partial

import pandas as pd

from analysis.clean.fields.facilities import FacilityIndex, code_key, facility_key
from analysis.intake.naming import ShownNames, is_known_text
from analysis.settings import RunParameters
from analysis.steps import Plan, Step, written

# Every text that may come to stand in an aggregate table: nothing is left out for being rare.
FREE_TEXTS = """
SELECT DISTINCT unnest([facility_code, facility_name]) AS text FROM record_tallies
UNION SELECT source FROM population"""

FILE_NAMES = """
SELECT * FROM names_of_files UNION ALL
SELECT 'text', row_number() OVER (ORDER BY t0), t0 FROM free_texts WHERE NOT is_shown"""


def name_steps(run: RunParameters, names: ShownNames, facilities: FacilityIndex) -> Plan:
    """Return the steps to `file_names`: what the intake's opened files and its clean rows hold of other names.

    A facility that `facilities/` lists stays, and a population's source that the settings name.
    """

    def text_row(text: str | None) -> Sequence[bool]:
        if text is None or text in run.settings.population_sources or is_known_text(text):
            return (True,)
        return (code_key(text) in facilities.by_code or facility_key(text) in facilities.by_name,)

    return (
        Step(
            "free_texts",
            "one text of the intake that a count may bear, and whether it stays",
            "record_tallies population",
            FREE_TEXTS,
            columns={"is_shown": "BOOLEAN"},
            clean=text_row,
        ),
        Step("names_of_files", "one file or header that is numbered", frame=partial(_names_frame, names)),
        written("file_names", "names_of_files free_texts", FILE_NAMES),
    )


def _names_frame(names: ShownNames) -> pd.DataFrame:
    frame = pd.DataFrame(names.rows(), columns=["kind", "number", "name"])
    return frame.astype({"kind": "str", "number": "int64", "name": "str"})


def shown_sql(query: str, kind: str, columns: Iterable[str]) -> str:
    """Return SQL of a query's rows with the names in some of its columns as they may be shown; reads `file_names`."""
    forms = {column: f"n_{column}" for column in columns}
    shown = ", ".join(f"coalesce('{kind}:' || {n}.number, q.{c}) AS {c}" for c, n in forms.items())
    joins = " ".join(
        f"LEFT JOIN file_names AS {n} ON {n}.kind = '{kind}' AND {n}.name = q.{c}" for c, n in forms.items()
    )
    return f"SELECT q.* EXCLUDE ({', '.join(forms)}), {shown} FROM ({query}) AS q {joins}"
