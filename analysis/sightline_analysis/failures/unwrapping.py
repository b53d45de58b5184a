"""From what a span carries to the innermost message: wrappers off, one layer at a time.

Clients, frameworks, gateways and loggers each put a prefix in front of the provider's sentence or put the
sentence into a body. Every step below removes one such layer and notes what the layer knew (exception type,
status, provider code); the loop ends when no step applies. All patterns are possessive or bounded, so that
the time is linear in the text, and the text is bounded first.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from sightline_analysis.failures.error_body import read_body, unescape
from sightline_analysis.failures.log_header import strip_header
from sightline_analysis.failures.traceback_root import root_of_traceback

MAX_CHARS = 8192
_MAX_LAYERS = 12
_CACHED_CHARS = 2_000
_MAX_FRUITLESS_READS = 3

_NOISE = re.compile("\x1b\\[[0-9;]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u2060\ufeff]")
_QUOTES = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "\u00a0": " ", "\u202f": " "})
_DECORATION = " \t\r\n⎿✕✖✗❌⚠️•·►▶→>|!#*-–—"

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
_STATUS = re.compile(r"[45]\d\d")
_STATUS_ANYWHERE = re.compile(
    r"(?i)(?:status(?:\s?code)?|error\s?code|http(?:\s?error)?|code|error|api\serror)\W{0,6}(?:is\s)?([45]\d\d)\b"
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


@dataclass(slots=True)
class Root:
    """The innermost message and what its wrappers knew; the lists run from the outermost to the innermost."""

    message: str
    types: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    fruitless_reads: int = 0


def bound(text: str) -> str:
    """Return at most `MAX_CHARS` of `text`: head and tail, as a traceback ends with what matters."""
    if len(text) <= MAX_CHARS:
        return text
    return text[: MAX_CHARS * 3 // 4] + "\n" + text[-MAX_CHARS // 4 + 1 :]


def unwrap(text: str) -> Root:
    """Return the innermost message of `text`, never empty unless the text holds nothing but decoration."""
    message, types, codes, statuses = _unwrap_once(text) if len(text) <= _CACHED_CHARS else _unwrap(text)
    return Root(message, list(types), list(codes), list(statuses))


_Unwrapped = tuple[str, tuple[str, ...], tuple[str, ...], tuple[int, ...]]


@lru_cache(maxsize=4096)
def _unwrap_once(text: str) -> _Unwrapped:
    return _unwrap(text)


def _unwrap(text: str) -> _Unwrapped:
    text = _NOISE.sub("", bound(text))
    root = Root((text if text.isascii() else text.translate(_QUOTES)).strip(_DECORATION))
    if _STATUS.search(root.message, 0, 600):
        root.statuses += [int(status[1]) for status in _STATUS_ANYWHERE.finditer(root.message[:600])]
    message = strip_header(root.message)
    if _enough(message, 1):
        root.message = message.strip(_DECORATION)
    for _ in range(_MAX_LAYERS):
        before = root.message
        for step in _STEPS:
            after = step(before, root)
            if after is before:
                continue
            after = after.strip(_DECORATION)
            if after and after != before:
                root.message = after
                break
        if root.message is before:
            break
    return root.message, tuple(root.types), tuple(root.codes), tuple(root.statuses)


def _enough(rest: str, words: int) -> bool:
    at = 0
    for _ in range(words):
        word = _WORD.search(rest, at, 200)
        if word is None:
            return False
        at = word.end()
    return True


def _traceback(text: str, root: Root) -> str:
    return root_of_traceback(text)


def _html(text: str, root: Root) -> str:
    if "<" not in text or not _HTML.search(text):
        return text
    title = _HTML_TITLE.search(text)
    return title[2] if title else _TAG.sub(" ", text)


def _grpc(text: str, root: Root) -> str:
    go = _GRPC_GO.search(text) if "rpc error" in text else None
    if go:
        root.codes.append(go[1])
        return text[go.end() :].removeprefix("connection error: desc = ").strip('"')
    details = _GRPC_DETAILS.search(text) if "details = " in text else None
    if details:
        root.codes.extend(code[1] for code in _GRPC_PYTHON.finditer(text))
        return unescape(details[1]) or text
    prefix = _GRPC_PREFIX.match(text)
    if prefix and _enough(text[prefix.end() :], 1) and "_" + prefix[1] + "_" in _GRPC_NAMES:
        root.codes.append(prefix[1])
        return text[prefix.end() :]
    return text


_GRPC_NAMES = (
    "_CANCELLED__UNKNOWN__INVALID_ARGUMENT__DEADLINE_EXCEEDED__NOT_FOUND__ALREADY_EXISTS__PERMISSION_DENIED_"
    "_RESOURCE_EXHAUSTED__FAILED_PRECONDITION__ABORTED__OUT_OF_RANGE__UNIMPLEMENTED__INTERNAL__UNAVAILABLE_"
    "_DATA_LOSS__UNAUTHENTICATED_"
)


def _caused_by(text: str, root: Root) -> str:
    cause = _CAUSED_BY.search(text) if "(Caused by" in text else None
    if cause is None:
        return text
    root.types.append(cause[1])
    inner = text[cause.end() :].rstrip(")'\" ")
    object_end = inner.rfind(">: ")
    if object_end >= 0:
        return inner[object_end + 3 :]
    return inner.rsplit(">, ", 1)[-1].lstrip("'\"")


def _repr(text: str, root: Root) -> str:
    match = _REPR.match(text)
    if match is None:
        return text
    root.types.append(match["type"])
    inner = text[match.end() :].rstrip(" )").removesuffix(match["quote"])
    return unescape(inner)


def _body(text: str, root: Root) -> str:
    if "{" not in text or root.fruitless_reads >= _MAX_FRUITLESS_READS:
        return text
    body = read_body(text)
    if body is None and '\\"' in text:
        # Escaped once more than its place in the text says: a body inside a string that was cut open.
        body = read_body(unescape(text))
    if body is None or not _enough(body.message, 1):
        root.fruitless_reads += 1
        return text
    for code in body.codes:
        if code.isdigit():
            root.statuses.append(int(code))
        else:
            root.codes.append(code)
    prefix = text[: text.find("{")]
    root.types.extend(match["type"] for match in _TYPED.finditer(prefix[:300]))
    return body.message


def _log_prefix(text: str, root: Root) -> str:
    match = _LOG_PREFIX.match(text)
    return text[match.end() :] if match and _enough(text[match.end() :], 1) else text


def _brackets(text: str, root: Root) -> str:
    """A whole message in brackets, closed or cut: `[Error: 400 …]`."""
    if text.startswith("[") and _WRAPPER_WORDS.match(text, 1):
        return text[1:].removesuffix("]")
    if text.startswith("[API"):
        return text[1:].removesuffix("]")
    return text


def _typed(text: str, root: Root) -> str:
    match = _TYPED.match(text)
    if match is None:
        return text
    root.types.append(match["type"])
    root.codes.extend(part for part in (match["code"], match["inner"]) if part)
    rest = text[match.end() :]
    return (
        rest
        if _enough(_QUOTED_TEXT.sub("", rest[:300]), 2) or rest.strip(".! ").lower() in _ONE_WORD
        else text
    )


_QUOTED_TEXT = re.compile(r"'[^']{0,200}'|\"[^\"]{0,200}\"|`[^`]{0,200}`")
_ONE_WORD = frozenset({"overloaded", "timeout", "unauthorized", "forbidden", "cancelled"})


def _status(text: str, root: Root) -> str:
    aws = _AWS_GO.search(text) if "RequestID" in text else None
    if aws:
        root.statuses.append(int(aws[1]))
        return text[aws.end() :]
    match = _STATUS_PREFIX.match(text)
    if match is None or not _enough(text[match.end() :], 1):
        return text
    root.statuses.append(int(match["status"]))
    return text[match.end() :]


def _labelled(text: str, root: Root) -> str:
    """A report of several labelled lines: the labelled message is the sentence, the rest is context."""
    if "\n" not in text:
        return text
    match = _LABELLED.search(text)
    return text[match.end() :] if match and match.start() > 0 and _enough(text[match.end() :], 2) else text


def _due_to(text: str, root: Root) -> str:
    if ":" not in text:
        return text
    match = None
    for match in _DUE_TO.finditer(text[:2000]):  # noqa: B007 - the last one is the innermost
        pass
    return text[match.end() :] if match and _enough(text[match.end() :], 2) else text


def _validation(text: str, root: Root) -> str:
    """Pydantic's report: the first field's error and where it is, without the value."""
    match = _VALIDATION.search(text) if "validation error" in text else None
    if match is None:
        return text
    root.codes.append("validation_error")
    model, field_name, problem = match["model"], (match["field"] or "").strip(), match["problem"].strip()
    return f"{problem} at {field_name} of {model}" if field_name else f"{problem} in {model}"


_VALIDATION = re.compile(
    r"\d{1,5} validation errors? for (?P<model>[^\n]{1,120})\n(?:(?P<field>[^\s][^\n]{0,200})\n)?"
    r"[ \t]{1,8}(?P<problem>[^\n\[(]{3,200})"
)


def _wrapper_sentence(text: str, root: Root) -> str:
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
        says_enough = _TYPED.match(rest) or _enough(_QUOTED_TEXT.sub("", rest[:200]), _words_after(head))
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


_STEPS = (
    _traceback,
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
