"""What declines a request, what supports that reading, what speaks against it: patterns over roles of words.

Letters are those of `sightline_semconv.refusal_words`. Besides, `.` ends a sentence and `;` a line, `,` and
`:` are themselves, `Q` is a quotation or code, `#` a number, `a` an adverb, `j` a form in -ing, `w` any other
word. The speaker behind a condition or a concession ("if I cannot", "while I cannot") decides nothing.
"""

import re
from dataclasses import dataclass

_I = r"(?<![il])I"
_WE = r"(?<![il])[IJ]"
_ELLIPTIC = r"[^.;:,IYsQiNFMPX]{0,8}"
"""The subject may be some words away: "I am an AI assistant and cannot provide"."""
_TO_VERB = r"[^.;:,XF15IJsQP]{0,5}?"


@dataclass(frozen=True, slots=True)
class Rule:
    """`says` completes "sentence n …"; the pattern can match only where every letter of `needs` occurs."""

    says: str
    points: float
    needs: str
    pattern: re.Pattern[str]

    def find(self, roles: str) -> re.Match[str] | None:
        """Return where the rule applies first."""
        if all(letter in roles for letter in self.needs):
            return self.pattern.search(roles)
        return None


def _rule(points: float, says: str, needs: str, *alternatives: str) -> Rule:
    return Rule(says, points, needs, re.compile("|".join(alternatives)))


