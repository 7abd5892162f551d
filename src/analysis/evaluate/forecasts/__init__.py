"""Forecasts scored on past campaigns, what they are measured against, and how their coefficients are learned."""

from analysis.evaluate.forecasts.backtest import run_backtest

__all__ = ["run_backtest"]
