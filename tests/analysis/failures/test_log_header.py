"""Headers of loggers come off, whatever logger it is; what only looks like one stays."""

import pytest

from sightline_analysis.failures.log_header import strip_header

MESSAGE = "the spool of printer 7 is full"


@pytest.mark.parametrize(
    "header",
    [
        "2031-02-03T04:05:06.789Z ERROR ",
        "2031-02-03 04:05:06,789 ERROR [main] com.acme.print.Spooler: ",
        "2031-02-03 04:05:06,789 - acme.print.spool - ERROR - ",
        "2031-02-03 04:05:06,789 - WARN  [Spooler[id=3]/0:0:0:0:0:0:0:0:9100:Queue@77] - ",
        "2031-02-03 04:05:06.789 9041 ERROR acme.print.api [req-1f2e3d4c-0000-4444-8888-0123456789 a - -] ",
        "31/02/03 04:05:06 WARN print.Spooler: ",
        "310203 040506 88 WARN print.Spooler$Worker: ",
        "- 1927858006 2031.02.03 prn07 Feb 3 04:05:06 prn07/prn07 spoold[411]: ",
        "- 1927858006 2031.02.03 R1-M0-N3 2031-02-03-04.05.06.789012 R1-M0-N3 RAS KERNEL FATAL ",
        "Feb  3 04:05:06 prn07 spoold(pam_unix)[411]: ",
        "[Thu Feb 03 04:05:06 2031] [error] ",
        "[Thu Feb 03 04:05:06.123456 2031] [core:error] [pid 12:tid 34] ",
        "02-03 04:05:06.789  1702  2395 E Spooler: ",
        "2031-02-03 04:05:06, Error                 SPL    ",
        "I0203 04:05:06.789012    1 spool.go:12] ",
        "2031/02/03 04:05:06 [error] 411#0: *5 ",
    ],
)  # fmt: skip
def test_a_header_comes_off(header: str) -> None:
    assert strip_header(header + MESSAGE) == MESSAGE


@pytest.mark.parametrize(
    "text",
    [
        MESSAGE,
        "400 Bad Request: 2031-02-03 is not a working day",
        "Spool 7 has been full since 2031-02-03 04:05:06",
        "printer.spool.full: no space",
    ],
)
def test_a_message_that_only_mentions_a_time_is_left_alone(text: str) -> None:
    assert strip_header(text) == text


def test_the_exception_behind_a_header_stays() -> None:
    text = "acme.print.SpoolException: no space"
    assert strip_header(f"2031-02-03 04:05:06 ERROR {text}") == text


def test_of_logfmt_the_error_is_taken() -> None:
    line = 'time="2031-02-03T04:05:06Z" level=error msg="job failed" error="no \\"A4\\" left"'
    assert strip_header(line) == 'no \\"A4\\" left'
    assert strip_header("level=error msg=jammed") == "jammed"


@pytest.mark.timeout(10)
@pytest.mark.parametrize("piece", ["[", "1 ", "a.b", "2031-02-03 ", "x=", '="', "A_", "[1]", "- "])
def test_no_hostile_line_holds_the_reader_up(piece: str) -> None:
    line = piece * (8192 // len(piece))
    assert line.endswith(strip_header(line))
    assert line.endswith(strip_header("2031-02-03 " + line))
