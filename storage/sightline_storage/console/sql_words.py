"""What the SQL console knows: tables with their columns, functions, types. Everything else is refused."""

from itertools import product
from typing import Final

from sightline_storage.rollups.rollup_table import DIMENSIONS, SUMS
from sightline_storage.spans.reprice_audit import REPRICE_AUDIT
from sightline_storage.spans.span_table import RECORD_KEYS, column_of


def _words(text: str) -> list[str]:
    return text.split()


TABLES: Final[dict[str, tuple[str, ...]]] = {
    "spans": tuple(column_of(key) for key in RECORD_KEYS if key != "project"),
    "scores": (
        "score_id",
        "trace_id",
        "span_id",
        "session",
        "name",
        "source",
        "author",
        "value_type",
        "number",
        "text",
        "comment",
        "scored_at",
    ),
    "rollup_minute": ("bucket", *DIMENSIONS, *SUMS, "last_start"),
    "rollup_hour": ("bucket", *DIMENSIONS, *SUMS, "last_start"),
    "reprice_audit": tuple(name for name in REPRICE_AUDIT if name != "project"),
}
"""Columns that may be read. The project is not among them: it is always the caller's."""

_AGGREGATES = _words(
    """
    any anyLast argMax argMin avg avgWeighted corr count covarPop covarSamp entropy first_value
    groupArray groupArraySample groupBitAnd groupBitOr groupBitXor groupUniqArray kurtPop kurtSamp
    last_value max median medianExact medianTDigest min quantile quantileExact quantileExactWeighted
    quantileTDigest quantileTiming quantiles quantilesExact quantilesTDigest quantilesTiming
    simpleLinearRegression skewPop skewSamp stddevPop stddevSamp sum sumMap sumWithOverflow topK
    topKWeighted uniq uniqCombined uniqExact uniqHLL12 varPop varSamp
    """
)

_COMBINATORS = ("", "If", "Array", "ArrayIf", "Distinct", "DistinctIf", "OrNull", "OrNullIf", "OrDefault")

_WINDOW = _words("rank dense_rank row_number percent_rank ntile lagInFrame leadInFrame lag lead nth_value")

_SCALARS = _words(
    """
    abs ceil floor round trunc sqrt exp ln log log2 log10 pow power sign greatest least intDiv
    intDivOrZero modulo divide plus minus multiply negate isNaN isFinite isInfinite bitAnd bitOr bitXor
    equals notEquals less greater lessOrEquals greaterOrEquals and or not xor if multiIf coalesce ifNull
    nullIf isNull isNotNull assumeNotNull toNullable toString toInt8 toInt16 toInt32 toInt64 toUInt8
    toUInt16 toUInt32 toUInt64 toFloat32 toFloat64 toDecimal32 toDecimal64 toDecimal128 toInt64OrZero
    toInt64OrNull toUInt64OrZero toUInt64OrNull toFloat64OrZero toFloat64OrNull toDate toDate32
    toDateTime toDateTime64 toDateOrNull toDateTimeOrNull toBool toTypeName parseDateTimeBestEffort
    parseDateTimeBestEffortOrNull parseDateTime64BestEffortOrNull now now64 today yesterday toTimeZone
    toYear toQuarter toMonth toISOWeek toDayOfYear toDayOfMonth toDayOfWeek toHour toMinute toSecond
    toStartOfYear toStartOfQuarter toStartOfMonth toStartOfWeek toMonday toStartOfDay toStartOfHour
    toStartOfMinute toStartOfSecond toStartOfFiveMinutes toStartOfTenMinutes toStartOfFifteenMinutes
    toStartOfInterval toUnixTimestamp toUnixTimestamp64Milli toUnixTimestamp64Micro
    toUnixTimestamp64Nano fromUnixTimestamp fromUnixTimestamp64Milli fromUnixTimestamp64Micro
    fromUnixTimestamp64Nano formatDateTime dateDiff date_diff dateAdd dateSub date_trunc dateTrunc
    addSeconds addMinutes addHours addDays addWeeks addMonths addYears subtractSeconds subtractMinutes
    subtractHours subtractDays subtractWeeks subtractMonths subtractYears toIntervalSecond
    toIntervalMinute toIntervalHour toIntervalDay toIntervalWeek toIntervalMonth toYYYYMM toYYYYMMDD
    length lengthUTF8 empty notEmpty lower upper lowerUTF8 upperUTF8 reverse reverseUTF8 concat
    concatWithSeparator substring substringUTF8 left right leftUTF8 rightUTF8 trim trimLeft trimRight
    trimBoth startsWith endsWith position positionCaseInsensitive positionUTF8 countSubstrings replace
    replaceOne replaceAll replaceRegexpOne replaceRegexpAll match like ilike notLike extract extractAll
    splitByChar splitByString hasToken hasTokenCaseInsensitive hasAllTokens hasAnyTokens format leftPad
    rightPad JSONExtract JSONExtractString JSONExtractInt JSONExtractUInt JSONExtractFloat
    JSONExtractBool JSONExtractRaw JSONExtractArrayRaw JSONExtractKeys JSONHas JSONLength JSONType
    isValidJSON simpleJSONExtractString simpleJSONExtractInt array tuple map mapKeys mapValues
    mapContains mapFromArrays tupleElement has hasAll hasAny indexOf countEqual arrayElement arrayConcat
    arraySlice arrayDistinct arraySort arrayReverseSort arrayReverse arrayJoin arrayMap arrayFilter
    arrayExists arrayAll arrayCount arraySum arrayAvg arrayMin arrayMax arrayFirst arrayLast
    arrayEnumerate arrayZip arrayFlatten arrayStringConcat arrayUniq arrayIntersect arrayPushBack
    arrayPushFront arrayCompact arrayDifference arrayCumSum arrayFirstIndex cityHash64 sipHash64
    xxHash64 hex lowerHex formatReadableSize formatReadableQuantity formatReadableTimeDelta bar
    """
)

FUNCTIONS: Final = frozenset(
    name.lower()
    for name in (
        *(name + suffix for name, suffix in product(_AGGREGATES, _COMBINATORS)),
        *_WINDOW,
        *_SCALARS,
    )
)
"""In lower case. None of them takes the name of a table, a file, a function or a setting as an argument."""

TYPES: Final = frozenset(
    _words(
        """
        BOOLEAN TINYINT UTINYINT SMALLINT USMALLINT INT UINT BIGINT UBIGINT INT128 UINT128 FLOAT DOUBLE
        DECIMAL DECIMAL32 DECIMAL64 DECIMAL128 TEXT VARCHAR DATE DATE32 DATETIME DATETIME64 TIMESTAMP UUID
        NULLABLE LOWCARDINALITY ARRAY MAP STRUCT
        """
    )
)
"""Types of a cast, by the parser's names."""

UNITS: Final = frozenset(
    f"{unit}{plural}"
    for unit in (
        "NANOSECOND",
        "MICROSECOND",
        "MILLISECOND",
        "SECOND",
        "MINUTE",
        "HOUR",
        "DAY",
        "WEEK",
        "MONTH",
        "YEAR",
    )
    for plural in ("", "S")
)
"""Units of an interval."""
