"""The steps from a finished run to the lines that go on: what to enter on the platform, what to look at in the registry.

A correction is what people decided and nothing else: no value of the registry goes out (sources due-6).
"""

import pandas as pd

from analysis.reference import read_units
from analysis.settings import RunParameters
from analysis.steps import Plan, Step, opened
from analysis.tables import TABLES, empty_table
from analysis.worklists.routing import NOWHERE, SOLE_IDS

# The facility that gave the dose enters it, by its code; a code is longer than a district's, and fit for a file's name.
_FACILITY = "CASE WHEN regexp_full_match(d.facility_code, '[0-9A-Za-z_-]{4,20}') THEN d.facility_code END"

UPDATE_LINES = f"""
SELECT coalesce({_FACILITY}, x.place_given_district_code, p.district_code, p.province_code,
        d.place_given_province_code, '{NOWHERE}') AS unit_code, {_FACILITY} IS NOT NULL AS is_facility, d.facility_name,
    coalesce(x.place_given_district_code, p.district_code) AS district_code,
    x.decision_id, x.decision, x.ground, x.citizen_id, x.field, x.value_now, x.value, x.decided_by, x.decided_on,
    x.source_file, x.source_row, d.dose_record_id, i.dose_record_id IS NOT NULL AS has_sole_id,
    d.full_name_typed, d.id_number_typed, d.vaccination_date, d.dose_number, d.vaccine
FROM decisions AS x LEFT JOIN doses AS d USING (source_file, source_row)
LEFT JOIN links AS l USING (source_file, source_row) LEFT JOIN sole_ids AS i ON i.dose_record_id = d.dose_record_id
LEFT JOIN citizens AS r ON x.source_file IS NULL AND r.citizen_id = x.citizen_id
LEFT JOIN places AS p ON p.commune_code = coalesce(r.current_commune_code, r.permanent_commune_code)
WHERE x.bound AND x.arrived IS FALSE AND (x.decision <> 'same_person' OR l.citizen_id = x.citizen_id)
ORDER BY unit_code, x.source_file, x.source_row, x.decision_id"""

# A finding names a citizen; its evidence a record, or whatever else was found.
FINDING_LINES = f"""
SELECT coalesce(p.province_code, d.province_code, d.place_given_province_code, '{NOWHERE}') AS unit_code,
    f.kind, f.citizen_id, f.evidence, d.dose_record_id, d.full_name_typed, d.id_number_typed, d.vaccination_date,
    d.facility_name, x.decided_by, x.decided_on
FROM registry_findings AS f LEFT JOIN citizens AS r USING (citizen_id)
LEFT JOIN places AS p ON p.commune_code = coalesce(r.current_commune_code, r.permanent_commune_code)
LEFT JOIN doses AS d ON d.source_file || ':' || d.source_row = f.evidence
LEFT JOIN decisions AS x ON x.decision_id = f.evidence AND x.citizen_id = f.citizen_id
ORDER BY unit_code, f.kind, f.citizen_id, f.evidence"""


def _places() -> pd.DataFrame:
    units = read_units()[["commune_code", "district_code", "province_code"]]
    return units[units["commune_code"] != ""].drop_duplicates("commune_code")


def plan(run: RunParameters) -> Plan:
    """Return the steps; without the registry's extract, which later weeks do not keep, nobody's residence is known."""
    registry = (
        opened("citizens", run)
        if TABLES["citizens"].path(run).is_file()
        else Step("citizens", TABLES["citizens"].row, query=empty_table("citizens"))
    )
    return (
        *(opened(table, run) for table in ("doses", "links", "decisions", "registry_findings")),
        registry,
        Step("places", "one commune and the units above it", frame=_places),
        Step("sole_ids", "one record id that names one record", "doses", SOLE_IDS),
        Step(
            "update_lines",
            "one correction to enter on the platform",
            "decisions doses links sole_ids citizens places",
            UPDATE_LINES,
        ),
        Step(
            "finding_lines",
            "one finding for the registry office",
            "registry_findings citizens places doses decisions",
            FINDING_LINES,
        ),
    )
