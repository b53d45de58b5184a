"""Commands of an operator for a running server, over the socket in its data directory."""

import json
import socket
import threading
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


def test_a_command_whose_asker_went_away_is_done_without_a_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begun, gone, done = threading.Event(), threading.Event(), threading.Event()
    others = set(threading.enumerate())

    def copy(argument: str) -> str:
        begun.set()
        assert gone.wait(30)
        done.set()
        return argument

    with controlled(tmp_path, {"copy": copy, "repeat": lambda argument: argument * 2}):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(tmp_path / "control.sock"))
            connection.sendall(json.dumps({"command": "copy", "argument": "ab"}).encode() + b"\n")
            assert begun.wait(30)
        gone.set()
        assert done.wait(30)
        assert ask_server(tmp_path, "repeat", "ab") == "abab"
        for thread in set(threading.enumerate()) - others:
            if "process_request_thread" in thread.name:
                thread.join(30)
    assert capsys.readouterr().err == ""
