"""The root exception of a printed traceback: Python (chained and grouped), Java, Node, Go."""

import re

_PYTHON = "Traceback (most recent call last):"
_GROUP_MARGIN = re.compile(r"(?m)^[ ]{0,8}[|+][ -]?")
_GROUP_MEMBER = re.compile(r"(?m)^[ ]{0,8}\+?-{3,20}[ ]1[ ]-{3,20}\n")
_JAVA_CAUSE = re.compile(r"(?m)^\s{0,8}Caused by: ")
_FRAME_LINE = re.compile(r"(?m)\n?^\s{1,16}at\s(?:async\s)?[^\n]{1,500}$")
_INLINE_FRAME = re.compile(
    r"\s{1,8}at\s(?:async\s)?(?:[\w.$<>\[\] ]{1,120}\s)?\((?:[^()\s]|\([\w-]*\)){1,300}:\d+(?::\d+)?\)"
)
_CHAIN = re.compile(
    r"\n\s{0,8}(?:During handling of the above exception, another exception occurred:"
    r"|The above exception was the direct cause of the following exception:)"
)


def root_of_traceback(text: str) -> str:
    """Return the text of the exception that came first, without frames; `text` itself without a traceback."""
    at = text.find(_PYTHON)
    if at >= 0:
        return _python_root(text, at)
    if "at " not in text and "Caused by" not in text:
        return text
    causes = list(_JAVA_CAUSE.finditer(text))
    if causes:
        text = text[causes[-1].end() :]
    frame = _FRAME_LINE.search(text)
    if frame:
        text = text[: frame.start()] or text
    inline = _INLINE_FRAME.search(text)
    return text[: inline.start()] if inline and inline.start() > 0 else text


def _python_root(text: str, at: int) -> str:
    """The first traceback of a chain belongs to the root; inside a group, to its first member."""
    member = _GROUP_MEMBER.search(text)
    body = text[member.end() if member else at :]
    if "Exception Group Traceback" in text or member:
        body = _GROUP_MARGIN.sub("", body)
    chain = _CHAIN.search(body)
    if chain:
        body = body[: chain.start()]
    lines = body.split("\n")
    for index, line in enumerate(lines):
        is_message = line and not line[0].isspace() and not line.startswith(_PYTHON) and line[0] not in "+-|"
        if is_message and "Traceback (most" not in line:
            return "\n".join(lines[index:])
    # Only frames survived a cut: what stood before them is all there is.
    return text[:at].strip() or text.replace(_PYTHON, "").strip()
