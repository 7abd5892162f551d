"""Tables of reconcile and of the worklists: who is who, and what is left to people."""

from analysis.tables.declared import ROW_KEY, UNIT, Table, aggregate, by_name, columns, restricted

LINKED: dict[str, Table] = by_name(
    restricted(
        "links",
        "the verdict on one dose record",
        ROW_KEY
        | columns("dose_record_id citizen_id link_status link_method")
        | {"match_probability": "DOUBLE", "differing_fields": "VARCHAR[]", "four_field_match": "BOOLEAN"}
        | columns("duplicate_of"),
        "source_file source_row",
    ),
    restricted(
        "clerical_candidates",
        "one citizen a person must compare with one dose record",
        ROW_KEY | columns("citizen_id") | {"match_probability": "DOUBLE"},
        "source_file source_row citizen_id",
    ),
    restricted(
        "roster_checks",
        "the verdict on one roster row",
        ROW_KEY
        | columns("citizen_id link_status")
        | {"differing_fields": "VARCHAR[]", "doses_found": "INTEGER"},
        "source_file source_row",
    ),
    restricted(
        "due",
        "one registry citizen due or overdue",
        columns("citizen_id commune_code")
        | {"next_dose": "INTEGER"}
        | columns("previous_product")
        | {"previous_date": "DATE", "due_from": "DATE", "due_until": "DATE", "check_first": "BOOLEAN"},
        "citizen_id",
    ),
    restricted(
        "registry_findings",
        "one thing the registry side should look at",
        columns("kind citizen_id evidence"),
        "kind citizen_id evidence",
    ),
    aggregate(
        "feedback",
        "citizens' feedback of one unit at as_of",
        UNIT
        | columns(
            "received received_due closed_in_time open_late approved refused needs_information", "BIGINT"
        )
        | {"in_time_pct": "DECIMAL(9,2)"},
        "unit_level unit_code",
    ),
    aggregate(
        "due_counts",
        "residents due or overdue, by unit, product and state",
        UNIT | columns("previous_product state") | {"next_dose": "INTEGER", "people": "BIGINT"},
        "unit_level unit_code previous_product state next_dose",
    ),
    aggregate(
        "rosters",
        "roster rows by unit and verdict",
        UNIT | columns("link_status") | {"rows": "BIGINT"},
        "unit_level unit_code link_status",
    ),
    aggregate(
        "registry_findings_counts",
        "registry findings by unit and kind",
        UNIT | columns("kind") | {"findings": "BIGINT"},
        "unit_level unit_code kind",
    ),
    aggregate(
        "confirmations",
        "decisions in force about records and doses, by what they rest on",
        UNIT | columns("ground_kind") | {"confirmations": "BIGINT"},
        "unit_level unit_code ground_kind",
    ),
    aggregate(
        "updates_arrived",
        "corrections that the week before asked to enter on the platform, by what became of them",
        UNIT | columns("update_state") | {"updates": "BIGINT"},
        "unit_level unit_code update_state",
    ),
)
