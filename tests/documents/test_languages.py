"""A run in two languages, or in English alone: every page of it, and the ways from one language to the other."""

import re
import zipfile
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest

from analysis.briefing.documents.documents import show_front
from analysis.briefing.documents.portal.index import Beside, write_everything, write_index
from analysis.briefing.documents.portal.weeks import write_week_list
from analysis.briefing.documents.public_notice import FILES, PRESS_WORDS, write_public_notice
from analysis.briefing.documents.web_page import write_page
from analysis.briefing.figures.context import build_context
from analysis.briefing.figures.languages import languages_of
from analysis.settings import RunParameters
from documents.test_portal_parts import UNITS, odd_week
from documents.test_words import vietnamese_in

Sample = Callable[..., RunParameters]
BOTH = 'language = "vi"\nsecond_language = "en"'


def write_pages(run: RunParameters, units: list[str], folder: Path) -> None:
    """Write everything of a run that is a page, and stubs for the documents it links."""
    for language in languages_of(run):
        for unit in units:
            context = build_context(run, unit, language)
            front = show_front(context)
            write_page([(front.html, front.about)], folder / f"{context['file_stem']}.html")
            for kind in ("pdf", "docx", "pptx", "xlsx"):
                (folder / f"{context['file_stem']}.{kind}").write_text("x", encoding="utf-8")
        write_public_notice(run, units, folder, language=language)
    archive = write_everything(run, units, folder)
    for language in languages_of(run):
        write_index(run, units, folder, Beside(folder / "tables", archive, True), language=language)


def links_of(page: Path) -> dict[str, str]:
    """Return the links of a page and the language each names, if any."""
    found = re.findall(r'<a [^>]*?href="([^"#]+)"([^>]*)>', page.read_text(encoding="utf-8"))
    return {link: "".join(re.findall(r'hreflang="(\w+)"', rest)) for link, rest in found}


def words_of(page: Path) -> str:
    """Return the text of a page, without what stands in the other language on purpose."""
    text = re.sub(
        r"<(style|script)\b.*?</\1>|<a [^>]*hreflang.*?</a>", " ", page.read_text("utf-8"), flags=re.S
    )
    return unescape(re.sub(r"<[^>]+>", " ", text))


@pytest.fixture
def both(sample: Sample, tmp_path: Path) -> Path:
    """Return the folder of a run in Vietnamese and English, with every kind of caution."""
    folder = tmp_path / "out"
    folder.mkdir()
    write_pages(sample(edit=odd_week, settings=BOTH), ["VN", "02", "06"], folder)
    return folder


def test_each_page_leads_to_itself_in_the_other_language(both: Path) -> None:
    for name in ("index.html", "cong-khai.html", "national.html", "02-ha-giang.html", "06-bac-kan.html"):
        other = name.replace(".html", ".en.html")
        assert links_of(both / name)[other] == "en" and links_of(both / other)[name] == "vi", name
        assert '<html lang="vi">' in (both / name).read_text("utf-8")
        assert '<html lang="en">' in (both / other).read_text("utf-8")


def test_an_english_page_leads_to_english_files_that_are_there(both: Path) -> None:
    for page in both.glob("*.en.html"):
        for link, language in links_of(page).items():
            is_marked = ".en." in link or language == "vi"
            assert is_marked or link.startswith(("../", "tables/", "tat-ca.zip")), (page.name, link)
            assert link.startswith(("../index.en.html", "tables/")) or (both / link).is_file(), link
    for page in (path for path in both.glob("*.html") if ".en." not in path.name):
        assert {link for link in links_of(page) if ".en." in link} == {page.name.replace(".html", ".en.html")}


def test_an_english_page_has_no_vietnamese_sentence(both: Path) -> None:
    pages = [*both.glob("*.en.html"), *both.glob("*.en.txt")]
    assert len(pages) == 7
    for page in pages:
        assert vietnamese_in(words_of(page)) == [], page.name
    note = (both / "thong-cao.en.txt").read_text("utf-8")
    assert "cong-khai.en.html" in note and len(note.split()) <= PRESS_WORDS
    cautions = words_of(both / "index.en.html")
    assert "in Hà Giang City" in cautions and "Bắc Kạn : no dose entered" in " ".join(cautions.split())


def test_the_archive_holds_both_indexes_standing_alone(both: Path) -> None:
    with zipfile.ZipFile(both / "tat-ca.zip") as archive:
        for name in ("index.html", "index.en.html"):
            page = archive.read(f"baophu-2021-11-07/{name}").decode("utf-8")
            assert "tat-ca.zip" not in page and "../index" not in page
            assert f'href="{"index.en.html" if name == "index.html" else "index.html"}"' in page


def test_a_run_in_english_alone_has_plain_names_and_no_other_language(sample: Sample, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    write_pages(sample(edit=odd_week, settings='language = "en"'), UNITS[:4], folder)
    assert {path.name for path in folder.iterdir()} >= {"index.html", *FILES.values(), "national.pdf"}
    assert not list(folder.glob("*.en.*"))
    for page in [*folder.glob("*.html"), *folder.glob("*.txt")]:
        assert vietnamese_in(words_of(page)) == [], page.name
        assert not any(links_of(page).values()), page.name


def test_the_weeks_are_listed_in_each_language_in_which_one_of_them_stands(tmp_path: Path) -> None:
    for day, files in (("2021-10-31", ("index.html",)), ("2021-11-07", ("index.html", "index.en.html"))):
        run = tmp_path / ".runs" / f"{day}-aa"
        run.mkdir(parents=True)
        for name in (*files, *(f.replace("index", "national") for f in files)):
            (run / name).write_text(day, encoding="utf-8")
        (run / "manifest.json").write_text('{"units": ["VN"], "files": {}}', encoding="utf-8")
        (tmp_path / day).symlink_to(f".runs/{day}-aa", target_is_directory=True)
    made = write_week_list(tmp_path, "vi")
    assert [path.name for path in made] == ["index.html"] * 2 + ["index.en.html"] * 2
    weeks = list(links_of(tmp_path / "index.en.html"))
    assert weeks == [
        "index.html", "2021-11-07/index.en.html", "2021-11-07/national.en.html",
        "2021-10-31/index.html", "2021-10-31/national.html",
    ]  # fmt: skip
    assert all((path.parent / link).is_file() for path in made for link in links_of(path))
    assert links_of(tmp_path / "index.html")["index.en.html"] == "en"
    (tmp_path / ".runs" / "2021-11-07-aa" / "index.en.html").unlink()
    assert [path.name for path in write_week_list(tmp_path, "vi")] == ["index.html"] * 2
    assert not list(tmp_path.rglob("index.en.html")) and "index.en.html" not in links_of(
        tmp_path / "index.html"
    )
