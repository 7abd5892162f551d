"""What the run's tables are, for search engines of data: schema.org's Dataset as JSON-LD inside the index page."""

import json
from collections.abc import Sequence
from typing import Any

from analysis.briefing.documents.data_package import PACKAGE, table_title
from analysis.briefing.figures.reading import UnitTables
from analysis.briefing.figures.units import COUNTRY, find_unit, named_in
from analysis.briefing.figures.wording import Words, without_controls
from analysis.settings import FIRST_DOSE_IN_COUNTRY

CONTEXT = "https://schema.org"  # a name, which no browser loads
SIGNS = {
    ord("<"): "\\u003c",
    ord(">"): "\\u003e",
    ord("&"): "\\u0026",
}  # nothing ends the element it stands in


def dataset_json(
    units: Sequence[str], tables: UnitTables, files: Sequence[str], archive: str, words: Words
) -> str:
    """Return the description of the public `files` (below `tables/`) and of the `archive`, where there is one."""
    day = tables.as_of
    places = [named_in(find_unit(code), words.language).name for code in units if code != COUNTRY]
    organisation = without_controls(tables.run.settings.organisation, 120)
    described: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "Dataset",
        "name": words("package.title", cut_off=words("head.cut_off", day=words.day(day))),
        "description": words("package.description"),
        "inLanguage": words.language,
        "isAccessibleForFree": True,
        "creator": {"@type": "GovernmentOrganization", "name": organisation},
        "temporalCoverage": f"{FIRST_DOSE_IN_COUNTRY.isoformat()}/{day.isoformat()}",
        "spatialCoverage": {"@type": "Place", "name": "Việt Nam" if COUNTRY in units else ", ".join(places)},
        "version": without_controls(tables.mark.run_id, 60),
        "distribution": [
            *(_download(f"tables/{name}", _title(name, words)) for name in files),
            _download(f"tables/{PACKAGE}", PACKAGE),
            *([_download(archive, archive)] if archive else []),
        ],
    }
    if tables.mark.is_simulated:
        described["creativeWorkStatus"] = words("head.simulated")
    return json.dumps(described, ensure_ascii=False, separators=(",", ":")).translate(SIGNS)


def _title(name: str, words: Words) -> str:
    return table_title(name.removesuffix(".gz").removesuffix(".csv"), words)


FORMATS = {"csv": "text/csv", "gz": "application/gzip", "json": "application/json", "zip": "application/zip"}


def _download(path: str, title: str) -> dict[str, str]:
    kind = FORMATS[path.rpartition(".")[2]]
    return {"@type": "DataDownload", "name": title, "contentUrl": path, "encodingFormat": kind}
