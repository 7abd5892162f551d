"""What comes next: forecasts of coverage with intervals, and the way to each target."""

from analysis.trends.stage import TrendSummary, project_coverage

__all__ = ["TrendSummary", "project_coverage"]
