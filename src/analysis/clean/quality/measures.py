"""The measures of the quality scorecard: what is counted, out of what, in which dimension.

Dimensions are those of immunisation registries (AIRA, CDC IIS): completeness, validity, consistency,
timeliness, uniqueness. Accuracy, whether a value is true, only the registry and the person can tell
(`links`, `verification`). Every measure counts dose records that are not rejected, by place given.
"""

from dataclasses import dataclass

from analysis.clean.quality.reason_codes import bit_of

# Timeliness is measured on doses given four to twelve weeks ago: of younger ones the late entries are
# still to come, and the share entered soon would look better than it is.
OLDEST_DAYS, YOUNGEST_DAYS = 84, 28
SOON_DAYS, WEEK_DAYS = 1, 7  # sources count-15


@dataclass(frozen=True)
class Measure:
    """One measure: `rows_of` and `rows_good` are SQL conditions on a row, `of` and `good` say them.

    `reason_bits` are the reason codes of the row as bits.
    """

    dimension: str
    name: str
    label: str
    of: str
    good: str
    rows_of: str
    rows_good: str


def _without(*codes: str) -> str:
    return f"reason_bits & {bit_of(*codes)} = 0"


def _filled(field: str, label: str, missing: str) -> Measure:
    return Measure(
        "completeness",
        field,
        label,
        "records",
        f"{missing} is not among its reasons",
        "true",
        _without(missing),
    )


def _valid(field: str, label: str, missing: str, *wrong: str) -> Measure:
    reasons = ", ".join(wrong)
    return Measure(
        *("validity", field, label, f"records without {missing}", f"none of {reasons}"),
        *(_without(missing), _without(*wrong)),
    )


FOUR_FIELDS = ("name_missing", "birth_date_missing", "sex_missing", "id_missing")
_ENTERED = (
    "entry_date >= vaccination_date AND vaccination_date "
    f"BETWEEN as_of - {OLDEST_DAYS} AND as_of - {YOUNGEST_DAYS}"
)


def _entered(days: int, name: str, label: str) -> Measure:
    given = (
        f"records given {YOUNGEST_DAYS} to {OLDEST_DAYS} days before as_of, with an entry date not before it"
    )
    return Measure(
        *("timeliness", name, label, given, f"entered at most {days} days after the dose"),
        *(_ENTERED, f"entry_date - vaccination_date <= {days}"),
    )


MEASURES = (
    _filled("full_name", "họ tên", "name_missing"),
    _filled("birth_date", "ngày sinh", "birth_date_missing"),
    _filled("sex", "giới tính", "sex_missing"),
    _filled("id_number", "số CMND/CCCD", "id_missing"),
    Measure(
        *("completeness", "four_fields", "đủ 4 trường đối sánh", "records"),
        "all four match fields of dispatch 9438/BYT-CNTT are given",
        *("true", _without(*FOUR_FIELDS)),
    ),
    _filled("residence", "nơi ở", "place_missing"),
    _filled("dose_number", "mũi số", "dose_number_missing"),
    _filled("vaccine", "vắc xin", "vaccine_missing"),
    Measure(
        *("completeness", "lot_number", "số lô", "records", "a lot number is given"),
        *("true", "lot_number IS NOT NULL"),
    ),
    _filled("vaccination_date", "ngày tiêm", "vaccination_date_missing"),
    _valid(
        *("full_name", "họ tên", "name_missing", "name_incomplete", "name_without_accents"),
        *("name_abbreviated", "name_too_long"),
    ),
    _valid("birth_date", "ngày sinh", "birth_date_missing", "birth_date_unreadable", "birth_date_impossible"),
    _valid("sex", "giới tính", "sex_missing", "sex_unreadable"),
    _valid("id_number", "số CMND/CCCD", "id_missing", "id_malformed", "id_placeholder", "id_shared"),
    _valid("residence", "nơi ở đến xã", "place_missing", "place_unresolved", "place_partly_resolved"),
    _valid("dose_number", "mũi số", "dose_number_missing", "dose_number_unreadable"),
    _valid("vaccine", "vắc xin", "vaccine_missing", "vaccine_unknown"),
    _valid(
        *("vaccination_date", "ngày tiêm", "vaccination_date_missing", "vaccination_date_unreadable"),
        *("vaccination_before_campaign", "vaccination_in_future"),
    ),
    Measure(
        *("consistency", "id_and_person", "số CCCD khớp năm sinh, giới"),
        *("records with a citizen number, a sex and a birth date", "id_disagrees is not among its reasons"),
        "id_kind = 'citizen_number' AND sex IS NOT NULL AND birth_date IS NOT NULL",
        _without("id_disagrees"),
    ),
    Measure(
        *("consistency", "born_before_dose", "sinh trước ngày tiêm"),
        *("records with a birth date and a vaccination date", "the dose is not before birth"),
        "birth_date IS NOT NULL AND vaccination_date IS NOT NULL",
        _without("vaccination_before_birth"),
    ),
    Measure(
        *("consistency", "given_before_entry", "tiêm trước ngày nhập"),
        *("records with a vaccination date and an entry date", "the dose is not after its entry"),
        "vaccination_date IS NOT NULL AND entry_date IS NOT NULL",
        _without("vaccination_after_entry"),
    ),
    _entered(SOON_DAYS, "within_1_day", f"nhập trong {SOON_DAYS} ngày"),
    _entered(WEEK_DAYS, "within_7_days", f"nhập trong {WEEK_DAYS} ngày"),
    Measure(
        *("uniqueness", "dose_record_id", "mã mũi tiêm", "records with a record code"),
        "the code stands on no record that was entered earlier",
        *("dose_record_id IS NOT NULL", "NOT is_repeated_code"),
    ),
    Measure(
        *("uniqueness", "content", "nội dung", "records with a name and a vaccination date"),
        "no record entered earlier has the same cleaned name, birth date, sex, number, vaccine, dose number "
        "and vaccination date",
        *("name_key IS NOT NULL AND vaccination_date IS NOT NULL", "NOT is_repeated_content"),
    ),
)
