"""Tables of the clean stage: the intake as it was read, and what was found wrong in it."""

from analysis.tables.declared import ROW_KEY, UNIT, Table, Zone, aggregate, by_name, columns, restricted

# Cleaned fields (interfaces, platform/); `*_typed` keep what the cell said where a later stage needs it.
PERSON_FIELDS = columns(
    "full_name birth_date sex phone id_number health_insurance_number nationality ethnicity"
) | columns("priority_group workplace province_code district_code commune_code address")
DOSE_FIELDS = (
    {"dose_number": "INTEGER"}
    | columns("vaccine lot_number")
    | {"vaccination_date": "DATE"}
    | columns("facility_name facility_code")
    | {"entry_date": "DATE"}
    | columns("police_result signature_status reaction note")
)
# name_key: unaccented, Đ mapped, lower case, single spaces. name_accented: canonical NFC lower case.
# id_kind: citizen_number (12 valid), old_number (9), passport, insurance, phone, malformed, missing.
DERIVED_PERSON_FIELDS = columns(
    "full_name_typed id_number_typed birth_date_typed sex_typed "
    "name_key name_accented id_kind birth_precision"
)

SCORE_COLUMNS = columns("dimension measure") | columns("rows_of rows_good", "BIGINT")
# The largest table, read again by each later stage: quick to write and to read rather than small.
CITIZENS = Table(
    "citizens",
    Zone.RESTRICTED,
    "one citizen of the population registry's extract, cleaned",
    columns("citizen_id")
    | {"old_id_numbers": "VARCHAR[]"}
    | columns("full_name birth_date birth_precision sex ethnicity_code")
    | columns("permanent_commune_code current_commune_code life_status")
    | {"death_date": "DATE", "id_card_issued_on": "DATE"}
    | columns("name_key name_accented"),
    ("citizen_id",),
    compression="lz4",
)

CLEANED: dict[str, Table] = by_name(
    restricted(
        "doses",
        "one dose record of an export, rejected ones too (`is_rejected`)",
        ROW_KEY
        | columns("dose_record_id")
        | PERSON_FIELDS
        | DOSE_FIELDS
        | columns("place_given_province_code place_given_district_code place_given_source")
        | {"reason_codes": "VARCHAR[]", "is_rejected": "BOOLEAN", "is_foreigner": "BOOLEAN"}
        # is_counted: not rejected, vaccination date possible and both dates on or before as_of.
        | {"is_counted": "BOOLEAN"}
        | DERIVED_PERSON_FIELDS,
        "source_file source_row",
    ),
    aggregate(
        "place_counts",
        "dose records not rejected, by province of residence as typed (found, missing, unresolved)",
        columns("province_code place_state") | {"rows": "BIGINT"},
        "province_code place_state",
    ),
    restricted(
        "unmapped_places",
        "one typed residence that leads to no unit at a level, with the units found above it",
        # candidates: codes of at most five units that the text may mean, nearest first (clean/fields/place_candidates.py).
        columns("unit_level province_code district_code typed")
        | {"rows": "BIGINT", "candidates": "VARCHAR[]"},
        "unit_level province_code district_code typed",
    ),
    restricted(
        "roster_rows",
        "one person listed before vaccination",
        ROW_KEY
        | PERSON_FIELDS
        | {"reason_codes": "VARCHAR[]", "is_rejected": "BOOLEAN", "is_foreigner": "BOOLEAN"}
        | DERIVED_PERSON_FIELDS,
        "source_file source_row",
    ),
    CITIZENS,
    restricted(
        "decisions",
        "one decision in force (or withdrawn, or unbound), with the row it binds to",
        columns("decision_id")
        | {"bound": "BOOLEAN"}
        | ROW_KEY
        | columns("decision citizen_id field value ground decided_by")
        | {"decided_on": "DATE"}
        # content_key: hash of the cleaned fields of the row, so that a later week finds it without record id.
        | columns("dose_record_id content_key")
        # arrived: the platform's record says it by itself (null: nothing to enter); was_open: asked, not there last week.
        | columns("place_given_district_code value_now")
        | {"arrived": "BOOLEAN", "was_open": "BOOLEAN"},
        "decision_id",
    ),
    restricted(
        "daily_reports",
        "one reporting unit's counts of one day (intake, typed; no person, but internal)",
        {"report_date": "DATE"}
        | columns("province_code district_code reporting_body")
        | columns(
            "doses_allocated doses_received doses_administered dose_1 dose_2 dose_3_plus doses_discarded",
            "BIGINT",
        ),
        "report_date province_code district_code reporting_body",
    ),
    restricted(
        "population",
        "one denominator of the intake (typed)",
        columns("unit_code age_group")
        | {"population": "BIGINT"}
        | columns("source")
        | {"reference_date": "DATE"},
        "unit_code age_group source reference_date",
    ),
    restricted(
        "feedback_items",
        "one citizen's feedback (typed)",
        columns("feedback_id")
        | {"received_at": "TIMESTAMP"}
        | columns("province_code district_code commune_code facility_code kind status refusal_ground")
        | {"closed_at": "TIMESTAMP"},
        "feedback_id",
    ),
    restricted(
        "file_names",
        "one name of the intake that is shown as `kind:number` outside the restricted zone",
        # kind: file (also a sheet or an archive member), header, text (a facility, a population's source).
        {"kind": "VARCHAR", "number": "BIGINT", "name": "VARCHAR"},
        "kind number",
    ),
    aggregate(
        "quality",
        "one file's totals (reason_code null) or one reason in one file",
        columns("source_file reason_code")
        | columns("rows_in rows_kept rows_rejected", "BIGINT")
        # detail: a column, a place in the file, how it was read; never a value of a record. folder: of the intake.
        | columns("status detail folder"),
        "source_file reason_code",
    ),
    aggregate(
        "suspicious_days",
        "one unit and day with a reported count that cannot be that day's (its own row, or that of a unit in it)",
        UNIT
        | columns("of_unit_code")
        | {"report_date": "DATE"}
        | columns("measure")
        | columns("reported usual", "BIGINT")
        | columns("reason_code"),
        "unit_level unit_code of_unit_code report_date measure",
    ),
    aggregate(
        "quality_scores",
        "one measure of data quality of the doses given in one unit (country: of all files)",
        UNIT | SCORE_COLUMNS,
        "unit_level unit_code dimension measure",
    ),
    aggregate(
        "facility_scores",
        "one measure of data quality of one facility (ten doses or more)",
        columns("province_code district_code facility_code facility_name") | SCORE_COLUMNS,
        "province_code district_code facility_code facility_name dimension measure",
    ),
)
