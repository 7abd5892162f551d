"""The page of disclosure control says what the rules say."""

from disclosure_page import PAGE, page_text


def test_the_page_is_as_it_is_made() -> None:
    assert PAGE.read_text("utf-8") == page_text(), "run: python tests/disclosure_page.py"
