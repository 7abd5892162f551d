"""The people's work of the reconcile stage: lists for each commune, and the answers that come back.

`issue.py` makes lists, `take_answers.py` turns returned ones into decisions; what a list may show stands in
`kinds.py`, where each open row goes in `routing.py`.
"""

from analysis.worklists.issue import EVERY_UNIT, IssueResult, issue_lists
from analysis.worklists.take_answers import ImportResult, import_answers, peek_as_of

__all__ = ["EVERY_UNIT", "ImportResult", "IssueResult", "import_answers", "issue_lists", "peek_as_of"]
