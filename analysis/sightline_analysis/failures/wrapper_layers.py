"""The wrappers around an error message, and how each of them comes off.

Clients, frameworks, gateways and loggers each put a prefix in front of the provider's sentence, or put the
sentence into a body. A layer is a function that takes one such wrapper off a text and notes what it knew; it
returns the very same text when it does not apply. All patterns are possessive or bounded, so that the time is
linear in the text.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from sightline_analysis.failures.error_body import read_body, unescape
from sightline_analysis.failures.traceback_root import root_of_traceback

_MAX_FRUITLESS_READS = 3


@dataclass(slots=True)
class Clues:
    """What wrappers knew, from the outermost to the innermost: exception types, codes, HTTP statuses.

    `fruitless_reads` counts bodies that held no message: reading them is dear, so there are few tries.
    """

    types: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    fruitless_reads: int = 0


_LOG_PREFIX = re.compile(
    r"""(?:
        \(?\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,9})?(?:Z|\s?[+-]\d\d:?\d\d)?\]?\)?
      | [A-Z][a-z]{2}\s{1,2}\d{1,2}\s\d\d:\d\d:\d\d(?:\s[\w.-]{1,64}\s[\w./()-]{1,64}(?:\[\d{1,10}\])?:)?
      | \d\d:\d\d:\d\d(?:[.,]\d{1,6})?
      | [IWEF]\d{4}\s\d\d:\d\d:\d\d\.\d{1,6}\s{1,8}\d{1,10}\s[\w.-]{1,64}:\d{1,6}\]
      | \[(?:[A-Za-z][\w.:/-]{0,60}|\d{1,10})\](?=\s*\S)
      | \[[\w ]{1,24}[Ee]rror\](?=:)
      | (?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|SEVERE)\b(?=\s*[:\]\-|(]|\s{2,}|\s[A-Z])
      | -\s[\w.]{1,80}\s-
      | \((?:[a-z]+_[a-z_]{1,40})\)
    )[\s:|,\-]*+""",
    re.VERBOSE,
)
_STATUS_PREFIX = re.compile(
    r"""(?:(?:HTTP(?:/\d(?:\.\d)?)?|[Ss]tatus(?:\s?[Cc]ode)?|[Ee]rror(?:\s?[Cc]ode)?|[Cc]ode)\s*[:=]?\s*)?
        <?(?P<status>[45]\d\d)>?(?:\s*(?P<again>[45]\d\d)(?=:))?(?!\d)[\s:,;\-–|.]*+""",
    re.VERBOSE,
)
_GRPC_PREFIX = re.compile(r"(?:\d{1,2}\s)?([A-Z][A-Z_]{4,30})(?::\s|\.\s(?=\{))")
_GRPC_GO = re.compile(r"rpc error: code = (\w{1,30}) desc = ")
_GRPC_PYTHON = re.compile(r"StatusCode\.([A-Z_]{2,30})")
_GRPC_DETAILS = re.compile(r'details = "((?:[^"\\]|\\.)*+)')
_CAUSED_BY = re.compile(r"\(Caused by (\w{1,80})\(")
_TYPED = re.compile(
    r"""(?:<class\s')?(?P<type>[A-Za-z_][\w.$]{0,120}?(?:Error|Exception|Failure|Fault|Timeout|Exceeded|Interrupt|Exit|Warning|Refused))
        (?:'>)?(?:\s?\[(?P<code>[\w.]{1,60})\])?(?:\s?\((?P<inner>[\w.\s]{1,60})\))?\s*(?::|\s-\s)(?!:)\s*""",
    re.VERBOSE,
)
_REPR = re.compile(
    r"(?P<type>[A-Za-z_][\w.]{0,120}(?:Error|Exception|Timeout|Exceeded))\(\s*(?P<quote>['\"])"
)
_LABELLED = re.compile(
    r"(?im)^[ \t]*(?:error[ _])?(?:message|details?|description|reason|error|exception|root cause)"
    r"\s?[:=]\s?(?=\S)"
)
_DUE_TO = re.compile(
    r"\b(?:due to|because of|caused by|[Rr]oot cause|[Ll]ast error|[Ii]nner exception)\s?:\s?"
)
_WRAPPER_WORDS = re.compile(
    r"(?i)\b(?:errors?|failed|failure|exception|fails|unable to|could ?n[o']t|cannot|can't|problem|warning|"
    r"oops|stderr|fatal|panic|while|details)\b"
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_AWS_GO = re.compile(r"\bStatusCode: (\d{3}), RequestID: [\w-]*+,\s*(?:api error\s)?")
_HTML = re.compile(r"(?i)<(?:!doctype|html|head|body)\b")
_HTML_TITLE = re.compile(r"(?is)<(title|h1)>([^<]{1,300})</?")
_TAG = re.compile(r"<[^<>]{0,300}>")


def has_words(rest: str, words: int) -> bool:
    """Return whether at least so many words of two letters are near the start of a text."""
    at = 0
    for _ in range(words):
        word = _WORD.search(rest, at, 200)
        if word is None:
            return False
        at = word.end()
    return True


def _traceback(text: str, clues: Clues) -> str:
    return root_of_traceback(text)


def _database(text: str, clues: Clues) -> str:
    """SQLAlchemy's report of a driver's error, and what databases say around it: their own sentence."""
    context = _SQL_CONTEXT.search(text) if "\n" in text or _BACKGROUND in text else None
    if context and has_words(text[: context.start()], 1):
        text = text[: context.start()]
    driver = _DRIVER_CLASS.match(text)
    if driver is None:
        return text
    clues.types.append(driver["type"])
    rest = text[driver.end() :]
    numbered = _NUMBERED.fullmatch(rest)
    return numbered["message"] if numbered else rest


_BACKGROUND = "(Background on this error at: "
_SQL_CONTEXT = re.compile(
    r"\n(?:LINE\s\d{1,6}:\s|(?:DETAIL|HINT|CONTEXT):\s\s|\[(?:SQL|parameters):\s|\[cached\ssince\s)"
    rf"|\s{re.escape(_BACKGROUND)}"
)
_DRIVER_CLASS = re.compile(r"\((?P<type>[A-Za-z_]\w{0,60}(?:\.\w{1,60}){1,6})\)\s(?=\S)")
_NUMBERED = re.compile(r"\(\d{1,6}, (?P<quote>['\"])(?P<message>[^\n]{1,2000})(?P=quote)\)\s*")


def _html(text: str, clues: Clues) -> str:
    if "<" not in text or not _HTML.search(text):
        return text
    title = _HTML_TITLE.search(text)
    return title[2] if title else _TAG.sub(" ", text)


def _grpc(text: str, clues: Clues) -> str:
    go = _GRPC_GO.search(text) if "rpc error" in text else None
    if go:
        clues.codes.append(go[1])
        return text[go.end() :].removeprefix("connection error: desc = ").strip('"')
    details = _GRPC_DETAILS.search(text) if "details = " in text else None
    if details:
        clues.codes.extend(code[1] for code in _GRPC_PYTHON.finditer(text))
        return unescape(details[1]) or text
    prefix = _GRPC_PREFIX.match(text)
    if prefix and has_words(text[prefix.end() :], 1) and "_" + prefix[1] + "_" in _GRPC_NAMES:
        clues.codes.append(prefix[1])
        return text[prefix.end() :]
    return text


_GRPC_NAMES = (
    "_CANCELLED__UNKNOWN__INVALID_ARGUMENT__DEADLINE_EXCEEDED__NOT_FOUND__ALREADY_EXISTS__PERMISSION_DENIED_"
    "_RESOURCE_EXHAUSTED__FAILED_PRECONDITION__ABORTED__OUT_OF_RANGE__UNIMPLEMENTED__INTERNAL__UNAVAILABLE_"
    "_DATA_LOSS__UNAUTHENTICATED_"
)


def _caused_by(text: str, clues: Clues) -> str:
    cause = _CAUSED_BY.search(text) if "(Caused by" in text else None
    if cause is None:
        return text
    clues.types.append(cause[1])
    inner = text[cause.end() :].rstrip(")'\" ")
    object_end = inner.rfind(">: ")
    if object_end >= 0:
        return inner[object_end + 3 :]
    return inner.rsplit(">, ", 1)[-1].lstrip("'\"")


def _repr(text: str, clues: Clues) -> str:
    match = _REPR.match(text)
    if match is None:
        return text
    clues.types.append(match["type"])
    inner = text[match.end() :].rstrip(" )").removesuffix(match["quote"])
    return unescape(inner)


def _body(text: str, clues: Clues) -> str:
    if "{" not in text or clues.fruitless_reads >= _MAX_FRUITLESS_READS:
        return text
    body = read_body(text)
    if body is None and '\\"' in text:
        # Escaped once more than its place in the text says: a body inside a string that was cut open.
        body = read_body(unescape(text))
    if body is None or not has_words(body.message, 1):
        clues.fruitless_reads += 1
        return text
    for code in body.codes:
        if code.isdecimal():
            clues.statuses.append(int(code))
        else:
            clues.codes.append(code)
    prefix = text[: text.find("{")]
    clues.types.extend(match["type"] for match in _TYPED.finditer(prefix[:300]))
    return body.message


def _log_prefix(text: str, clues: Clues) -> str:
    match = _LOG_PREFIX.match(text)
    return text[match.end() :] if match and has_words(text[match.end() :], 1) else text


def _brackets(text: str, clues: Clues) -> str:
    """A whole message in brackets, closed or cut: `[Error: 400 …]`."""
    if text.startswith("[") and _WRAPPER_WORDS.match(text, 1):
        return text[1:].removesuffix("]")
    if text.startswith("[API"):
        return text[1:].removesuffix("]")
    return text


def _typed(text: str, clues: Clues) -> str:
    match = _TYPED.match(text)
    if match is None:
        return text
    clues.types.append(match["type"])
    clues.codes.extend(part for part in (match["code"], match["inner"]) if part)
    rest = text[match.end() :]
    return (
        rest
        if has_words(_QUOTED_TEXT.sub("", rest[:300]), 2) or rest.strip(".! ").lower() in _ONE_WORD
        else text
    )


_QUOTED_TEXT = re.compile(r"'[^']{0,200}'|\"[^\"]{0,200}\"|`[^`]{0,200}`")
_ONE_WORD = frozenset({"overloaded", "timeout", "unauthorized", "forbidden", "cancelled"})


def _status(text: str, clues: Clues) -> str:
    aws = _AWS_GO.search(text) if "RequestID" in text else None
    if aws:
        clues.statuses.append(int(aws[1]))
        return text[aws.end() :]
    match = _STATUS_PREFIX.match(text)
    if match is None or not has_words(text[match.end() :], 1):
        return text
    clues.statuses.append(int(match["status"]))
    return text[match.end() :]


def _labelled(text: str, clues: Clues) -> str:
    """A report of several labelled lines: the labelled message is the sentence, the rest is context."""
    if "\n" not in text:
        return text
    match = _LABELLED.search(text)
    return text[match.end() :] if match and match.start() > 0 and has_words(text[match.end() :], 2) else text


def _due_to(text: str, clues: Clues) -> str:
    if ":" not in text:
        return text
    match = None
    for match in _DUE_TO.finditer(text[:2000]):  # noqa: B007 - the last one is the innermost
        pass
    return text[match.end() :] if match and has_words(text[match.end() :], 2) else text


def _validation(text: str, clues: Clues) -> str:
    """Pydantic's report: the first field's error and where it is, without the value."""
    match = _VALIDATION.search(text) if "validation error" in text else None
    if match is None:
        return text
    clues.codes.append("validation_error")
    model, field_name, problem = match["model"], (match["field"] or "").strip(), match["problem"].strip()
    return f"{problem} at {field_name} of {model}" if field_name else f"{problem} in {model}"


_VALIDATION = re.compile(
    r"\d{1,5} validation errors? for (?P<model>[^\n]{1,120})\n(?:(?P<field>[^\s][^\n]{0,200})\n)?"
    r"[ \t]{1,8}(?P<problem>[^\n\[(]{3,200})"
)


def _wrapper_sentence(text: str, clues: Clues) -> str:
    """`Failed to call the model: <root>`: a short clause about failing, then a colon or a dash."""
    for separator in _SEPARATORS.finditer(text[:160]):
        head, rest = text[: separator.start()], text[separator.end() :]
        if "\n\n" in head or len(head.split()) > 14:
            return text
        if head.count("(") > head.count(")") and separator[0].strip() in (":", "-", "–"):
            continue
        if _OWN_CODE.search(head):
            return text
        if _STRERROR.match(rest):
            return text
        says_enough = _TYPED.match(rest) or has_words(_QUOTED_TEXT.sub("", rest[:200]), _words_after(head))
        if _WRAPPER_WORDS.search(head) and says_enough:
            return rest
    return text


_OWN_CODE = re.compile(
    r"(?i:\berror|\bcode|\berrno)\W{0,3}(?:-\d{2,6}|\d{1,2}\b|\d{4,6})|\b[A-Z]{2,8}-?\d{4,6}\b"
)
_STRERROR = re.compile(
    r"""(?ix) (?: \[errno\s-?\d{1,4}\]\s )? (?:
        no\ such\ (?:file\ or\ directory|process|device) | permission\ denied | file\ exists
      | (?:is|not)\ a\ directory | operation\ not\ permitted | input/output\ error | invalid\ argument
      | resource\ temporarily\ unavailable | broken\ pipe | no\ space\ left\ on\ device
      | bad\ file\ descriptor | device\ or\ resource\ busy | cannot\ allocate\ memory | no\ child\ processes
      | block\ device\ required | too\ many\ open\ files | connection\ (?:refused|reset\ by\ peer|timed\ out)
      | operation\ timed\ out | host\ is\ down | no\ route\ to\ host | network\ is\ unreachable
      | command\ not\ found | not\ found | killed
    )\b[^\n]{0,24}$"""
)
"""What `strerror` says of a call says nothing without the call: the sentence before it stays."""

_SEPARATORS = re.compile(r":\s+|:(?=[A-Z\[{<'\"\d])|\s[-–]\s|\.\.\.\s|\s\(\s?(?=\{|<)")
_BARE_HEAD = re.compile(
    r"(?i)(?:\w+\s){0,2}(?:api\s)?(?:error|exception|failure|fatal|panic|warning)\s?(?:code\s?)?[45]?\d{0,2}$"
)


def _words_after(head: str) -> int:
    return 1 if _BARE_HEAD.match(head) else 2


LAYERS: tuple[Callable[[str, Clues], str], ...] = (
    _traceback,
    _database,
    _validation,
    _html,
    _grpc,
    _caused_by,
    _repr,
    _body,
    _log_prefix,
    _brackets,
    _typed,
    _status,
    _labelled,
    _due_to,
    _wrapper_sentence,
)
"""In the order in which they are tried; after one that applies, the first is tried again."""
