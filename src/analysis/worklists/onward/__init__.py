"""Answers that go on: corrections to enter on the platform, a list a facility, and what the registry office looks at."""

from analysis.worklists.onward.issue import FINDINGS, UPDATES, issue_onward

__all__ = ["FINDINGS", "UPDATES", "issue_onward"]
