"""What commands say to arguments that cannot be meant; each ends with 2 and changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from sightline_analysis.costs import invoice_formats
from sightline_server.cli import main
from sightline_server.commands import options

_PRICE = ("prices", "set", "own", "--model", "gpt-4o", "--input", "1")
_YEAR = ("--from", "2026-01-01", "--to", "2027-01-01")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        # What `"$USER_ID"` is when the variable is not set: it would be everything without a user.
        (("delete", "user", ""), "must not be empty"),
        (("delete", "session", "s-1", " "), "must not be empty"),
        (("delete", "user", "ann", "--project", "A B"), "lower-case letters"),
        (("reprice", "--from", "yesterday", "--to", "2026-11-01"), "'yesterday' is no day like 2026-10-01"),
        (("reprice", "--from", "2026-10-01", "--to", "9999-12-31T23:59:59-14:00"), "is no day"),
        ((*_PRICE, "--output", "2", "--from", "0001-01-01T00:00:00+14:00"), "is no day"),
        (("projects", "set", "shop", "--max-spans-per-s", "-1"), "of 0 or more"),
        (("projects", "set", "shop", "--max-content-size", "9999999999"), "2147483647 at most"),
        (("projects", "set", "shop", "--max-content-size", "9" * 5000), "2147483647 at most"),
        # Bytes that are no UTF-8, as Python hands them over.
        (("delete", "user", "\udcff\udcfe"), "not UTF-8 text"),
        (("prices", "remove", "\udcff"), "not UTF-8 text"),
        (("export", "--to", "clickhouse://u:\udcff@h/db"), "not UTF-8 text"),
        (("keys", "create", ""), "must not be empty"),
        (("keys", "revoke", ""), "must not be empty"),
        ((*_PRICE, "--output", "nan"), "is an amount between"),
        ((*_PRICE, "--output", "sNaN"), "is an amount between"),
        ((*_PRICE, "--output", "1e-13"), "at most 12 digits"),
        ((*_PRICE, "--output", "2", "--until", "soon"), "'soon' is no day"),
        (("prices", "set", "own", "--model", "", "--input", "1", "--output", "2"), "must not be empty"),
        (("prices", "update", "--undo", "--file", "x.json"), "not allowed with"),
    ],
)
def test_values_that_cannot_be_meant_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--data-dir", str(tmp_path)])
    assert ended.value.code == 2
    assert words in capsys.readouterr().err.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("backup", "copy"),
        ("export", "--to", "clickhouse://127.0.0.1:1/x"),
        ("reprice", *_YEAR),
        ("delete", "user", "ann"),
        ("projects", "delete", "shop", "--yes"),
        ("projects", "list"),
        ("keys", "revoke", "abc"),
        ("prices", "remove", "own"),
    ],
)
def test_a_folder_without_a_store_is_told_instead_of_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    folder = tmp_path / "mistyped"
    assert main([*arguments, "--data-dir", str(folder)]) == 2
    assert capsys.readouterr().err.startswith(f"sightline: there is no store in {folder}")
    assert list(tmp_path.iterdir()) == []


def test_doctor_misses_a_store_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "mistyped"
    assert main(["doctor", "--data-dir", str(folder)]) == 1
    assert f"needs attention: there is no store in {folder}" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_a_size_of_0_is_refused_as_by_the_api(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change = ["projects", "set", "shop", "--max-body-size", "0", "--data-dir", str(tmp_path)]
    assert main(change) == 2
    assert capsys.readouterr().err.startswith("sightline: max_body_size is 1 or more")
    assert main(["projects", "list", "--data-dir", str(tmp_path)]) == 0
    listed = capsys.readouterr().out
    assert "shop" not in listed
    assert "default" in listed  # though nothing was ever set for it


@pytest.mark.parametrize("arguments", [("reprice", *_YEAR), (*_PRICE, "--output", "2")])
def test_a_project_that_is_not_there_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    (tmp_path / "clickhouse").mkdir()
    assert main([*arguments, "--project", "shop", "--data-dir", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("sightline: there is no project 'shop'")


def test_a_place_that_cannot_be_written_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.write_text("")
    assert main(["keys", "list", "--data-dir", str(file)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert str(file) in line


def test_the_formats_of_invoices_that_can_be_chosen_are_those_that_are_read() -> None:
    assert options.INVOICE_FORMATS == invoice_formats.INVOICE_FORMATS
