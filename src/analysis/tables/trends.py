"""Tables of the trends stage: where coverage is going, and what is to be done."""

from analysis.tables.declared import UNIT, Table, aggregate, by_name, columns

TRENDS: dict[str, Table] = by_name(
    aggregate(
        "nowcast",
        "one unit's people at as_of as entered, and as thought when late entries are in, with a 95 % interval",
        UNIT
        | columns("basis age_group series_status")
        | {"reference_date": "DATE"}
        | columns("people people_nowcast people_nowcast_low people_nowcast_high population", "BIGINT")
        | {"coverage_nowcast_pct": "DECIMAL(9,2)"},
        "unit_level unit_code basis age_group series_status reference_date",
    ),
    aggregate(
        "forecast",
        "one quantile of a unit's coverage (percent) on a future day",
        UNIT
        | columns("basis age_group series_status")
        | {"as_of": "DATE", "target_date": "DATE", "quantile": "DECIMAL(4,3)", "value": "DECIMAL(9,4)"},
        "unit_level unit_code basis age_group series_status as_of target_date quantile",
    ),
    aggregate(
        "past_forecasts",
        "what the previous run forecast for this as_of (median and 95 % interval, percent), and what happened",
        UNIT
        | columns("basis age_group series_status")
        | {"made_on": "DATE", "target_date": "DATE"}
        | columns("value_low value value_high happened", "DECIMAL(9,4)"),
        "unit_level unit_code basis age_group series_status",
    ),
    aggregate(
        "targets",
        "one unit's way to one target",
        UNIT
        | columns("target_code basis")
        | {
            "target_pct": "DECIMAL(9,2)",
            "due_date": "DATE",
            "reached_on": "DATE",
            "probability": "DECIMAL(5,4)",
        }
        | columns("expected_date not_before not_after", "DATE")
        | {"in_doubt_since": "DATE"}
        | {"doses_per_day_needed": "BIGINT", "pace_multiple": "DECIMAL(9,2)", "supply_sufficient": "BOOLEAN"},
        "unit_level unit_code target_code basis",
    ),
    aggregate(
        "first_dose_deadlines",
        "the last day on which a first dose of a product can still be completed when a target is due",
        columns("target_code vaccine")
        | {
            "due_date": "DATE",
            "series_days": "BIGINT",
            "last_first_dose_date": "DATE",
            "days_left": "BIGINT",
        },
        "target_code vaccine",
    ),
    aggregate(
        "confidence",
        "how far one unit's figures can be trusted, and what lowers that",
        UNIT | columns("grade reasons"),
        "unit_level unit_code",
    ),
    aggregate(
        "tasks",
        "one task of one unit, province or country",
        columns("unit_code task") | {"figure": "BIGINT"} | columns("where lead") | {"due": "DATE"},
        "unit_code task",
    ),
)
