"""What the documentation names is there: files, headings, variables, commands, endpoints, series."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout, suppress
from functools import cache
from io import StringIO
from pathlib import Path

import pytest

from sightline_core.settings import Settings
from sightline_server.cli import main
from sightline_server.configuration import variable

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "*/README.md", "analysis/*/*/README.md")
    for path in ROOT.glob(pattern)
)
GUIDES = [page for page in PAGES if page.name != "CHANGELOG.md"]  # which may name what was taken away since
SDK = sorted((ROOT / "instrumentation" / "sightline").rglob("*.py"))
OF_THE_DEVELOPMENT_SERVER = {"SIGHTLINE_DEV_API"}


def names_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def variables_in(*paths: Path) -> set[str]:
    """Names of our variables in these files."""
    return {name for path in paths for name in re.findall(r"SIGHTLINE_[A-Z0-9_]*[A-Z0-9]", path.read_text())}


def anchors(page: Path) -> set[str]:
    """Ids that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=names_of)
def test_links_lead_to_files_and_headings(page: Path) -> None:
    for target in re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", page.read_text()):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        file = page.parent / path if path else page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), target


def test_every_guide_can_be_reached_from_the_readme() -> None:
    found, queue = set(), [ROOT / "README.md"]
    while queue:
        page = queue.pop()
        if page in found or not page.is_file() or page.suffix != ".md":
            continue
        found.add(page)
        links = re.findall(r"\]\(([^)#\s]+)", page.read_text())
        queue.extend((page.parent / link).resolve() for link in links if not link.startswith("http"))
    assert set((ROOT / "docs").glob("*.md")) <= found


def test_every_variable_of_the_documentation_is_read_and_every_one_that_is_read_is_documented() -> None:
    of_the_sdk = variables_in(*SDK)
    of_the_server = {variable(name) for name in Settings.model_fields}
    documented = variables_in(*GUIDES) - OF_THE_DEVELOPMENT_SERVER
    assert documented == of_the_sdk | of_the_server
    assert of_the_sdk <= variables_in(ROOT / "docs" / "instrumentation.md")
    assert of_the_server <= variables_in(ROOT / "docs" / "settings.md")


@cache
def usage(*command: str) -> str:
    """What `sightline … --help` prints; empty when there is no such command."""
    printed = StringIO()
    with redirect_stdout(printed), redirect_stderr(StringIO()), suppress(SystemExit):
        main([*command, "--help"])
    first_words = " ".join(["usage: sightline", *command])
    return printed.getvalue() if printed.getvalue().startswith(first_words) else ""


def commands_in(page: Path) -> Iterator[str]:
    """Lines of commands, without comments: those in blocks, and those in text."""
    for written in re.findall(r"(?:^ {4}|`)sightline ((?:[^`\n]|\n(?=\S))*)", page.read_text(), re.MULTILINE):
        line = " ".join(written.partition("#")[0].split())
        if not line.startswith("run "):
            yield line


def test_every_command_is_documented() -> None:
    commands = set(re.findall(r"^    ([a-z]+)(?: |$)", usage().partition("commands:")[2], re.MULTILINE)) - {
        "command"
    }
    assert {"serve", "doctor"} < commands
    assert commands <= {line.split()[0] for page in GUIDES for line in commands_in(page)}


@pytest.mark.parametrize("page", GUIDES, ids=names_of)
def test_commands_exist_with_their_options(page: Path) -> None:
    for line in commands_in(page):
        command: tuple[str, ...] = ()
        for word in line.split():
            if not usage(*command, word):
                break
            command = (*command, word)
        assert command, line
        for option in re.findall(r"--[a-z][a-z0-9-]*[a-z0-9]", line):
            assert re.search(rf"{option}(?![a-z0-9-])", usage(*command)), line


@pytest.mark.parametrize("page", GUIDES, ids=names_of)
def test_endpoints_are_those_of_the_api(page: Path) -> None:
    paths = json.loads((ROOT / "api" / "openapi.json").read_text())["paths"]
    patterns = [re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)) for path in paths]
    for named in re.findall(r"/api/v1(?:/[A-Za-z0-9_{}-]+)+", page.read_text()):
        assert any(pattern.fullmatch(named) for pattern in patterns), named
