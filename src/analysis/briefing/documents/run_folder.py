"""The last files of a run's folder: tables, archive, index, what disclosure control did, and the manifest of them all."""

from pathlib import Path

from analysis.briefing.documents.data_package import write_data_package
from analysis.briefing.documents.documents import sources_of
from analysis.briefing.documents.portal.index import Beside, write_everything, write_index
from analysis.briefing.documents.public_notice import write_public_notice
from analysis.briefing.documents.public_tables import write_public_tables
from analysis.briefing.figures.languages import languages_of
from analysis.disclosure.summary import write_summary
from analysis.pipeline import BRIEFING
from analysis.safeguards import publishing, run_record
from analysis.safeguards.audit_log import AUDIT_LOG
from analysis.safeguards.run_record import Hashes
from analysis.settings import RunParameters
from analysis.tables import TABLES


def finish_folder(
    run: RunParameters, run_id: str, units: tuple[str, ...], inputs: Hashes, staging: Path
) -> None:
    """Write the public tables, what is for the public and the press, the archive, the index page, and, last, the manifest."""
    write_public_tables(run, staging / "tables")
    write_data_package(run, staging / "tables")
    for language in languages_of(run):
        write_public_notice(run, units, staging, language=language)
    archive = write_everything(run, units, staging)
    for language in languages_of(run):
        beside = Beside(staging / "tables", archive, has_weeks=True)
        write_index(run, units, staging, beside, language=language)
    write_summary(run, staging)
    # File by file in the restricted zone only: a name or a hash of one file may say something of a person.
    run_record.write_json(run.restricted / "run" / "inputs.json", run_record.inputs_of(run, inputs))
    aggregate = [TABLES[n].path(run).relative_to(run.processed).as_posix() for n in BRIEFING.reads]
    manifest = run_record.made_from(run, run_id, inputs) | {
        "units": list(units),
        "audit_log": AUDIT_LOG,
        "sources": {unit: sources_of(run, unit) for unit in units},
        "aggregate": run_record.output_hashes(run.processed, aggregate),
        "files": publishing.manifest_files(staging),
    }
    run_record.write_json(staging / publishing.MANIFEST, manifest)
