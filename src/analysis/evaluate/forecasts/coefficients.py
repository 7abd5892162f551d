"""Coefficients as files: the set that the weekly job uses, and the sets that score it honestly."""

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.evaluate.forecasts.training.learning import Learned
from analysis.trends.forecast.fits import COEFFICIENTS_FILE, LOCATION, GrowthModel, parse_model, read_model
from analysis.trends.forecast.momentum import SPREAD
from analysis.trends.forecast.quantiles import FloatArray

HELD_OUT_FILE = "held_out_coefficients.json"
SOURCES_FILE = "panel_sources.csv"
ABOUT = (
    "Coefficients of the pooled damped-gain model (analysis.trends.forecast.growth), learned by "
    "`python -m analysis.evaluate.forecasts train` from weekly coverage of the units of each country named. "
    "No series is contained here."
)
ABOUT_HELD_OUT = (
    "Each set was learned without its fold of countries: scores of the backtest on these countries use it."
)


def describe_learned(learned: Learned, date: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the documents of the shipped set (with its sources and date) and of the held-out sets."""
    countries = sorted(country for fold in learned.folds for country in fold)
    shipped = {
        "about": ABOUT,
        "learned_on": date,
        "sources": list_sources(countries),
        "fits": describe_model(learned.model),
    }
    held_out = {
        "about": ABOUT_HELD_OUT,
        "learned_on": date,
        "folds": [list(fold) for fold in learned.folds],
        "fits": [describe_model(model) for model in learned.without],
    }
    return shipped, held_out


def list_sources(countries: list[str]) -> list[dict[str, Any]]:
    """Return the sources of countries, each with its licence; one that is not listed says so."""
    table = pd.read_csv(str(files("analysis.evaluate.forecasts") / SOURCES_FILE), dtype=str)
    table = table[table["country"].isin(countries)]
    keys = ["source", "version", "licence"]
    listed = [
        dict(zip(keys, map(str, key), strict=True)) | {"countries": sorted(rows["country"])}
        for key, rows in table.groupby(keys, sort=True)
    ]
    unlisted = sorted(set(countries) - set(table["country"]))
    unknown = {"source": "not stated", "version": "", "licence": "not stated", "countries": unlisted}
    return [*listed, unknown] if unlisted else listed


def describe_model(model: GrowthModel) -> dict[str, Any]:
    """Return the coefficients with their names, rounded to six digits after the point."""
    return {
        status: {
            str(h): {
                "location": _named(LOCATION[status], fit.location),
                "spread": _named(SPREAD, fit.spread),
                "shape": [round(float(v), 6) for v in fit.shape],
                "half_range": round(fit.half_range, 6),
                "chance": [round(float(v), 6) for v in fit.chance],
            }
            for h, fit in fits.items()
        }
        for status, fits in model.items()
    }


def _named(names: tuple[str, ...], values: FloatArray) -> dict[str, float]:
    return {name: round(float(value), 6) for name, value in zip(names, values, strict=True)}


def write_learned(learned: Learned, date: str, out: Path) -> Learned:
    """Write both files of coefficients to a folder; return what was learned as it is written, rounded."""
    shipped, held_out = describe_learned(learned, date)
    out.mkdir(parents=True, exist_ok=True)
    for name, document in ((COEFFICIENTS_FILE, shipped), (HELD_OUT_FILE, held_out)):
        text = json.dumps(document, ensure_ascii=False, indent=1)
        (out / name).write_text(text + "\n", encoding="utf-8", newline="\n")
    return _parse_learned(held_out, parse_model(shipped["fits"]))


def _parse_learned(held_out: dict[str, Any], model: GrowthModel) -> Learned:
    return Learned(
        model,
        tuple(tuple(fold) for fold in held_out["folds"]),
        tuple(parse_model(fits) for fits in held_out["fits"]),
    )


@cache
def read_learned() -> Learned:
    """Read the shipped coefficients together with the held-out sets."""
    text = (files("analysis.evaluate.forecasts") / HELD_OUT_FILE).read_text(encoding="utf-8")
    return _parse_learned(json.loads(text), read_model())
