"""The intake as a whole: what is there by folder, what contradicts, and what a run will leave out."""

from analysis.check.findings import OK, FileFinding, Presence, Problem
from analysis.check.opened import REGISTRY, Opened, folder_schemas
from analysis.check.rows import home_provinces
from analysis.intake.folder import IGNORED_NAMES, list_files

# Of the doses that the reports tell, so many per cent more rows are more than late reports explain.
_MORE_PCT = 5
_NEEDED_FOLDERS = (REGISTRY, "daily_reports", "population")
_MARK = "intake.json"


def find_presence(opened: Opened, files: list[FileFinding]) -> dict[str, Presence]:
    """Return provinces, days and totals of the platform's heads, the reports and the denominators."""
    found = {}
    if opened.folders["platform"].staged:
        rows = sum(file.rows or 0 for file in files if file.kind == "platform" and file.status == OK)
        found["platform"] = _presence(
            opened,
            "SELECT list(DISTINCT province_code) FILTER (province_code IS NOT NULL), min(vaccination_date), "
            "max(vaccination_date) FROM doses WHERE is_counted",
            rows,
        )
    kinds = {kind.name for kind in opened.reports()}
    if "daily_reports" in kinds:
        found["daily_reports"] = _presence(opened, _REPORTED, _reported_doses(opened))
    if "population" in kinds:
        found["population"] = _presence(
            opened,
            "SELECT list(DISTINCT unit_code) FILTER (length(unit_code) = 2 AND unit_code <> 'VN'), min(reference_date), "
            "max(reference_date) FROM population_rows WHERE fault IS NULL",
            None,
        )
    return found


_REPORTED = "SELECT list(DISTINCT province_code), min(report_date), max(report_date) FROM daily_reports_rows WHERE fault IS NULL"
# Where a day has a row of the province itself, it is the province; army and police are counted apart.
_PROVINCE_DAYS = """
SELECT province_code, sum(doses_administered) AS doses, sum(dose_1) AS first_doses FROM (
    SELECT *, bool_or(district_code IS NULL) OVER (PARTITION BY province_code, report_date) AS has_own
    FROM daily_reports_rows WHERE fault IS NULL AND reporting_body = 'province')
WHERE NOT has_own OR district_code IS NULL GROUP BY province_code"""


def _presence(opened: Opened, query: str, total: int | None) -> Presence:
    provinces, first, last = opened.engine.fetch(query)[0]
    return Presence(
        frozenset(provinces or ()), str(first) if first else None, str(last) if last else None, total
    )


def _reported_doses(opened: Opened) -> int:
    found = opened.engine.fetch(f"SELECT sum(doses) FROM ({_PROVINCE_DAYS})")
    return int(found[0][0] or 0)


def whole_problems(opened: Opened, presence: dict[str, Presence]) -> list[Problem]:
    """Return what a run would refuse or leave out, and where folders contradict each other."""
    found = []
    if "platform" not in presence:
        found.append(Problem("no_platform", "platform"))
    if opened.refusal:
        found.append(Problem("registry_refused", REGISTRY, facts={"reason": opened.refusal}))
    for folder in _NEEDED_FOLDERS:
        if not (opened.raw / folder).is_dir() or (folder != REGISTRY and folder not in presence):
            found.append(Problem(f"no_{folder}", folder))
    optional = [name for name in folder_schemas() if name not in (*_NEEDED_FOLDERS, "platform")]
    empty = [name for name in optional if not list_files(opened.raw / name)]
    found += [Problem(f"no_{name}", name, is_note=True) for name in empty]
    return [*found, *_not_read(opened), *_contradictions(opened, presence)]


def _not_read(opened: Opened) -> list[Problem]:
    """Name what lies in the intake and belongs to no folder that a run reads."""
    known = {*folder_schemas(), REGISTRY, _MARK}
    others = sorted(
        path.name
        for path in opened.raw.iterdir()
        if path.name not in known
        and not path.name.startswith((".", "~$"))
        and path.name.lower() not in IGNORED_NAMES
    )
    return [Problem("not_read", facts={"file": name}) for name in others]


def _contradictions(opened: Opened, presence: dict[str, Presence]) -> list[Problem]:
    found = []
    platform, reports, population = (presence.get(f) for f in ("platform", "daily_reports", "population"))
    if platform and reports and reports.total is not None and platform.total:
        if platform.total * 100 > reports.total * (100 + _MORE_PCT):
            facts = {"reported": reports.total}
            found.append(Problem("more_rows_than_reported", "platform", platform.total, facts, is_note=True))
        found += _lacking("reports_without_rows", reports.provinces - _homes(opened), is_note=True)
        found += _lacking("rows_without_reports", _homes(opened) - reports.provinces)
    if reports and population:
        found += _lacking("reports_without_population", reports.provinces - population.provinces)
        found += _above_population(opened)
    return found


def _homes(opened: Opened) -> frozenset[str]:
    """Return the provinces that are the residence of at least half of some platform file's rows."""
    return frozenset(home_provinces(opened).values())


def _lacking(code: str, provinces: frozenset[str], is_note: bool = False) -> list[Problem]:
    facts = {"provinces": sorted(provinces)}
    return [Problem(code, rows=None, facts=facts, is_note=is_note)] if provinces else []


def _above_population(opened: Opened) -> list[Problem]:
    """Name provinces that report more first doses than they have people of 18 and more.

    Workers from elsewhere make that true of some; twice the people is a misread count.
    """
    rows = opened.engine.fetch(
        f"SELECT d.province_code, d.first_doses > 2 * p.people FROM ({_PROVINCE_DAYS}) AS d JOIN (SELECT unit_code, "
        "max(population) AS people FROM population_rows WHERE fault IS NULL AND age_group = '18+' GROUP BY unit_code) "
        "AS p ON p.unit_code = d.province_code WHERE d.first_doses > p.people ORDER BY 1"
    )
    far, near = (frozenset(str(code) for code, is_far in rows if is_far is far) for far in (True, False))
    code = "reports_above_population"
    return [*_lacking(code, far), *_lacking(code, near, is_note=True)]
