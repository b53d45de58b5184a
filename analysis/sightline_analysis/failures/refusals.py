"""Whether a completion declines the request. Reads English, German, French, Spanish, Italian and Portuguese.

A refusal states it early: a first-person inability or unwillingness to do what was asked. What only looks
like one is ruled out: missing information ("I can't see the file you mention"), figures of speech,
conditions and advice to the reader, a caveat in front of a long answer.
"""

import re

_WINDOW = 400
_LATEST_START = 260

_HINTS = (
    "n't", "n’t", "cannot", "can not", "cant ", "unable", "not able", "will not", "declin", "refus",
    "sorry", "against", "violat", "inappropriate", "irresponsible", "unethical", "illegal",
    "do not", "not going",
    "not willing", "not comfortable", "not something", "unfortunately", "apolog", "harmful",
    "rather not", "better not", "prefer not", "guideline", "comfortable", "programmed",
    "offensive", "not allowed", "not permitted", "must not", "should not", "nicht", "ne peux",
    "refuser", "no puedo", "non posso", "não posso",
)  # fmt: skip
"""A cheap first look; nearly everything that `is_refusal` accepts contains one of these."""

_CANNOT = (
    r"(?:can['’]?t|cannot|can\s+not|won['’]?t|will\s+not|could\s+not|couldn['’]t|must\s+not|should\s+not|"
    r"shouldn['’]t|would\s+not|wouldn['’]t|do\s+not|don['’]t|am\s+not\s+able\s+to|['’]m\s+not\s+able\s+to)"
)
_HELP = (
    r"(?:help|assist|provide|fulfil|fulfill|comply|answer|discuss|engage|support|generate|create|write|produce|"
    r"offer|give|share|participate|do|continue|complete|satisfy|condone|promote|encourage|facilitate|respond|make|"
    r"suggest|recommend|advise|teach|explain|describe|show|say|speculate|proceed|accommodate|entertain|endorse|"
    r"process|perform|tell|browse|translate|roleplay|pretend|draft|list|instruct|guide|reveal|disclose|identify|repeat|accept|"
    r"send|comment|express|execute|craft|simulate|impersonate|play|post|compose|have\s+(?:personal|feelings|opinions))"
)
_DECLINE = re.compile(
    rf"""(?ix)
      \b(?:i|we)\s*(?:\w+\s+){{0,2}}?{_CANNOT}\s+(?:\w+\s+){{0,3}}?{_HELP}\b
    | \b(?:i\s+am|i['’]m|we\s+are|we['’]re)\s+(?:\w+\s+){{0,2}}?
        (?:unable\s+to|not\s+(?:able\s+to|going\s+to|willing|allowed|permitted|authorized|designed)
          |not\s+(?:programmed|comfortable)|unwilling|prohibited|forbidden)\b
    | \b(?:i|we)\s+(?:\w+\s+){{0,2}}?(?:decline|refuse|(?:have\s+to|must)\s+(?:\w+\s+)?(?:decline|refuse))\b
    | \bnot\s+(?:something|a\s+(?:topic|request|task))\s+(?:that\s+)?(?:i|we)
        (?:\s+am|['’]m)?\s*(?:can|could|will|would|able|comfortable|willing|going)\b
    | \b(?:goes|is|be)\s+against\s+(?:my|our)\s+(?:\w+\s+){{0,3}}?
        (?:polic|guideline|principle|program|rules|values|ethic)
    | \bviolates?\s+(?:my|our|openai['’]s|the)\s+(?:\w+\s+){{0,2}}?(?:polic|guideline|terms)
    | ^\W{{0,3}}(?:this|that|your)\s+(?:request|prompt|question|topic)\s+
        (?:is|appears|seems|contains|involves)\b
        [^.\n]{{0,60}}\b(?:inappropriate|unethical|illegal|harmful|offensive|not\s+appropriate)
    | \b(?:i|we)\s+(?:do\s+not|don['’]?t)\s+feel\s+comfortable\b
    | \b(?:i|we)(?:['’]d|\s+would)\s+(?:rather|prefer|better)\s+not\b | \b(?:i|we)\s+prefer\s+not\s+to\b
    | \b(?:it|this|that|doing\s+so)\s+(?:would|will|is)\s+(?:not\s+be\s+|be\s+)?(?:\w+\s+)?
        (?:inappropriate|unethical|irresponsible|wrong|appropriate|ethical|right)\s+(?:for\s+me\s+to|of\s+me\s+to)\b
    | \b(?:my|our)\s+(?:\w+\s+){{0,2}}?
        (?:guidelines?|programming|training|polic(?:y|ies)|principles|rules|values)\s+
        (?:prevents?|prohibits?|forbids?|restricts?|(?:do(?:es)?\s+not|do(?:es)?n['’]t)\s+(?:allow|permit))\b
    | \bi(?:\s+am|['’]m)\s+(?:programmed|designed|trained)\b[^.\n]{{0,80}}\b(?:cannot|can['’]t|can\s+not)\b
    | \blanguage\s+model\b[^.\n]{{0,40}}\b(?:cannot|can['’]t|can\s+not)\b
    | (?:^|[.!,]\s*)(?:nope?,?\s+)?not\s+going\s+to\s+(?:do|help|write|happen)\b
    | \bi\s+(?:don['’]?t|do\s+not)\s+think\s+(?:that\s+)?i\s+(?:should|can)\b
    | ,\s*so\s+(?:i|we)\s+(?:can['’]?t|cannot|won['’]?t|will\s+not)\s*[.!]?\s*$
    | \bich\s+(?:kann|darf|werde)\s+(?:\w+\s+){{0,6}}?nicht\b
    | \b(?:kann|darf)\s+ich\s+(?:\w+\s+){{0,6}}?nicht\b
    | \bje\s+ne\s+(?:peux|suis|vais)\s+pas\b | \bje\s+(?:dois\s+)?(?:refuse|décline)
    | \bno\s+(?:puedo|me\s+es\s+posible|voy\s+a|estoy\s+autorizad)
    | \bnon\s+(?:posso|sono\s+in\s+grado) | \bnão\s+(?:posso|consigo|estou\s+autorizad)
    """
)
_SORRY = re.compile(
    r"""(?ix) ^\W{0,4}
      (?:i['’]?(?:m|\s+am)\s+(?:\w+\s+)?sorry | sorry | my\s+apologies | i\s+apologi[sz]e | unfortunately)\b
      [^.\n]{0,120}\b(?:can['’]?t|cannot|can\s+not|unable|not\s+able|won['’]?t|will\s+not|decline|not\s+allowed)\b"""
)
_NOT_A_REFUSAL = re.compile(
    r"""(?ix)
      \b(?:don['’]?t|do\s+not|didn['’]?t|did\s+not)\s+(?:see|find|have\s+(?:enough|any|the))\b
    | \b(?:can['’]?t|cannot|couldn['’]?t|could\s+not|unable\s+to|able\s+to)\s+(?:\w+\s+){0,2}?
        (?:find|locate|see|open|read|view|hear|reproduce|parse|connect|determine|verify|confirm|stress|wait|thank
          |emphasi[sz]e|overstate|imagine|believe|guarantee|be\s+certain|be\s+sure|help\s+(?:but|thinking|feeling))\b
    | \b(?:if|when)\s+(?:you|we|i)\s+(?:can['’]?t|cannot|are\s+unable|don['’]t)\b
    | \bi\s+(?:don['’]t|do\s+not)\s+(?:think\b(?!\s+(?:that\s+)?i\s+(?:should|can)\b)|believe|know|mean)
    | \b(?:don['’]t|do\s+not|would\s+not|wouldn['’]t)\s+(?:recommend|suggest|advise)\b
    | \brefuse\s+to\s+(?:believe|accept|give\s+up)\b
    | \b(?:can['’]?t|cannot)\s+recommend\b[^.\n]{0,60}\benough\b
    """
)
_OPEN_QUOTE = re.compile(r"""(?:^|[\s(:,])["'“‘«](?=\w)(?:(?!["'”’»](?:[\s,.;:!?)]|$)).)*+$""", re.DOTALL)
"""A quotation that is still open at the end: somebody else is speaking."""
_INSTEAD = re.compile(r"(?i)\b(?:here(?:['’]s| is| are)|below (?:is|are)|the answer is|step 1)\b")


def may_refuse(preview: str) -> bool:
    """Return False for most answers at the price of a few substring scans of the first characters."""
    lowered = preview[:_WINDOW].lower()
    return any(hint in lowered for hint in _HINTS)


def is_refusal(text: str) -> bool:
    """Return whether `text` declines what was asked; looks at its first 400 characters.

    Precision comes before recall: an answer that hedges and then does the task is not a refusal.
    """
    head = text[:_WINDOW].strip()
    declined = _DECLINE.search(head) or _SORRY.search(head)
    if declined is None or declined.start() > _LATEST_START:
        return False
    if _OPEN_QUOTE.search(head, 0, declined.start() + 1):
        return False
    excuse = _NOT_A_REFUSAL.search(head)
    if excuse and excuse.start() <= declined.end() and excuse.end() >= declined.start():
        return False
    is_caveat = declined.start() > 120 and _INSTEAD.search(text, declined.end(), 1500) is not None
    return not (len(text) > 1500 and is_caveat)
