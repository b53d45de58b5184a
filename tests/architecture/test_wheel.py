"""What a wheel carries."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a wheel built from this checkout."""
    target = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)], cwd=ROOT, check=True
    )
    (wheel,) = target.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_wheel_carries_every_asset_that_the_page_names(names: dict[str, bytes]) -> None:
    page = names["sightline_ui/static/index.html"].decode()
    assets = re.findall(r'(?:src|href)="\./(assets/[^"]+)"', page)
    assert any(asset.endswith(".js") for asset in assets)
    for asset in assets:
        assert f"sightline_ui/static/{asset}" in names


def test_wheel_carries_every_part_with_its_types_and_schema(names: dict[str, bytes]) -> None:
    parts = {name.partition("/")[0] for name in names if name.startswith("sightline")}
    packages = {part for part in parts if not part.endswith(".dist-info")}
    assert packages == {
        "sightline",
        *(
            f"sightline_{part}"
            for part in (
                "semconv",
                "core",
                "migrations",
                "storage",
                "collector",
                "analysis",
                "api",
                "ui",
                "server",
            )
        ),
    }
    assert {f"{package}/py.typed" for package in packages} <= set(names)
    assert "sightline_migrations/clickhouse/0001_spans.sql" in names
    assert any(re.fullmatch(r"sightline_migrations/metadata/versions/0001_\w+\.py", name) for name in names)
