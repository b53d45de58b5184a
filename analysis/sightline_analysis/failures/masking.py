"""From a message to its template: what varies between occurrences becomes a placeholder.

Status and error codes, parameter names and words stay. Placeholders: `<url>`, `<email>`, `<path>`, `<host>`,
`<time>`, `<n>`, `<id>`, `<q>` (quoted text), `<list>`, `<obj>`. Every pattern is possessive or bounded.
"""

import re
from functools import lru_cache

from sightline_semconv.error_words import (
    CODE_NOUNS,
    NAMES_WITH_DIGITS,
    PARAMETER_NOUNS,
    VALUE_NOUNS,
    is_known_word,
)

MAX_TEMPLATE_CHARS = 400

_LIST = re.compile(r"(?<![\w])\[(?=\s*['\"`\d])[^\[\]]{0,3000}+\]|\((?=['\"`])[^()]{0,500}+\)")
_OBJECT = re.compile(r"\{[^{}]{0,3000}+\}")
_WORD = r"[^\W\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]"
"""A letter of a language that sets words apart: Chinese, Japanese and Korean quote in the middle of one."""

_QUOTED = re.compile(
    rf"""(?<!{_WORD})(?<!['"`])(?:'([^'\n]{{0,300}}+)'|"([^"\n]{{0,300}}+)"|`([^`\n]{{0,300}}+)`"""
    rf"""|«([^»\n]{{0,300}}+)»)(?!{_WORD})"""
)
_UNUSABLE = re.compile(
    r"^(?:[\w$]{1,60}\.){0,8}([A-Za-z_$][\w$]{0,59})"
    r"(?= is not (?:a function|a constructor|defined|iterable)\b)"
)
"""How JavaScript says what it cannot use; the object's name is one that its bundler has given."""

_IDENTIFIER = re.compile(r"[A-Za-z_$@][\w$.\-]*(?:\[\d*\][\w$.\-]*)*")
_ARGUMENTS = re.compile(r"\([\w$.,\[\] ]{0,40}\)$")
_COMPOUND = re.compile(r"[a-z]_[a-z]|[a-z][A-Z]")


