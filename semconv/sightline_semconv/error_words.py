"""Words that error messages and logs are written in. Data in lower case; inflected forms by ending."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ERROR_WORDS = _words("""
    a abort about above accept accepted access account across action active actual add added address
    after again agent alive all allocate allocated allow allowed already also alternate an and another
    answer any api app appears application are argument arguments array as ask at attach attempt
    attribute auth authentication available await bad balance bandwidth base batch be because before
    begin below between bind bit block blocked body both boundary branch broken buffer build builtin
    busy by bytes cache call callback can cancel cannot capacity certificate change channel char
    character check checking checksum child city claim class clean clear client clock close closed
    cluster code cold collection column command commit complete completion component compress config
    configuration confirm conflict connect connection console constraint container content context
    control copy corrupt could count cpu crash create created credentials critical current cursor cycle
    data database date day days dead deadline deadlock debug decline default delay delete deleted denied
    deny depth description destination destroy detach detect device did different dimension directory
    disable disabled disconnect disk dispatch divide division document does doing domain done double
    down download drain drive driver drop dropped due dump duplicate duplicated during each edge element
    embed embedding empty enable enabled encode end endpoint engine enough enter entity entry enum
    environment error event exceed exceeded except exception exclusive execute exist existing exists
    exit expect expected expire expired export expression extend external extra failed failure false
    fatal fault feature fetch field file filter find first flag flush folder for force foreign forest
    format found frame free from full function gateway generate get give given grant group guest had
    half handle hang has hash have he head header health heartbeat host hot hour http id idle if ignore
    illegal image import in inactive include incoming incorrect index info init initial inner input
    insert instance instead insufficient integer integrity interface internal interrupt into invalid is
    isolated issue it item iteration iterator its job join json keep kernel key keyword kill label lacks
    large last late latency layer lease left length level library limit line link list listen literal
    load local lock locked log login long looks lookup loop lost low machine mailbox make many map match
    max maximum may memory merge message metadata method migrate min minimum minute missing mode model
    module monitor more mount move multiple must my name named native needs negative network new next no
    node none nonexistent normal not notification null number object of off offline offset ok old on one
    online only open operation option or order organization orphan other our out output over overflow
    overlap own owner package packet page paragraph parameter parent parse part partial partition pass
    password patch path pause paused peer pending per permission permit phase pipe place plan please
    plugged point policy poll pool port positive post power previous primary print priority process
    profile program prompt property protocol provide provider proxy publish purge put quantity query
    queue quota range rate read ready receive received reconnect record recover redirect reduce
    reference refresh refused region register reject release reload remain remote remove rename repair
    repeat replace replica reply report request require required reserve reset resolve resource response
    restart restore result resume retrieve retry return reverse revoke right role rollback root route
    row rule run running safe same sample save says scan schedule schema scope search second secret
    section secure seems segment select self send sent serialize server service session set shard shared
    she short should shut shutdown sign signal signature since single size skip sleep slot slow small so
    socket soft some sort source space spawn spawned spent split stack stage stale standby start state
    statement status step still stop stopped storage store stream string stuck subject submit subscribe
    success sum support suspend swap switch symbol sync syntax system table tag target task temperature
    template temporary tenant terminal terminate test text than that the then there these this those
    thread threshold throttle through ticker time timeout timer to token too tool top total trace
    transaction transfer transform transmit transport trap tree trigger trip true truncate try two type
    unable unauthorized undefined under unexpected uninstall unique unit unknown unlock unmount
    unplugged unreachable unsupported until unused up update upgrade upload upper upstream url usage use
    used user valid validate value variable vector verify version very via view violate virtual volume
    wait warm warning was watch were when where which while who width window with within without word
    worker workspace write written wrong year yet you your zero zone
""")
"""Two templates that differ in one of these words at the same place state different things ("session opened",
"session closed"); two that differ in any other word probably differ in a name."""

PARAMETER_NOUNS = _words("""
    arg args argument arguments attribute column environment field fields flag header import key keys
    keyword method module name named operation operator option param parameter parameters params
    properties property role setting symbol type value variable
""")
"""A quoted word after one of these names a part of the interface: it tells causes apart."""

VALUE_NOUNS = _words("""
    account address agent app application branch bucket city cluster collection container customer
    database deployment device directory document engine file files folder for_user function host
    hostname image index instance interface job location model namespace node order org organization
    package path pod port process project queue region repo repository response_format schema server
    service session symbol table task tenant thread ticker tool tools topic url user user_id username
    worker workspace zone
""")
"""A word after one of these names an instance: it varies."""

CODE_NOUNS = _words("""
    code err errno error exit exited http rc signal sqlcode sqlstate status
""")
"""A short number after one of these is what happened; any other number is how much of it."""

NAMES_WITH_DIGITS = _words("""
    1st 2d 2nd 3d 3rd 4xx 5xx ascii85 base64 ec2 float32 float64 gpt4 h2 http/1.0 http/1.1 http/2 http1
    http2 int32 int64 ipv4 ipv6 iso-8859-1 jsonb k8s l1 l2 l3 latin-1 log4j m4a md5 mp3 mp4 oauth2
    python3 r2 s3 sha1 sha256 ssh2 tls1.2 tls1.3 tlsv1 tlsv1.2 tlsv1.3 utf-16 utf-16-le utf-32 utf-8
    utf16 utf8 v1 v2 v3 x509 x86 x86_64
""")
"""Names of formats and protocols: their digits do not vary."""

_ENDINGS = (
    "ed", "ing", "ion", "able", "ible", "ment", "ly", "ive", "ity", "ness", "ance", "ence", "ure", "ized",
)  # fmt: skip


SYSTEM_WORDS = _words("""
    aurora bigquery cassandra chroma chromadb clickhouse cockroachdb consul cosmosdb databricks duckdb
    dynamodb elasticsearch etcd faiss firestore gcs git github gitlab jira kafka kinesis kubernetes lancedb
    mariadb meilisearch memcached milvus minio mongo mongodb mysql neo4j nginx nats opensearch oracle pgvector
    pinecone postgres postgresql pubsub qdrant rabbitmq redis redshift s3 salesforce sharepoint slack
    snowflake solr sqlite sqs stripe supabase temporal typesense valkey vault vespa weaviate zookeeper
""")
"""Systems that apps depend on: of two that failed alike, each is a cause of its own."""


def is_known_word(word: str) -> bool:
    """Return whether a lower-case word is one of these, also inflected, or an identifier with underscores."""
    return (
        word in ERROR_WORDS
        or "_" in word
        or (len(word) > 4 and word.endswith(_ENDINGS))
        or word.removesuffix("s") in ERROR_WORDS
        or word.removesuffix("d") in ERROR_WORDS
    )
