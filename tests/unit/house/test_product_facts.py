"""What is known of a product stands in `vaccines.csv` alone: no module names a product's days, doses or spelling."""

import ast
import re

from analysis.clean.fields.vaccines import parse_vaccine
from analysis.reference import read_vaccines
from analysis.reference.product_facts import (
    APPROVED_ON,
    LEAST_INTERVAL_DAYS,
    PRODUCTS,
    SERIES_DOSES,
    USUAL_SERIES_DOSES,
    is_of_series_sql,
    series_doses_sql,
)
from house_files import ROOT

SOURCE = ROOT / "src" / "analysis"
SHORTEST_NAME = 5  # letters: "az" or "vero" stand inside other words
# Modules that name products all the same, and why.
NAMES_PRODUCTS = {
    "simulate/campaign/doses.py": "the invented campaign: which products it gives to whom, and what their lots look like",
    "simulate/campaign/schedule.py": "the key of a draw of the invented campaign",
    "simulate/campaign/shapes.py": "the invented campaign gives one product in a stream of its own; its days are the table's",
}


def reduced(text: str) -> str:
    """Return a text's letters and digits."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


def names_of_products() -> set[str]:
    """Return every name and sign of a product that is long enough to mean nothing else."""
    vaccines = read_vaccines()
    columns = ("aliases", "signs", "long_names")
    typed = {name for column in columns for names in vaccines[column] for name in names}
    return {name for name in map(reduced, typed | set(PRODUCTS)) if len(name) >= SHORTEST_NAME}


def products_named(text: str) -> list[str]:
    """Return the texts in a module's code that name a product; prose (a text that stands alone) may."""
    tree = ast.parse(text)
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose
    ]
    names = names_of_products()
    return [text for text in texts if any(name in reduced(text) for name in names)]


def test_a_module_that_names_a_product_is_found() -> None:
    found = products_named('"""Of Janssen."""\nDAYS = {"Astra-Zeneca": 28}\nsql = f"WHEN {x} = \'Abdala\'"\n')
    assert found == ["Astra-Zeneca", " = 'Abdala'"]


def test_no_other_module_names_a_product() -> None:
    modules = {path.relative_to(SOURCE).as_posix(): path.read_text("utf-8") for path in SOURCE.rglob("*.py")}
    assert {name for name, text in modules.items() if products_named(text)} == set(NAMES_PRODUCTS)


def test_the_words_of_the_briefing_say_the_doses_of_the_table() -> None:
    unusual = {name: doses for name, doses in SERIES_DOSES.items() if doses != USUAL_SERIES_DOSES}
    for language, dose in (("vi", "mũi"), ("en", "dose")):
        words = (SOURCE / f"briefing/templates/words_{language}.toml").read_text("utf-8")
        [line] = [line for line in words.splitlines() if any(name in line for name in PRODUCTS)]
        said = re.findall(rf"([A-Z][\w-]+) (\d)(?: {dose})?", line)
        assert {name: int(doses) for name, doses in said} == unusual
        assert re.search(rf"(?:loại khác|others) {USUAL_SERIES_DOSES}\b", line)


def test_every_name_of_the_table_is_recognised_as_its_product() -> None:
    for row in read_vaccines().itertuples():
        for name in (row.product, *row.aliases, *row.signs, *row.long_names, *row.short_forms):
            assert parse_vaccine(name) == (row.product, 0), name


def test_facts_are_those_of_the_table() -> None:
    assert (APPROVED_ON["Covaxin"].isoformat(), len(APPROVED_ON)) == ("2021-11-10", len(PRODUCTS))
    assert LEAST_INTERVAL_DAYS["AstraZeneca"] == 28 and "Janssen" not in LEAST_INTERVAL_DAYS
    assert is_of_series_sql("v", 1) == "v IN ('Janssen')"
    assert series_doses_sql("v") == "CASE v WHEN 'Janssen' THEN 1 WHEN 'Abdala' THEN 3 ELSE 2 END"
