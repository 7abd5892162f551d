"""The kinds of report beside the dose records: daily reports, denominators, citizens' feedback, and their columns."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from analysis.intake.headers.finding import Schema
from analysis.settings import FIRST_DOSE_IN_COUNTRY


@dataclass(frozen=True)
class ReportKind:
    """One kind of report: its table, its folder, and SQL that types each column (null: unreadable).

    A typed column may be null only where `optional` says so and the cell is empty. Where the rows of one unit add
    up, `unit` is the column without which nobody can say whose total lacks a row. `counts`, `days` and `units` are
    the columns that are read as a whole, file by file (`report_columns`), `ages` those of age groups; no day of
    `days` is before `earliest`.
    `told`: what two rows of one file may not say differently of one thing.
    """

    table: str
    schema: Schema
    typed: Mapping[str, str]
    optional: frozenset[str]
    unit: str | None = None
    counts: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    ages: tuple[str, ...] = ()
    earliest: date = FIRST_DOSE_IN_COUNTRY
    told: str | None = None

    @property
    def name(self) -> str:
        """Return the name of the kind's folder, by which its tables are called."""
        return self.schema.kind

    @property
    def read_columns(self) -> tuple[str, ...]:
        """Return the columns that are read as a whole."""
        return self.counts + self.days + self.units + self.ages


def _moment(column: str) -> str:
    """Return SQL for a local moment: of an instant with its zone (…Z, …+07:00) the time in Viet Nam; none before the campaign."""
    formats = "['%d/%m/%Y %H:%M:%S', '%d/%m/%Y %H:%M', '%d/%m/%Y']"
    has_zone = f"regexp_matches({column}, ':[0-9.]+ ?(Z|z|[+-][0-9]{{2}}(:?00)?)$')"
    hours = f"coalesce(TRY_CAST(nullif(regexp_extract({column}, '([+-][0-9]{{2}})(:?00)?$', 1), '') AS INTEGER), 0)"
    zoned = f"TRY_CAST(regexp_extract({column}, '^(.*?) ?(Z|z|[+-][0-9]{{2}}(:?00)?)$', 1) AS TIMESTAMP)"
    at_zone = f"{zoned} + (7 - {hours}) * INTERVAL 1 HOUR"
    moment = (
        f"CASE WHEN {has_zone} THEN {at_zone} "
        f"ELSE coalesce(TRY_CAST({column} AS TIMESTAMP), try_strptime({column}, {formats})) END"
    )
    return f"CASE WHEN {moment} >= DATE '{FIRST_DOSE_IN_COUNTRY}' THEN {moment} END"


def _read(column: str, kind: str = "VARCHAR") -> str:
    """Return SQL for the reading of a column's cell."""
    return f"CAST(read_{column}.value AS {kind})"


def _one_of(column: str, words: str) -> str:
    """Return SQL for a word of a closed list; `words` gives behind each, after a colon, what people write for it."""
    cases = []
    for listed in words.split(";"):
        word, _, others = listed.strip().partition(":")
        said = ", ".join(f"'{text.strip()}'" for text in (word, *others.split(",")) if text.strip())
        cases.append(f"WHEN lower(nfc_normalize({column})) IN ({said}) THEN '{word}'")
    return f"CASE {' '.join(cases)} END"


def _schema(kind: str, columns: str, required: str) -> Schema:
    return Schema(kind, dict.fromkeys(columns.split(), ()), tuple(required.split()))


_BY_NUMBER = ("dose_1", "dose_2", "dose_3_plus")
_COUNTS = ("doses_allocated", "doses_received", "doses_administered", *_BY_NUMBER, "doses_discarded")
PLACE = ("province_code", "district_code", "commune_code")
_FEEDBACK = (*PLACE, *["facility_code", "kind", "status", "refusal_ground", "closed_at"])
_PATH = {f"{level}_code": f"places.{level}_code" for level in ("province", "district", "commune")}
_BODIES = (
    "province: tỉnh, sở y tế, ngành y tế, y tế, dân sự; army: quân đội, quân y, bộ đội, biên phòng, bộ đội biên phòng, bộ quốc phòng; "
    "police: công an, bộ công an; other: khác"
)
# "Đã xử lý" says that it was closed, not how.
_STATES = (
    "open: mới, mới tiếp nhận, đã tiếp nhận, chờ duyệt, chờ xử lý, chưa xử lý, đang xử lý; "
    "approved: đã duyệt, đã phê duyệt, phê duyệt, chấp nhận, đã chấp nhận; "
    "needs_information: yêu cầu bổ sung, chờ bổ sung; refused: từ chối, đã từ chối, không duyệt"
)
EARLIEST_POPULATION = date(1989, 1, 1)  # the census before the last three


def _daily_reports() -> ReportKind:
    # A count below zero takes back what was reported before.
    return ReportKind(
        "daily_reports",
        _schema(
            "daily_reports",
            f"report_date province_code district_code {' '.join(_COUNTS)} reporting_body",
            f"report_date province_code {' '.join(_COUNTS)}",
        ),
        {"report_date": _read("report_date", "DATE")}
        | {k: _PATH[k] for k in ("province_code", "district_code")}
        | {c: _read(c, "BIGINT") for c in _COUNTS}
        | {"reporting_body": _one_of("coalesce(reporting_body, 'province')", _BODIES)},
        frozenset({"district_code", *_COUNTS}),
        "province_code",
        counts=_COUNTS,
        days=("report_date",),
    )


def _population() -> ReportKind:
    columns = "unit_code age_group population source reference_date"
    return ReportKind(
        "population",
        _schema("population", columns, columns),
        {"unit_code": _read("unit_code"), "age_group": _read("age_group")}
        | {
            "population": f"CASE WHEN {_read('population', 'BIGINT')} >= 0 THEN {_read('population', 'BIGINT')} END"
        }
        | {"source": "source", "reference_date": _read("reference_date", "DATE")},
        frozenset(),
        counts=("population",),
        days=("reference_date",),
        units=("unit_code",),
        ages=("age_group",),
        earliest=EARLIEST_POPULATION,
        told="population",
    )


def _feedback() -> ReportKind:
    return ReportKind(
        "feedback_items",
        _schema(
            "feedback", f"feedback_id received_at {' '.join(_FEEDBACK)}", "feedback_id received_at status"
        ),
        {"feedback_id": "feedback_id", "received_at": _moment("received_at"), **_PATH}
        | {"facility_code": "facility_code", "kind": "kind", "refusal_ground": "refusal_ground"}
        | {"status": _one_of("status", _STATES)}
        # Nothing was closed before it came.
        | {
            "closed_at": f"CASE WHEN {_moment('closed_at')} >= {_moment('received_at')} THEN {_moment('closed_at')} END"
        },
        frozenset(_FEEDBACK) - {"status"},
    )


def report_kinds() -> tuple[ReportKind, ...]:
    """Return the three kinds of report with the typing of their columns."""
    return _daily_reports(), _population(), _feedback()
