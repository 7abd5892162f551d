"""The page of interfaces: made as committed, with every command, option, field and table that exists."""

import argparse
import re

import pytest

from analysis.briefing.documents.public_tables import PUBLIC_TABLES
from analysis.command_line import build_parser
from analysis.tables import TABLES
from interface_pages import (
    PAGE,
    field_name,
    fill_places,
    intake_schemas,
    intake_texts,
    page_text,
    published_rows,
)

Options = dict[str, set[str]]


def parser_options(parser: argparse.ArgumentParser) -> Options:
    """Return the options of every command of a parser, those of its actions among them, without `--help`."""
    (commands,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return {
        name: own_options(command) | set().union(*map(own_options, actions_of(command)))
        for name, command in commands.choices.items()
    }


def own_options(parser: argparse.ArgumentParser) -> set[str]:
    return {o for a in parser._actions for o in a.option_strings if o not in ("-h", "--help")}


def actions_of(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    found = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return [action for a in found for action in a.choices.values()]


def page_options(page: str) -> Options:
    """Return the options that the page's section of each command lists."""
    found = re.findall(r"^### `baophu (\w+)[^\n]*\n(.*?)(?=^##)", page, re.MULTILINE | re.DOTALL)
    return {name: set(re.findall(r"^\| `(--[\w-]+)", text, re.MULTILINE)) for name, text in found}


def test_sections_of_commands_are_read() -> None:
    page = "### `baophu go DIR`\n\n| `--far` | | x |\n| `--by CAR …` | | |\n### `baophu stay`\n## End\n"
    assert page_options(page) == {"go": {"--far", "--by"}, "stay": set()}


def test_a_place_without_text_is_found() -> None:
    assert fill_places("a {{b}} c", {"b": "x"}) == "a x c"
    for page, made in (("{{b}}", {}), ("b", {"b": "x"})):
        with pytest.raises(KeyError, match="b"):
            fill_places(page, made)


def test_the_page_names_every_command_and_option() -> None:
    assert page_options(PAGE.read_text("utf-8")) == parser_options(build_parser())


def test_every_field_of_an_intake_is_explained() -> None:
    fields = {(kind, field_name(s, field)) for kind, s in intake_schemas().items() for field in s.headers}
    assert set(intake_texts()) == fields


def test_every_published_table_says_which_rows_it_holds() -> None:
    assert set(published_rows()) == set(PUBLIC_TABLES)


def test_every_table_is_on_the_page() -> None:
    page = PAGE.read_text("utf-8")
    assert [name for name in TABLES if f"\n### `{name}`\n" not in page] == []


def test_the_page_is_as_it_is_made() -> None:
    assert PAGE.read_text("utf-8") == page_text(), "run: python tests/interface_pages.py"
