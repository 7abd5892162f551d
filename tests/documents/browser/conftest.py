"""A real browser: Debian's Chromium, driven by Playwright, with axe-core beside it.

Neither is in the lock, because no run needs them: `.ci/run` installs Chromium, and what requirements.lock of this
folder names into `.browser/`. Where they are missing these tests are skipped and say so.
"""

import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from house_files import ROOT

TOOLS = ROOT / ".browser"
if TOOLS.is_dir():
    sys.path.append(str(TOOLS))  # behind the lock's packages

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PHONE, DESK = (390, 844), (1280, 900)
# As root there is no sandbox to be had; and nothing of its own may look for a network.
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@dataclass
class Tab:
    """One page in the browser, and what went wrong on it: errors of the console, requests to elsewhere."""

    page: Any
    base: str
    faults: list[str] = field(default_factory=list)

    def open(self, name: str) -> Any:
        """Open a page of the folder that is tried, and return it."""
        self.page.goto(f"{self.base}/{name}")
        return self.page

    def note_request(self, request: Any) -> None:
        """Remember a request that goes anywhere but to the folder."""
        if not request.url.startswith((self.base, "data:", "about:")):
            self.faults.append(f"request: {request.url}")

    def note_console(self, message: Any) -> None:
        """Remember an error."""
        if message.type == "error":
            self.faults.append(f"console: {message.text}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Return the browser; skips, saying what is missing, where there is none."""
    if CHROMIUM is None:
        pytest.skip("no chromium at hand: pages are tried in a real browser where .ci/run installed it")
    tool = pytest.importorskip(
        "playwright.sync_api",
        reason="no playwright in .browser: .ci/run installs it (requirements.lock here)",
    )
    with tool.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def open_tab(browser: Any) -> Iterator[Callable[..., Tab]]:
    """Return a maker of tabs on a folder (its address as `base`); each must end without a fault."""
    made: list[tuple[Any, Tab]] = []

    def make(base: str, size: tuple[int, int] = DESK, **options: Any) -> Tab:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **options)
        tab = Tab(context.new_page(), base)
        tab.page.on("request", tab.note_request)
        tab.page.on("console", tab.note_console)
        tab.page.on("pageerror", lambda error: tab.faults.append(f"error: {error}"))
        made.append((context, tab))
        return tab

    yield make
    for context, _ in made:
        context.close()
    assert [tab.faults for _, tab in made if tab.faults] == []


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[[Path], str]]:
    """Return what serves a folder on this machine alone and returns its address."""
    servers: list[ThreadingHTTPServer] = []

    def start(folder: Path) -> str:
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="session")
def axe() -> str:
    """Return the source of axe-core, which looks for barriers on a page."""
    package = pytest.importorskip(
        "axe_playwright_python",
        reason="no axe-core in .browser: .ci/run installs it (requirements.lock here)",
    )
    return next(Path(str(package.__file__)).parent.rglob("axe.min.js")).read_text(encoding="utf-8")