_TLD = (
    "com|net|org|io|ai|dev|cloud|local|internal|edu|gov|co|app|de|uk|jp|cn|fr|it|nl|ru|in|br|us|eu|ch|se|es|pl|kr|tw|"
    "au|ca|info|biz|svc|lan|localdomain|amazonaws"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SPECIALS = (
    (
        ("://", "www."),
        r"""(?P<url>\b[A-Za-z][A-Za-z0-9+\-]{1,15}://[^\s'"<>)\]},]*+|\bwww\.[^\s'"<>)\]},]++)""",
    ),
    (
        ("@",),
        r"""(?P<email>[\w.+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,4})""",
    ),
    (
        ("-",),
        r"""(?P<uuid>\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b)""",
    ),
    (
        ("-", "/", ".", ":", *_MONTHS),
        r"""(?P<time>\b\d{4}[-/.]\d\d[-/.]\d\d
        (?:[T\s-]\d\d[:.]\d\d(?:[:.]\d\d)?(?:[.,]\d{1,9})?(?:Z|\s?[+\-]\d\d:?\d\d)?)?
        |\b\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?(?:\s?[AaPp][Mm])?\b
        |\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?\s)?(?:\d{1,2}\s)?
        (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}
        \s{1,2}\d{1,4}(?:,?\s(?:\d{4}|\d\d:\d\d:\d\d))?(?:\s\d\d:\d\d:\d\d)?(?:\s\d{4}|\sGMT|\sUTC)?\b)""",
    ),
    (
        (".", ":"),
        rf"""(?P<host>/?\b\d{{1,3}}\.\d{{1,3}}\.\d{{1,3}}\.\d{{1,3}}(?:[:/]\d{{1,5}})?\b
        |\b(?:[0-9a-fA-F]{{1,4}}:){{3,7}}:?[0-9a-fA-F]{{1,4}}\b|\b(?:[0-9A-Fa-f]{{2}}:){{5}}[0-9A-Fa-f]{{2}}\b
        |\b(?:[A-Za-z0-9\-]{{1,63}}\.){{1,6}}(?:{_TLD})\b(?!\.?[\w(])(?::\d{{1,5}})?
        |\b(?:localhost|ipv[46]):[\w.\-:]{{1,80}})""",
    ),
    (
        ("/", "\\", "."),
        r"""(?P<path>(?<![\w<])(?:[A-Za-z]:\\|\\\\|file:/|~/|\.{1,2}/|/(?=[\w.\-]))
        [^\s'"`<>,;()\[\]{}:]*+(?::\d{1,7}(?::\d{1,7})?)?
        |\b[\w.\-]{1,80}(?:/[\w.\-]{1,80}){1,12}/?(?<=[\w/])(?<!\band/or)
        |\b[\w\-]{1,80}\.(?:py|js|ts|tsx|json|csv|txt|md|pdf|png|jpe?g|gif|xml|yaml|yml|toml|log|html?
        |docx?|xlsx?|zip|gz|tar|db|sql|java|go|rs|c|cpp|h|so|bin|pdb
        |mp3|mp4|wav|parquet|gguf|onnx|safetensors|conf|cfg|ini|sh|lock)\b)""",
    ),
)
"""In the order in which they are tried: of what a text must hold one for the pattern to match, and it."""


@lru_cache(maxsize=64)
def _special(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.VERBOSE)


_TOKEN = re.compile(r"[A-Za-z0-9_$*+\-#@%](?:[\w$*+\-.:#@%/]*[\w$*+\-#@%])?")
_HAS_VARIABLE = re.compile(r"[\d*]|X{3}|x{4}")
_NUMBER = re.compile(r"[+\-#$]?\d(?:[\d,_.']*\d)?(?:[eE][+\-]?\d+)?(?P<unit>[A-Za-z%]{0,4})?(?:/[a-z]{1,6})?")
_NUMBER_WORD = re.compile(r"(\d[\d,.]*)([A-Za-z]{4,})")
_INDEXED = re.compile(r"[A-Za-z_][A-Za-z_\-]*(?:\.(?:\d+|[A-Za-z_][A-Za-z_\-]*))+")
_INDEX = re.compile(r"\[\d{1,9}\]|\.\d{1,9}(?=\.|$)")
_BRACKET_INDEX = re.compile(r"(?<=\w)\[\d{1,9}\]")
_REPEATED = re.compile(r"(<[a-z]+>)(?:(?:,\s?|\s?,?\s(?:and|or)\s|\s)\1)++")
_PLACEHOLDERS = frozenset({"n", "id", "q", "url", "path", "host", "time", "email", "list", "obj"})
_ANGLED = re.compile(r"<[^<>\s]{0,200}[\d*.][^<>\s]{0,200}>")
_PRODUCT_CODE = re.compile(r"(?:ORA|TNS|PLS|AADSTS|SQLSTATE|SQL|TS|MSB|NU|LNK|WIN|EC|CVE)-?\d{2,6}|E\d{3,5}")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_SENTENCE_END = re.compile(
    r"[。！？]|[.!?](?=\s+[A-Z\"'`(<\[]|\s*$)|[.!?](?=[ \t]*\n)|\n(?=\s*[^a-z\s])|\n\s*\n"
)
_NOT_AN_END = re.compile(r"(?:(?:^|[\s(])(?:e\.g|i\.e|etc|vs|cf|no|[A-Za-z])|^\d+)$")


@lru_cache(maxsize=2048)
def mask(message: str) -> str:
    """Return the template of the first sentence of `message`: lower case, single spaces, bounded.

    Deterministic for ever within one fingerprint version: stored clusters are keyed by its hash.
    """
    sentence = first_sentence(message)
    text = _ANGLED.sub("<id>", _mask_containers(sentence)) if "<" in sentence else _mask_containers(sentence)
    text = _QUOTED.sub(_mask_quoted, _UNUSABLE.sub(r"'\1'", text))
    text = _mask_specials(text)
    if "[" in text:
        text = _BRACKET_INDEX.sub(".<n>", text)
    text = _mask_tokens(text)
    if text.count(">") > 1:
        text = _REPEATED.sub(r"\1", text)
    return " ".join(text.split()).strip(' .,:;!-"`').lower()[:MAX_TEMPLATE_CHARS]


def first_sentence(message: str) -> str:
    """Return the first sentence; a line that goes on in lower case was wrapped and is joined."""
    text = message.strip()
    if "\\n" in text:
        text = text.replace("\\n", "\n")
    for end in _SENTENCE_END.finditer(text[:2000]):
        head = text[: end.start()]
        if text[end.start()] == "." and _NOT_AN_END.search(head[-8:]):
            continue
        if sum(character.isalpha() for character in head[:40]) >= 4:
            return head
    return text[:2000]


def _mask_containers(text: str) -> str:
    if "{" in text:
        text = _OBJECT.sub("<obj>", _OBJECT.sub("<obj>", text))
    return _LIST.sub("<list>", text) if "[" in text or "(" in text else text


def _mask_quoted(match: re.Match[str]) -> str:
    inner = match[1] or match[2] or match[3] or match[4] or ""
    before = match.string[: match.start()].rstrip(" :=(").rsplit(" ", 1)[-1].strip("(:=,").lower()
    method = _HTTP_METHOD.match(inner)
    if method:
        return method[0] + "<q>"
    if not inner or not _IDENTIFIER.fullmatch(_ARGUMENTS.sub("", inner)) or len(inner) > 60:
        return "<q>"
    if before in VALUE_NOUNS:
        return "<q>"
    is_name = (
        before in PARAMETER_NOUNS
        or _COMPOUND.search(inner) is not None
        or (before == "invalid" and match.string.startswith(":", match.end()))
        # What was null, as JavaScript and Java say it.
        or match.string.endswith("(reading ", 0, match.start())
        or match.string.startswith(" is null", match.end())
    )
    whole = len(match.string) - len(match[0]) <= 24
    if is_name or whole:
        varies = _HAS_VARIABLE.search(inner) and "[" not in inner
        return "<q>" if varies else "'" + _BRACKET_INDEX.sub(".<n>", inner) + "'"
    return "<q>"


def _mask_specials(text: str) -> str:
    """Try only patterns that can match: all of them at every place of a text are dear."""
    possible = tuple(pattern for marks, pattern in _SPECIALS if any(mark in text for mark in marks))
    return _special(possible).sub(_mask_special, text) if possible else text


def _mask_special(match: re.Match[str]) -> str:
    kind = match.lastgroup
    if kind == "path":
        text = match[0]
        if text.lower() in NAMES_WITH_DIGITS or (
            "/" in text and all(part.isupper() for part in text.split("/"))
        ):
            return text
        return "<path>"
    return "<id>" if kind == "uuid" else f"<{kind}>"


_HTTP_METHOD = re.compile(r"(?:GET|POST|PUT|DELETE|PATCH|HEAD|OPTIONS) ")


def _mask_tokens(text: str) -> str:
    pieces: list[str] = []
    at = 0
    previous = ""
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token.islower() and token.isalpha() and previous not in VALUE_NOUNS:
            previous = token
            continue
        before = text[match.start() - 1 : match.start()]
        if before == "<" and token in _PLACEHOLDERS:
            previous = ""
            continue
        is_word = before == "'" or text.startswith("'t", match.end())
        masked = token if is_word else _mask_token(token, previous)
        pieces += (text[at : match.start()], masked)
        at = match.end()
        # A name may have several words: what follows a masked name in capitals belongs to it.
        keeps_naming = masked == "<id>" and token.isalpha()
        previous = previous if keeps_naming and previous in VALUE_NOUNS else token.lower()
    pieces.append(text[at:])
    return "".join(pieces)


def _mask_token(token: str, previous: str) -> str:
    if token.lower() in NAMES_WITH_DIGITS:
        return token
    if token.isalpha():
        return "<id>" if _is_name(token, previous) else token
    if not _HAS_VARIABLE.search(token):
        if previous in VALUE_NOUNS and (_COMPOUND.search(token) or "-" in token[1:-1]):
            return "<id>"
        return token
    if _NUMBER.fullmatch(token):
        return _mask_number(token, previous)
    word = _NUMBER_WORD.fullmatch(token)
    if word:
        return "<n> " + word[2]
    if _PRODUCT_CODE.fullmatch(token):
        return token
    if _INDEXED.fullmatch(token):
        return _INDEX.sub(".<n>", token)
    for separator in ("=", ":"):
        head, found, tail = token.partition(separator)
        if found and tail and head.isalpha():
            return head + separator + _mask_token(tail, head.lower())
    return "<n>" if _HEX.fullmatch(token) else "<id>"


def _is_name(token: str, previous: str) -> bool:
    """True for a bare word that names an instance: after a value noun, or a short code in capitals."""
    if "XXX" in token:
        return True
    if previous in VALUE_NOUNS:
        return not is_known_word(token.lower()) or (previous == "user" and token.lower() in _ACCOUNTS)
    if token.isupper() and 3 <= len(token) <= 5 and previous in _BEFORE_CODES:
        return not is_known_word(token.lower())
    return False


_ACCOUNTS = frozenset(
    ["root", "test", "guest", "admin", "system", "service", "host", "console", "database", "backup"]
)
"""Names of accounts that are words of their own."""

_BEFORE_CODES = frozenset(["from", "to", "in", "for", "of", "at", "between", "and", "currency", "stock"])


def _mask_number(token: str, previous: str) -> str:
    """A short number after "code", "status" or the like is what happened; any other is how much of it."""
    if previous in CODE_NOUNS and token.lstrip("-").isdigit() and (len(token) <= 4 or token[0] == "-"):
        return token
    return "<n>"