DECISIONS = (
    # It cannot or will not.
    _rule(
        3.0, "says that it cannot or will not help", "IN",
        rf"{_I}[aCdx,]{{0,4}}C[a,]{{0,3}}N{_TO_VERB}[HTWD](?![vi]|[^.;]{{0,6}}5)",
        rf"{_I}{_ELLIPTIC}[Cd]a{{0,2}}N[^.,;:XF15IJsQPMWTd]{{0,5}}?H(?![vi])",
    ),
    _rule(2.0, "says that we do not help", "JN", rf"(?<![ilH])J[aCdx]{{0,3}}[Cdx]a?N{_TO_VERB}H(?!v)"),
    _rule(2.0, "says what it cannot help with", "lN", rf"la?I[aCdx]{{0,3}}(?:N{_TO_VERB}[HTWD]|xa?[UN])"),
    _rule(
        2.5, "says that it cannot or will not do it", "IN",
        rf"{_I}[aCd]{{0,2}}Ca?N[Cd]?(?:[tR]{{0,2}}(?:[.;]|$)|t,w)", r"IdNdt[.;]",
        rf"{_I}a?Ca?Nx[wj]{{1,2}}t", rf"{_I}a?Ca?Na?[wBj][wY]?t",
    ),
    _rule(
        2.5, "says in few words that it will not help", "N",
        r"(?:^|[.;]|Sv?),?a?CN(?:[^.,;:XF1IJsQ]{0,2}H|dt)", r"(?:^|[.;]|N,)Njt",
    ),
    _rule(2.0, "says that it will not", "IN", rf"{_I}a?Ca{{0,3}}Na{{0,2}}[wBj]", rf"{_I}xa?N(?:jt|H)"),
    _rule(2.5, "says in a heading that it does not help", "", r"^w?Uw?[HR]", r"^a?RD[.;:,]"),
    _rule(2.2, "says that it cannot answer yet", "IvR", r"IxvjwwHt?R"),
    _rule(1.5, "says that it does not", "IN", rf"{_I}a?da{{0,3}}Na?[wBj]"),
    _rule(2.0, "will not tell", "IN1", rf"{_I}(?:a?|{_ELLIPTIC})Ca?N1Y(?!i)"),
    _rule(
        3.0, "says that it is unable to help", "",
        rf"{_WE}[aCdx]{{0,4}}(?:U|N[awxd]{{0,3}}b)[^.,;:XF1MP]{{0,4}}[HTRW]",
        rf"{_I}{_ELLIPTIC}[Cdx]N[awxd]{{0,3}}b[^.,;:XF1MP]{{0,4}}[HTRW]",
    ),
    _rule(
        2.0, "says that it is unable", "",
        rf"{_WE}[aCdx]{{0,4}}(?:U|N[awxd]{{0,3}}b)w?+(?![XFPM]|1(?!Y)|1Yi)",
    ),
    _rule(
        3.0, "says that this is nothing that it does", "N",
        r"N[awK]{0,3}[oR][^.,;:QsNYX]{0,3}[IJ][aCdxH]",
        r"o[^.,;:]?I[aCdx]{0,4}N[awx]{0,2}(?:b?w?+)(?![XFP1])",
    ),
    _rule(2.5, "says that the request cannot be met", "NR", r"N[bw][^.;:,]{0,2}H[^.;:,]{0,2}R"),
    # It does not want to.
    _rule(2.5, "says that it is not willing", "Nc", rf"{_WE}[aCdx]{{0,4}}N[awexd]{{0,4}}c(?!w?[FX])"),
    _rule(3.0, "declines", "D", rf"{_I}[^.,;:NQsIXFi]{{0,5}}?D(?!w?F|:)"),
    _rule(
        2.5, "says that it has to stop", "V",
        rf"{_I}[aCx]{{0,3}}dwa?V", r"I(?:[xdC]{0,2}|dP)a?cwa?V", r"[oR]tIa?V",
    ),
    _rule(3.0, "would rather not", "rN", rf"{_WE}[dC]?a?r[waJYPd]{{0,3}}N"),
    _rule(2.2, "does not wish to help", "INF", rf"{_I}a?dNFwH"),
    _rule(2.5, "says no", "N", rf"{_I}[^.;,QYs]{{0,6}}1N(?:[.;,]|wt)", r"tx[aw]{0,3}Nwe"),
    _rule(1.5, "says no and nothing else", "N", r"^aN[.,;]", r"^Sa?,?vN[.,]"),
    _rule(
        2.0, "says that it does not condone it", "INT",
        rf"{_I}[ad,]{{0,4}}da?N[^.;:,XF1IJsQPWdx]{{0,4}}?T",
    ),
    _rule(3.0, "draws a line", "f", r"IVwf", r"B[awtm]f", r"f[^.;:,]?I[dC]N"),
    _rule(2.0, "proposes another topic", "4", r"4[^.;]{0,4}(?:ER|oE)"),
    _rule(2.5, "proposes another topic and nothing else", "4R", r"^4[aw]{1,2}R"),
    _rule(1.5, "advises against it", "I", r"I[^.,;:N]{0,3}[WT][^.,;:]{0,3}[BNDu]"),
    # It may not, or it is not what it is for.
    _rule(
        2.5, "says that it is against its rules", "",
        r"B[wtxd]{0,2}[mA][^.,;:]{0,3}[GR]", r"N[awe]{0,2}Bm", r"N[aw]{0,2}mG", r"NBw?mG",
        r"mG[^.;:,]{0,4}NB", r"mw{0,2}G[^.;:,]{0,3}[BU]",
    ),
    _rule(2.0, "has rules to keep to", "G", rf"{_I}[^.;:,NQs]{{0,3}}(?:dw|C)[^.;:,]{{0,4}}G"),
    _rule(1.5, "names a rule that forbids it", "G", r"[BU][wtm]{0,2}[^.,;:MYs]{0,3}G"),
    _rule(
        2.5, "says what else it does only", "y",
        rf"{_WE}[Cax]{{0,2}}y[bcdw]{{0,2}}[Ha](?!i)", rf"{_I}[^.;:N]{{0,6}}H(?:w?y|yw?)R",
    ),
    _rule(2.5, "says that it is out of its scope", "", r"(?<=[^.;])u[wt]{0,5}[IJm]", r"xN[aw]{0,3}R[IJ]"),
    # It is not right.
    _rule(3.0, "says that it would be wrong to help", "", r"(?:L|N[wx]?K)[^.,;:]{0,2}e", r"d(?:xL|Nx?K)wH"),
    _rule(
        2.5, "does not think it right", "NF",
        rf"{_I}a?dNF[^.;,]{{0,8}}(?:[Kc][^.;,]{{0,2}}e|I[dC]|txm)",
    ),
    _rule(
        2.5, "judges the request", "R",
        r"(?:^|[.;t])[^.,;:I]{0,2}(?:Yw?|t)R[^.;:I]{0,6}(?:L|NK|B|D|U|u)",
    ),
    _rule(1.7, "calls it not right", "NK", r"tx[aw]{0,2}NK", r"wxNw?K"),
    _rule(1.5, "calls it wrong", "L", r"tx[aw]{0,2}L"),
    _rule(
        1.5, "calls an action wrong", "",
        r"(?:^|[.;])a?[jH][^.;:]{0,20}[xdC]N?[axw]{0,2}(?:L|B|NK)",
    ),
    _rule(1.0, "calls something wrong", "x", r"x[awN]{0,3}(?:L|NK)"),
    # Other languages.
    _rule(
        3.0, "says in German that it cannot or will not", "3",
        r"(?:3[gH]|[gH]3)[^.,;:X]{0,10}N(?!w{0,3}[X1])", r"3qN[aw]{0,3}[bc]", r"3D",
    ),
    _rule(
        3.0, "says in a Romance language that it cannot or will not", "",
        r"[nN]{1,2}pn?+(?![aw]{0,2}[X1])", r"Inpn?+(?![aw]{0,3}[X1])", r"InHn", r"e6",
        r"[nN]e?qn?[aw]{0,2}[bc](?!w{0,3}X)", r"[nN]ew{0,2}b", r"Inqn[aw]{0,2}b", r"2n?[nN]", r"yq[bc]|yp",
    ),
)  # fmt: skip

