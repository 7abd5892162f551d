"""The unit a list is for: whether it exists, its full name, who signs, and what is not yet entered around it."""

import duckdb

from analysis.engine import sql_path
from analysis.errors import RequestError
from analysis.reference import LEVELS, read_units
from analysis.settings import RunParameters
from analysis.tables import TABLES
from analysis.worklists.routing import NOWHERE

BACKLOG = """
SELECT unit_code, backlog FROM read_parquet({path})
WHERE reference_date = $as_of AND unit_level IN ('district', 'province') AND backlog > 0"""
SIGNATORIES = {
    "province": ("SỞ Y TẾ", "CÔNG AN CẤP TỈNH"),
    "district": ("TRUNG TÂM Y TẾ CẤP HUYỆN", "CÔNG AN CẤP HUYỆN"),
}


class UnitHeads:
    """The units of November 2021 and one run's backlogs, read once for many lists."""

    def __init__(self, run: RunParameters) -> None:
        """Read the units and, at `as_of`, how many doses of each district and province are not entered."""
        self._names: dict[str, tuple[str, ...]] = {}
        self._paths: dict[str, tuple[str, ...]] = {}
        table = read_units()
        for level in reversed(LEVELS):
            upwards = LEVELS[: LEVELS.index(level) + 1][::-1]
            codes = table[[f"{part}_code" for part in upwards]].itertuples(index=False, name=None)
            names = table[[f"{part}_name" for part in upwards]].itertuples(index=False, name=None)
            for path, name in zip(codes, names, strict=True):
                self._paths.setdefault(path[0], path)
                self._names.setdefault(path[0], name)
        with duckdb.connect() as con:
            query = BACKLOG.format(path=sql_path(TABLES["entry_progress"].path(run)))
            self._backlogs: dict[str, int] = dict(con.execute(query, {"as_of": run.as_of}).fetchall())

    def known(self, units: tuple[str, ...]) -> tuple[str, ...]:
        """Return the units asked for, sorted, each once; raises RequestError for one that does not exist."""
        if any(not unit or unit not in {*self._names, NOWHERE} for unit in units):
            raise RequestError(
                "--commune: a GSO code of November 2021 is needed: 5 digits for a commune, 3 or 2 for the "
                f"district or province whose rows name no commune, {NOWHERE} for those that name no place"
            )
        return tuple(sorted(set(units)))

    def district_of(self, unit_code: str) -> str:
        """Return the district of a commune; of a district, a province and of no place itself."""
        return next((code for code in self._paths.get(unit_code, ()) if len(code) == 3), unit_code)

    def describe(self, unit_code: str) -> tuple[str, tuple[str, str]]:
        """Return a unit's full name and who signs: for a commune its health station and its police."""
        if unit_code == NOWHERE:
            return "Cả nước", ("BỘ Y TẾ", "BỘ CÔNG AN")
        names = self._names[unit_code]
        level = LEVELS[len(names) - 1]
        if level in SIGNATORIES:
            return ", ".join(names), SIGNATORIES[level]
        kind = next((k for k in ("Thị trấn", "Phường") if names[0].startswith(k)), "Xã")
        return ", ".join(names), ("TRẠM Y TẾ", f"CÔNG AN {kind.upper()}")

    def describe_backlog(self, unit_code: str) -> str:
        """Return how many doses of the unit's district, else province, are not entered; "" if unknown."""
        for code in self._paths.get(unit_code, ()):
            if code in self._backlogs:
                backlog = f"{self._backlogs[code]:,}".replace(",", ".")
                return f"; {self._names[code][0]} còn {backlog} mũi đã tiêm chưa nhập"
        return ""
