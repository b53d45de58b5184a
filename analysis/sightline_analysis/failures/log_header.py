"""The header that loggers put in front of a line: times, hosts, processes, threads, levels, loggers.

A header is recognised by a time near the start; without one the words in front of a message may be its own.
What stands between two times, or between a time and a level, is header too when it looks like a machine's
name or a number. Every pattern is possessive or bounded.
"""

import re

_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_CLOCK = r"\d\d[:.]\d\d(?:[:.]\d\d)?(?:[.,:]\d{1,9})?(?:\s?[AP]M)?(?:Z|\s?[+-]\d\d:?\d\d|\sUTC|\sGMT)?"
_STAMP = re.compile(
    rf"""[\[(]?(?:
        \d{{4}}[-/.]\d\d[-/.]\d\d(?:[T\s_-]{_CLOCK})?
      | \d\d[-/.]\d\d(?:[-/.]\d\d(?:\d\d)?)?,?\s{_CLOCK}
      | \d{{8}}[-T\s]\d\d:?\d\d:?\d\d(?:[:.,]\d{{1,6}})?
      | (?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?\s)?{_MONTH}\s{{1,2}}\d{{1,2}}
          \s\d\d:\d\d:\d\d(?:[.,]\d{{1,9}})?(?:\s\d{{4}})?
      | \d{{1,2}}[/\s-]{_MONTH}[/\s-]\d{{4}}[:\s]\d\d:\d\d:\d\d(?:[.,]\d{{1,9}})?(?:\s[+-]\d{{4}})?
      | \d{{6}}\s\d{{6}}(?=\s)
      | 1\d{{9}}(?:\.\d{{1,9}}|\d{{3}})?(?=\s)
      | \d\d:\d\d:\d\d(?:[.,]\d{{1,9}})?
    )[\])]?(?=[\s|,:\]-]|$)[\s|,:-]*+""",
    re.VERBOSE,
)
_MACHINE = re.compile(
    r"""(?:
        -
      | \d{1,12}
      | \[[^\s\[\]]{1,60}\]
      | (?=[^\s\d]{0,60}\d)[\w.:/@$#-]{1,64}
      | [A-Z][A-Z_]{1,20} | [\w.-]{1,40}@[\w.-]{1,40}
      | [a-z_]{1,30}(?:\.[a-z_]{1,30}){1,4}
    )[\s|]+""",
    re.VERBOSE,
)
_SYSLOG = re.compile(
    r"(?:[\w.:@/#-]{1,64}\s)?(?P<program>[\w./()@-]{1,64})(?P<pid>\[\d{1,10}\])?(?:\s\([\w.()\[\]-]{1,80}\))?:\s+"
)
_LEVEL = re.compile(
    r"""(?: \[?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|CRITICAL|FATAL|FAILURE)\]?
        | \[(?:trace|debug|info|notice|warn|warning|error|crit|critical|alert|emerg|fatal)\]
        | (?:Info|Warning|Error|Debug)(?=\s{2,})
        | [VDIWEF](?=[\s/]) )(?=[\s:|,/-]|$)[\s:|,/-]*+""",
    re.VERBOSE,
)
_ORIGIN = re.compile(
    r"""(?:
        (?![\w.$]{0,160}(?:Error|Exception|Timeout|Exceeded|Failure|Fault|Interrupt|Warning)\b)
        (?:[A-Za-z_]\w{0,80})(?:[.$][\w$-]{1,80}){1,12}(?:@\w{1,40})?(?::\d{1,6})?
      | [A-Za-z][\w-]{0,60}\[\d{1,10}\]
      | \[(?:[^\s\[\]]|\[[^\s\[\]]{0,60}\]){1,160}\]
      | \[(?:req-|[\w#.-]{1,40}\s)[^\[\]]{1,160}\](?=\s[\w.$]{1,120}:\s)
      | \[(?:req-|pid\s)[^\[\]]{1,200}\]
      | [\w.-]{1,60}:\d{1,6}\]
      | \d{1,10}\#\d{1,10}:\s\*?\d{0,12}
      | \d{1,10}
      | -
    )(?:\s{0,8}:(?=\s)|(?=\s))[\s|,-]*+
      | \w{1,40}\|""",
    re.VERBOSE,
)
_TAG = re.compile(r"[A-Za-z][\w.-]{0,60}(?:\(\s{0,8}\d{1,8}\))?:\s+|[A-Z]{2,8}\s{2,}")
_LOGFMT = re.compile(r"(?:[a-z][\w.]{0,30}=(?:\"(?:[^\"\\]|\\.)*+\"|[^\s\"]*+)\s*+){2,40}")
_LOGFMT_FIELD = re.compile(r"\b(error|err|msg|message)=(?:\"((?:[^\"\\]|\\.)*+)\"|([^\s\"]*+))")
_MAX_BEFORE = 6
_MAX_PARTS = 8


def strip_header(text: str) -> str:
    """Return the message of a log line; `text` itself when it begins with no header."""
    if _LOGFMT.match(text):
        return _logfmt_message(text)
    at = _after_times(text)
    if at == 0:
        return text
    syslog = _SYSLOG.match(text, at)
    if syslog and not _LEVEL.match(text, at) and (syslog["pid"] or "." not in syslog["program"]):
        return text[syslog.end() :]
    return text[_after_origin(text, at) :]


def _logfmt_message(text: str) -> str:
    """`level=error msg="…" error="…"`: the error says more than the sentence around it."""
    fields = {match[1]: match[2] or match[3] for match in _LOGFMT_FIELD.finditer(text)}
    return next((fields[key] for key in ("error", "err", "msg", "message") if fields.get(key)), text)


def _after_times(text: str) -> int:
    """Where the last time of the header ends, 0 when there is none."""
    at, end, between = 0, 0, 0
    while between <= _MAX_BEFORE:
        stamp = _STAMP.match(text, at)
        if stamp:
            at = end = stamp.end()
            between = 0
            continue
        machine = _MACHINE.match(text, at)
        if machine is None:
            break
        at = machine.end()
        between += 1
    return end


def _after_origin(text: str, at: int) -> int:
    """Where level, process, thread and logger end. A tag of one word counts after a level only."""
    ahead, between = at, 0
    while between <= _MAX_BEFORE and not _LEVEL.match(text, ahead):
        machine = _MACHINE.match(text, ahead)
        if machine is None:
            break
        ahead = machine.end()
        between += 1
    level = _LEVEL.match(text, ahead)
    at = level.end() if level else at
    for _ in range(_MAX_PARTS):
        origin = _ORIGIN.match(text, at)
        if origin is None:
            break
        at = origin.end()
        if text[origin.start() : at].rstrip().endswith(":"):
            return at
    tag = _TAG.match(text, at) if level else None
    return tag.end() if tag and level and _is_tag(level[0], tag[0]) else at


def _is_tag(level: str, tag: str) -> bool:
    """Android writes a letter and `Tag: `, Windows a name in capitals and spaces."""
    return len(level.strip(" /:[]")) == 1 or not tag.rstrip().endswith(":")
