"""The languages in which a run's documents are made, and how a file of each is called.

The first language's files bear their plain names; those of a second one say it before their ending (`index.en.html`).
"""

from analysis.settings import RunParameters

INDEX = "index.html"  # of a run's folder, in its first language
NAMES = {"vi": "Tiếng Việt", "en": "English"}  # each as its own readers write it


def languages_of(run: RunParameters) -> list[str]:
    """Return the languages in which a run's documents are made, the first of them first."""
    return [language for language in (run.settings.language, run.settings.second_language) if language]


def name_in(run: RunParameters, name: str, language: str = "") -> str:
    """Return the name of a file in a language of the run; empty is the first."""
    return name if language in ("", run.settings.language) else named_for(name, language)


def named_for(name: str, language: str) -> str:
    """Return a file's name marked with its language: `index.html` is `index.en.html`."""
    stem, _, kind = name.rpartition(".")
    return f"{stem}.{language}.{kind}"


def other_version(run: RunParameters, name: str, language: str = "") -> dict[str, str]:
    """Return where the same page stands in the run's other language; all is empty where there is one language alone.

    `name` is the page's in the first; what is returned: other_language, other_name, other_page.
    """
    own = language or run.settings.language
    other = next((found for found in languages_of(run) if found != own), "")
    page = name_in(run, name, other) if other else ""
    return {"other_language": other, "other_name": NAMES.get(other, ""), "other_page": page}
