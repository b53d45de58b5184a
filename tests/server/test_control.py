"""Commands of an operator for a running server, over the socket in its data directory."""

from pathlib import Path

import pytest

from sightline_core.errors import BackendError, CallerError
from sightline_server.control import ask_server, controlled


@pytest.mark.parametrize("name", ["short", "long-" * 30])
def test_commands_reach_a_server_however_long_the_path_of_its_directory_is(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    with controlled(folder, {"repeat": lambda argument: argument * 2}):
        assert (folder / "control.sock").stat().st_mode & 0o777 == 0o600
        assert ask_server(folder, "repeat", "ab") == "abab"
        with pytest.raises(CallerError, match="does not know that command"):
            ask_server(folder, "another", "")
    assert list(folder.iterdir()) == []
    with pytest.raises(BackendError, match="takes no commands"):
        ask_server(folder, "repeat", "ab")
