"""From a text to one letter for each word: the part that the word plays in a refusal."""

import re
from dataclasses import dataclass
from functools import cache

from sightline_semconv.refusal_words import CONTRACTIONS, ROLES

MAX_CHARS = 700
_LONGEST_NAME = 25

_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]{1,200}`", re.DOTALL)
_QUOTATION = re.compile(
    r"""["“«][^"”»]{1,700}(?:["”»]|\Z)|(?<!\w)['‘](?=\w)[^\n'’]{1,300}(?:['’]\w[^\n'’]{0,300}){0,9}[.,!?]?['’](?!\w)"""
)
_TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|\d+|[.!?…\n]+|[,;:()–—*]|\x00")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_LETTERS_ONLY = str.maketrans(
    {code: " " for code in range(128) if not chr(code).isalpha() and code != ord("'")}
)
_MARKS = {
    ".": ".", "!": ".", "?": ".", "…": ".", "\n": ";", ",": ",", ";": ".", ":": ":",
    "(": ",", ")": ",", "–": ",", "—": ",", "*": "", "\x00": "Q",
}  # fmt: skip
_OUR_ASSISTANT = re.compile(r"[mt]w?A")


def _role_of_word() -> dict[str, str]:
    found = dict(CONTRACTIONS)
    for role, words in ROLES.items():
        for word in words.split():
            found.setdefault(word, role)
    return found


_ROLE = _role_of_word()


@dataclass(frozen=True, slots=True)
class Tagged:
    """`roles[i]` is the role of the word that starts at `starts[i]` of the text; a contraction has two."""

    roles: str
    starts: list[int]

    def sentence(self, at: int) -> tuple[int, int]:
        """Return where the sentence (or line) around a role begins and ends."""
        begin = max(self.roles.rfind(".", 0, at), self.roles.rfind(";", 0, at)) + 1
        ends = [end for end in (self.roles.find(".", at), self.roles.find(";", at)) if end >= 0]
        return begin, min(ends, default=len(self.roles))


def tag(text: str) -> Tagged:
    """Return the roles of the first 700 characters; a quotation or a piece of code is one role, `Q`."""
    head = text[:MAX_CHARS].lower()
    if "`" in head:
        head = _CODE.sub(_blank, head)
    # The texts of an answer in JSON are the model's own words.
    is_json = head.lstrip().startswith("{")
    head = head.replace('":', '".') if is_json else _QUOTATION.sub(_blank, head)
    head = head.replace("’", "'")
    roles: list[str] = []
    starts: list[int] = []
    for match in _TOKEN.finditer(head):
        token = match[0]
        role = _ROLE.get(token)
        if role is None:
            role = _role_of_other(token)
        roles.append(role)
        starts.extend([match.start()] * len(role))
    joined = "".join(roles)
    if "A" in joined:
        joined = _OUR_ASSISTANT.sub(lambda found: "w" * (len(found[0]) - 1) + "I", joined)
    return Tagged(joined, starts)


def has_role(text: str, roles: frozenset[str]) -> bool:
    """Return whether a word of `text` plays one of `roles`; cheaper than `tag`."""
    return not _words_of(roles).isdisjoint(_words(text.lower().replace("’", "'")))


def _words(text: str) -> list[str]:
    """What `_WORD` finds, and more. On plain English a regular expression takes four times as long."""
    if not text.isascii():
        return _WORD.findall(text)
    words = text.translate(_LETTERS_ONLY).split()
    if "'" in text:
        words += _WORD.findall(" ".join(word for word in words if "'" in word))
    return words


@cache
def _words_of(roles: frozenset[str]) -> frozenset[str]:
    return frozenset(word for word, role in _ROLE.items() if not roles.isdisjoint(role))


def _blank(match: re.Match[str]) -> str:
    """Positions stay: what comes off is replaced by as many characters."""
    mark = "\x00" if len(match[0]) > _LONGEST_NAME else "x"
    return mark.ljust(len(match[0]))


def _role_of_other(token: str) -> str:
    mark = ";" if "\n" in token else _MARKS.get(token[0])
    if mark is not None:
        return mark
    if token[0].isdigit():
        return "#"
    stem, apostrophe, _ = token.partition("'")
    if apostrophe:
        return _ROLE.get(stem, "w")
    if token.endswith("ly"):
        return "a"
    return "j" if token.endswith("ing") else "w"
