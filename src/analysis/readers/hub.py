"""Forecasts as a hubverse hub reads them: one parquet file of model output a week beside the hub's tasks.

A hub (https://docs.hubverse.io) compares models by files of one form. Written is what is published: the
protected forecasts of the country and the provinces.
"""

import json
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from analysis.disclosure.opening import open_protected
from analysis.engine import sql_path
from analysis.errors import MachineError, RequestError
from analysis.readers.opening import PublicCounts, query_frame, table_path
from analysis.settings import RunParameters

MODEL = "baophu-growth"  # team and model, as the hub names its folders
SCHEMA = "https://raw.githubusercontent.com/hubverse-org/schemas/main/v6.0.0/tasks-schema.json"
TARGETS = {
    "at_least_one": "people with at least one dose",
    "primary_complete": "people whose primary series is complete",
    "additional": "people with an additional dose",
    "booster": "people with a booster dose",
}
# One row a quantile of one task; the task is what stands before `output_type`.
MODEL_OUTPUT = """
SELECT as_of AS origin_date, series_status || '_pct' AS target, ((target_date - as_of) // 7)::INTEGER AS horizon,
       target_date AS target_end_date, unit_code AS location, basis, age_group, 'quantile' AS output_type,
       quantile::DOUBLE AS output_type_id, value::DOUBLE AS value
FROM {path} ORDER BY ALL"""
TASK_COLUMNS = ("origin_date", "target", "horizon", "target_end_date", "location", "basis", "age_group")


def hub_forecasts(run: RunParameters, folder: str | Path) -> Path:
    """Write the run's published forecasts as a hubverse hub into a folder and return the file of model output.

    Files: `hub-config/tasks.json` (schema 6.0.0; who runs a hub adds `admin.json`: contact, repository), and
    `model-output/baophu-growth/<as-of>-baophu-growth.parquet` with the columns origin_date (as_of), target
    (`<series_status>_pct`: percent of the population of that age), horizon (weeks), target_end_date, location (unit_code), basis,
    age_group, output_type (`quantile`), output_type_id (its level) and value. Earlier weeks of the same folder stay,
    and the tasks name all of them. Raises RequestError where the run forecasts nothing that is published.
    """
    public = PublicCounts(**vars(run))
    frame = query_frame([table_path(public, "forecast")], MODEL_OUTPUT)
    if frame.empty:
        raise RequestError(f"the run of {run.as_of} published no forecast; nothing is written")
    output = Path(folder) / "model-output" / MODEL
    target = output / f"{run.as_of}-{MODEL}.parquet"
    try:
        output.mkdir(parents=True, exist_ok=True)
        _write_frame(public, target)
        config = Path(folder) / "hub-config"
        config.mkdir(exist_ok=True)
        rounds = query_frame(sorted(output.glob("*.parquet")), "SELECT * FROM {path}")
        text = json.dumps(hub_tasks(rounds), ensure_ascii=False, indent=2) + "\n"
        (config / "tasks.json").write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise MachineError(f"hub_forecasts: {error.strerror or 'the folder cannot be written'}") from error
    return target


def _write_frame(run: RunParameters, target: Path) -> None:
    """Write the model output whole or not at all; the same forecasts give the same bytes."""
    with duckdb.connect() as con:
        open_protected(run)["forecast"].view(con)
        part = target.with_suffix(".part")
        query = MODEL_OUTPUT.replace("{path}", "forecast")
        con.execute(f"COPY ({query}) TO {sql_path(part)} (FORMAT parquet, COMPRESSION zstd)")
        part.replace(target)


def hub_tasks(output: pd.DataFrame) -> dict[str, Any]:
    """Return the hub's `tasks.json`: which tasks its model output answers, and what each target is."""
    days = ("origin_date", "target_end_date")
    frame = output.assign(**{day: output[day].dt.strftime("%Y-%m-%d") for day in days})
    words = {column: sorted(frame[column].unique().tolist()) for column in TASK_COLUMNS}
    levels = sorted(frame["output_type_id"].unique().tolist())
    task = {
        "task_ids": {column: {"required": None, "optional": values} for column, values in words.items()},
        "output_type": {
            "quantile": {
                "output_type_id": {"required": levels},
                "is_required": True,
                "value": {"type": "double", "minimum": 0},
            }
        },
        "target_metadata": [_target(name) for name in words["target"]],
    }
    due = {"relative_to": "origin_date", "start": 0, "end": 7}
    return {
        "schema_version": SCHEMA,
        "rounds": [
            {
                "round_id_from_variable": True,
                "round_id": "origin_date",
                "model_tasks": [task],
                "submissions_due": due,
            }
        ],
        "output_type_id_datatype": "double",
        "derived_task_ids": ["target_end_date"],
    }


def _target(name: str) -> dict[str, Any]:
    people = TARGETS[name.removesuffix("_pct")]
    return {
        "target_id": name,
        "target_name": f"Coverage: {people}",
        "target_units": "percent of the population of the age group",
        "target_keys": {"target": name},
        "description": f"{people}, percent, at the end of target_end_date, as the basis counts them",
        "target_type": "continuous",
        "is_step_ahead": True,
        "time_unit": "week",
    }
