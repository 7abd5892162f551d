"""What people decided: applied first, never overruled by a rule or a model."""

from analysis.steps import Step

# Of two answers about one row and one citizen the later stands.
OVERRULED = """
SELECT x.decision_id FROM decisions AS x JOIN decisions AS y USING (source_file, source_row, citizen_id)
WHERE x.decision = 'same_person' AND y.decision = 'different_person' AND x.bound AND y.bound
  AND (coalesce(y.decided_on, DATE '0001-01-01'), y.decision_id)
    > (coalesce(x.decided_on, DATE '0001-01-01'), x.decision_id)"""

# The last decision about a row wins, a deleted dose before any other; the cleaning stage has already settled
# which are in force and bound.
DECIDED = """
SELECT d.row_no, x.decision, x.citizen_id
FROM decisions AS x JOIN dose_rows AS d USING (source_file, source_row)
ANTI JOIN overruled USING (decision_id)
WHERE x.bound AND x.decision IN ('same_person', 'not_in_registry', 'delete_dose')
  AND (x.decision != 'same_person' OR length(x.citizen_id) = 12)
QUALIFY row_number() OVER (
    PARTITION BY d.row_no
    ORDER BY x.decision != 'delete_dose', x.decided_on DESC NULLS LAST, x.decision_id DESC) = 1"""

RULED_OUT = """
SELECT DISTINCT d.row_no, x.citizen_id
FROM decisions AS x JOIN dose_rows AS d USING (source_file, source_row)
WHERE x.bound AND x.decision = 'different_person' AND x.citizen_id IS NOT NULL"""

# They hold even when the registry's extract lacks the citizen.
DECIDED_LINKS = "SELECT row_no, citizen_id FROM decided WHERE decision = 'same_person'"

# Birth date and sex stand in a row as people decided them; until the platform says so too, a plain comparison fails.
NOT_ENTERED = """
SELECT DISTINCT d.row_no FROM decisions AS x JOIN dose_rows AS d USING (source_file, source_row)
WHERE x.arrived IS FALSE AND x.decision = 'correct_value' AND x.field IN ('birth_date', 'sex')"""

STEPS = (
    Step("overruled", "one decision that a later one takes back", "decisions", OVERRULED),
    Step("decided", "one row that people decided on", "decisions dose_rows overruled", DECIDED),
    Step("ruled_out", "one citizen whom people ruled out for one row", "decisions dose_rows", RULED_OUT),
    Step(
        "not_entered", "one row with a correction that the platform lacks", "decisions dose_rows", NOT_ENTERED
    ),
    Step("decided_links", "one row and the citizen people decided for", "decided", DECIDED_LINKS),
)
