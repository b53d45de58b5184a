"""What installing the SDK alone pulls in, and what the server's commands say without their extra."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("fastapi", "sqlalchemy", "clickhouse_connect", "chdb", "pydantic", "numpy", "orjson")


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a fresh interpreter."""
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )


def test_importing_the_sdk_loads_no_server_module() -> None:
    done = run_python(
        "import sys, sightline; sightline.instrument; "
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert "sightline" in loaded
    own = {name for name in loaded if name.startswith("sightline_")}
    assert own <= {"sightline_semconv"}
    assert not loaded & set(HEAVY)


def test_serve_without_the_extra_names_the_install_line() -> None:
    done = run_python(
        "import sys\n"
        f"for name in {HEAVY!r}: sys.modules[name] = None\n"
        "from sightline.cli import main\n"
        "sys.exit(main(['serve']))"
    )
    assert done.returncode == 2
    assert done.stderr.strip().splitlines() == [done.stderr.strip()]
    assert "pip install 'sightline[server]'" in done.stderr
