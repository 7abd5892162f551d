"""Tables of the coverage stage: people and doses counted by unit."""

from analysis.tables.declared import UNIT, Table, aggregate, by_name, columns

DELAY_COLUMNS = {
    "doses": "BIGINT",
    "within_1_day_pct": "DECIMAL(9,2)",
    "within_7_days_pct": "DECIMAL(9,2)",
    "median_days": "INTEGER",
    "days_90_pct": "INTEGER",
}

COUNTED: dict[str, Table] = by_name(
    aggregate(
        "coverage",
        "one unit, day, age group, series status and basis",
        UNIT
        | {"reference_date": "DATE"}
        | columns("age_group series_status basis")
        | {"people": "BIGINT", "population": "BIGINT", "coverage_pct": "DECIMAL(9,2)"}
        | {"population_source": "VARCHAR", "population_date": "DATE"}
        | {"people_low": "BIGINT", "people_high": "BIGINT", "registry_population": "BIGINT"}
        | {"coverage_registry_pct": "DECIMAL(9,2)"},
        "unit_level unit_code reference_date age_group series_status basis",
    ),
    aggregate(
        "series_notes",
        "one thing to know of the people (or rows) behind a unit's figures at as_of",
        UNIT | columns("basis note") | columns("people of_people", "BIGINT"),
        "unit_level unit_code basis note",
    ),
    aggregate(
        "coverage_by_sex",
        "one unit's adults of a sex (null: all of them) who are reconciled as vaccinated at as_of",
        UNIT | columns("sex series_status") | columns("people registry_population", "BIGINT"),
        "unit_level unit_code sex series_status",
    ),
    aggregate(
        "coverage_estimate",
        "one unit and series status: reconciled adults at as_of, with what the count leaves out allowed for",
        UNIT | columns("series_status") | columns("people people_low people_high", "BIGINT"),
        "unit_level unit_code series_status",
    ),
    aggregate(
        "coverage_bridge",
        "one step from the reported to the reconciled count of adults",
        UNIT | columns("series_status step") | {"people": "BIGINT", "step_order": "INTEGER"},
        "unit_level unit_code series_status step",
    ),
    aggregate(
        "entry_progress",
        "one unit of place given and day",
        UNIT
        | {"reference_date": "DATE", "doses_recorded": "BIGINT", "doses_administered": "BIGINT"}
        | {"entry_pct": "DECIMAL(9,2)", "backlog": "BIGINT", "median_entry_days": "DECIMAL(9,1)"}
        | {"doses_entered_last_7_days": "BIGINT", "duplicate_doses": "BIGINT"},
        "unit_level unit_code reference_date",
    ),
    aggregate(
        "entry_plan",
        "one unit's way out of a backlog: doses to enter, or records to verify",
        UNIT
        | columns("task")
        | {"backlog": "BIGINT", "done_per_day": "DECIMAL(12,1)", "fall_per_day": "DECIMAL(12,1)"}
        | {"cleared_on": "DATE"}
        | columns("needed_per_day people_needed plan_days", "BIGINT"),
        "unit_level unit_code task",
    ),
    aggregate(
        "entry_delays",
        "how late the doses given in one unit reached the platform",
        UNIT | DELAY_COLUMNS,
        "unit_level unit_code",
    ),
    aggregate(
        "facility_delays",
        "how late the doses of one facility reached the platform (ten doses or more)",
        columns("province_code district_code facility_code facility_name") | DELAY_COLUMNS,
        "province_code district_code facility_code facility_name",
    ),
    aggregate(
        "facility_corrections",
        "the records of one facility and how many wait to be corrected or decided (ten records or more)",
        columns("province_code district_code facility_code facility_name")
        | columns("rows rows_to_correct rows_in_review", "BIGINT"),
        "province_code district_code facility_code facility_name",
    ),
    aggregate(
        "reporting_triangle",
        "doses of one unit of residence, status and day given that were entered in the week up to a date",
        UNIT
        | columns("series_status")
        | columns("vaccination_date entered_by", "DATE")
        | {"doses": "BIGINT"},
        "unit_level unit_code series_status vaccination_date entered_by",
    ),
    aggregate(
        "first_doses_by_product",
        "first doses of one unit of residence, product and week",
        UNIT | {"reference_date": "DATE"} | columns("vaccine") | {"doses": "BIGINT"},
        "unit_level unit_code reference_date vaccine",
    ),
    aggregate(
        "doses_by_product",
        "doses given in one unit in one week, of one product and number",
        UNIT | {"week": "DATE"} | columns("product") | {"dose_number": "INTEGER", "doses": "BIGINT"},
        "unit_level unit_code week product dose_number",
    ),
    aggregate(
        "rates_above_100",
        "one unit whose people outnumber its denominator, with what explains it",
        UNIT
        | columns("series_status basis")
        | columns("people population", "BIGINT")
        | {"coverage_pct": "DECIMAL(9,2)"}
        | columns("people_above given_to_others duplicates denominator_gap", "BIGINT")
        | columns("main_cause"),
        "unit_level unit_code series_status basis",
    ),
    aggregate(
        "rankings",
        "one unit's place among its like, by use of allocation or by coverage",
        UNIT | columns("ranking") | {"value_pct": "DECIMAL(9,2)", "rank": "INTEGER", "of_units": "INTEGER"},
        "unit_level unit_code ranking",
    ),
    aggregate(
        "supply",
        "one reporting unit and day: doses allocated, received, used (province body; others beside)",
        UNIT
        | {"reference_date": "DATE"}
        | columns("doses_allocated doses_received doses_administered doses_discarded", "BIGINT")
        | {"used_pct": "DECIMAL(9,2)", "other_bodies_administered": "BIGINT"},
        "unit_level unit_code reference_date",
    ),
    aggregate(
        "dose_flows",
        "doses given in one province to residents of one province",
        columns("given_province_code residence_province_code") | {"doses": "BIGINT"},
        "given_province_code residence_province_code",
    ),
    aggregate(
        "verification",
        "rows and people by state of verification",
        UNIT
        | columns("id_kind link_status differing_field")
        | {"four_field_match": "BOOLEAN"}
        | columns("police_result signature_status")
        | {"rows": "BIGINT", "people": "BIGINT"},
        "unit_level unit_code id_kind link_status differing_field four_field_match "
        "police_result signature_status",
    ),
    aggregate(
        "citizen_cards",
        "one unit's living adult residents, and those without a citizen card",
        UNIT | columns("registry_population without_card", "BIGINT"),
        "unit_level unit_code",
    ),
    aggregate(
        "new_entries",
        "one unit of place given: last week's doses, and how many were entered at once",
        UNIT | columns("doses_administered doses_recorded entered_same_day entered_within_1_day", "BIGINT"),
        "unit_level unit_code",
    ),
    aggregate(
        "review_by_age",
        "records of one province of residence (or VN) and age group that people must decide",
        columns("unit_code age_group") | {"rows": "BIGINT"},
        "unit_code age_group",
    ),
)
