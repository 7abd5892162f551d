"""What the notebooks of the tutorial work on: one small invented province, made once, apart from the project's weeks."""

import shutil
from datetime import date
from pathlib import Path

from analysis.errors import RequestError
from analysis.settings import NONE, RunParameters, open_run, project_folder
from analysis.tables import TABLES

AS_OF = date(2021, 11, 7)
PROVINCE = "02"
# One in twenty of Hà Giang's people: seconds to make, and still enough doses in each district to say something.
SCALE = 0.05
# Which notebook of the tutorial writes a table.
WRITTEN_BY = {"doses": 2, "links": 2, "coverage": 3}


def open_tutorial(folder: str = "", after: str = "") -> RunParameters:
    """Return the tutorial's run; where its intake is missing it is simulated first (every person is invented).

    `folder` is the tutorial's own place, by default `data/processed/tutorial` of the project: deleting it begins the
    tutorial anew. `after` names a table that an earlier notebook must have written; raises RequestError saying which.
    """
    home = Path(folder) if folder else (project_folder() or Path.cwd()) / "data/processed/tutorial"
    day = AS_OF.isoformat()
    raw = home / "raw" / day
    if not (raw / "intake.json").is_file():
        _simulate(raw)
    places = (raw.as_posix(), (home / day).as_posix(), NONE, (home / "reports").as_posix())
    run = open_run(day, *places, provinces=PROVINCE, settings=NONE)
    if after and not TABLES[after].path(run).is_file():
        raise RequestError(
            f"the table '{after}' is not there yet; run notebook {WRITTEN_BY[after]} of the tutorial first"
        )
    return run


def _simulate(raw: Path) -> None:
    """Make the intake; its mark is written last, so that one that was stopped is made anew."""
    from analysis.simulate import simulate_country

    for former in (raw, raw.with_name(f"{raw.name}_truth")):
        shutil.rmtree(former, ignore_errors=True)
    simulate_country(raw, AS_OF, scale=SCALE, province=PROVINCE)
