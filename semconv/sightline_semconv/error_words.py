"""Words that error messages and logs are written in.

Two templates that differ in one of these words at the same place state different things ("session opened",
"session closed"); two that differ in any other word probably differ in a name. Data, in lower case; inflected
forms are found by their endings.
"""

ERROR_WORDS = frozenset(
    """
    a about abort above accept accepted access account across action active actual add added address after again
    agent all allocate allocated allow allowed already also alternate an and another answer any api app application
    are argument arguments array as ask at attach attempt attribute auth authentication available await bad balance
    bandwidth base batch be because before begin below between bind bit block blocked body both boundary branch
    broken buffer build busy by bytes cache call callback can cancel cannot capacity certificate change channel char
    character check checksum child class clean clear client clock close closed cluster code collection column
    command commit complete completion component compress config configuration confirm conflict connect connection
    console constraint container content context control copy corrupt could count cpu crash create created
    credentials current cursor cycle data database date day days deadline deadlock debug decline default delay
    delete deleted deny denied depth description destination destroy detach detect device did different dimension
    directory disable disabled disconnect disk dispatch divide division document does domain done double down
    download drain drive driver drop dropped due dump duplicate duplicated during each edge element embed embedding
    empty enable enabled encode end endpoint engine enough enter entity entry enum environment error event exceed
    exceeded except exception exclusive execute exist existing exists exit expect expected expire expired export
    expression extend external extra failed failure false fatal fault feature fetch field file filter find first
    flag flush folder for force foreign forest format found frame free from full function gateway generate get give
    given grant group guest had handle hang has hash have head header health heartbeat host hour http id idle if
    ignore illegal image import in inactive include incoming incorrect index info init initial inner input insert
    instance instead insufficient integer integrity interface internal interrupt into invalid is isolated issue it
    item iteration iterator job join json keep kernel key keyword kill label large last late latency layer lease
    left length level library limit line link list listen literal load local lock locked log login long lookup loop
    lost low machine mailbox make many map match max maximum may memory merge message metadata method migrate min
    minimum minute missing mode model module monitor more mount move multiple must name named native negative
    network new next no node none nonexistent normal not notification null number object of off offline offset old
    on one online only open operation option or order orphan other out output over overflow overlap own owner
    package packet page paragraph parameter parent parse part partial partition pass password path pause paused
    peer pending per permission permit phase pipe place plan please point policy poll pool port positive post power
    previous primary print priority process profile program prompt property protocol provide provider proxy publish
    purge put quantity query queue quota range rate read ready receive received reconnect record recover redirect
    reduce reference refresh refused region register reject release reload remain remote remove rename repair
    repeat replace replica reply report request require required reserve reset resolve resource response restart
    restore result resume return retrieve retry return reverse revoke right role rollback root route row rule run
    running safe same sample save scan schedule schema scope search second secret section secure segment select
    self send sent serialize server service session set shard shared short should shut shutdown sign signal
    signature since single size skip sleep slot slow small socket soft some sort source space spawn split stack
    stage stale standby start state statement status step still stop stopped storage store stream string stuck
    subject submit subscribe success sum support suspend swap switch symbol sync syntax system table tag target
    task temperature template temporary terminal terminate test text than that the then there thread threshold
    throttle through time timeout timer to token too tool top total trace transaction transfer transform transmit
    transport trap tree trigger trip true truncate try two type unable unauthorized undefined under unexpected
    uninstall unique unit unknown unlock unmount unreachable unsupported until up update upgrade upload upper upstream
    url usage use user valid validate value variable vector verify version via view violate virtual volume wait
    warning was watch were when where which while width window with within without word worker write written wrong
    year yet you your zero zone plugged unplugged alive dead open half critical warm cold hot ok used free spawn spawned claim checking builtin has have unused spent
    get post put delete patch city directory folder organization workspace tenant session ticker job worker host
    she he this these those my our its has doing not so who than too very lacks needs looks appears seems says does
    """.split()
)

_ENDINGS = (
    "ed",
    "ing",
    "ion",
    "able",
    "ible",
    "ment",
    "ly",
    "ive",
    "ity",
    "ness",
    "ance",
    "ence",
    "ure",
    "ized",
)


def is_known_word(word: str) -> bool:
    """Return whether a lower-case word is one of these, also inflected, or an identifier with underscores."""
    return (
        word in ERROR_WORDS
        or "_" in word
        or (len(word) > 4 and word.endswith(_ENDINGS))
        or word.removesuffix("s") in ERROR_WORDS
        or word.removesuffix("d") in ERROR_WORDS
    )