SUPPORT = (
    _rule(1.0, "apologises", "S", r"S"),
    _rule(0.4, "speaks of itself as an AI", "A", r"(?:[IJ]x|w)[^.,;:]{0,4}A"),
    _rule(0.5, "offers something else", "", r"E|[IJ][^.,;:N]{0,4}[HW]|IC,v,[HW]|HY|V|4"),
    _rule(0.7, "names who can help", "Z", r"Z"),
    _rule(0.8, "appeals to values", "", r"O|IWY"),
    _rule(0.4, "names its rules", "G", r"G"),
    _rule(0.5, "names harm", "L", r"L"),
    _rule(0.4, "names the request", "R", r"R"),
    _rule(0.7, "opens with a no", "N", r"^[ak]?N[.,;]"),
)

DOUBTS = (
    _rule(-1.5, "goes on with an answer", "h", r"h[xaC,:](?![^.;]{0,4}Z)"),
    _rule(-2.0, "opens with a yes", "k", r"^k[.,](?!N)"),
    _rule(-2.5, "is a letter", "z", r"(?:^|;)w?z"),
    _rule(-1.5, "is a list", "#", r"^#"),
    _rule(-3.0, "is in verse", ";", r"^(?:[^;#:]{4,16};){3}"),
    _rule(-1.0, "goes on after a but", "Nv", r"N[^.;]*,va{0,2}(?=I?w)(?![^.;]{0,4}[HEZWT])"),
    _rule(-1.0, "approves of nothing, and yet", "Tv", r"NT[^.;]*[.;,]v"),
)

DOUBTS_BEFORE = (
    _rule(-1.0, "somebody else was quoted before", "Q", r"Q"),
    _rule(-2.8, "introduces a text", "", r"(?:^|[.;])[^.;:Iem4AH]{0,14}:|^[^.;:]*hx?[^.;:]*:|^[^.;]{1,3};;?"),
)
"""Only what stands in front of the decision counts."""

MISSING = _rule(-1.5, "speaks of what is missing", "M", r"M[^.;,I]{0,3}[NP]|[NP][^.;,IH]{0,3}M")
"""A decision in a sentence about an absent document or a failed tool is about means, not about will."""
