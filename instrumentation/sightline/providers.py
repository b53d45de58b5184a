"""Who answers, told from the host that a client is pointed at."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit


class Server(NamedTuple):
    """`provider` is a `gen_ai.provider.name`; `port` is 0 when the address is malformed."""

    provider: str
    address: str
    port: int


_BY_HOST_SUFFIX = (
    ("api.openai.com", "openai"),
    ("openai.azure.com", "azure.ai.openai"),
    ("openai.azure.us", "azure.ai.openai"),
    ("openai.azure.cn", "azure.ai.openai"),
    ("cognitiveservices.azure.com", "azure.ai.openai"),
    ("services.ai.azure.com", "azure.ai.inference"),
    ("models.inference.ai.azure.com", "azure.ai.inference"),
    ("openai.com", "openai"),
    ("groq.com", "groq"),
    ("openrouter.ai", "openrouter"),
    ("together.xyz", "together"),
    ("together.ai", "together"),
    ("mistral.ai", "mistral_ai"),
    ("deepseek.com", "deepseek"),
    ("perplexity.ai", "perplexity"),
    ("x.ai", "x_ai"),
    ("anthropic.com", "anthropic"),
    ("cohere.com", "cohere"),
    ("cohere.ai", "cohere"),
    ("fireworks.ai", "fireworks"),
    ("cerebras.ai", "cerebras"),
    ("generativelanguage.googleapis.com", "gcp.gemini"),
    ("googleapis.com", "gcp.vertex_ai"),  # `us-east5-aiplatform.…`, `aiplatform.us.rep.…`
    ("amazonaws.com", "aws.bedrock"),
    ("api.aws", "aws.bedrock"),
    ("watsonx.ai", "ibm.watsonx.ai"),
    ("huggingface.co", "huggingface"),
    ("nvidia.com", "nvidia"),
    # By the names of the price catalogue, as the conventions have none.
    ("api.moonshot.ai", "moonshotai"),
    ("api.moonshot.cn", "moonshotai"),
    ("api.z.ai", "zai"),
    ("open.bigmodel.cn", "zhipuai"),
    ("api.minimax.io", "minimax"),
    ("api.minimaxi.com", "minimax"),
    ("api.novita.ai", "novita"),
    ("inference.baseten.co", "baseten"),
    ("api.arcee.ai", "arcee"),
    ("api.voyageai.com", "voyageai"),
    ("endpoints.kepler.ai.cloud.ovh.net", "ovhcloud"),
    ("cloud.databricks.com", "databricks"),
    ("azuredatabricks.net", "databricks"),
)
# The ports these servers listen on unless told otherwise; only believed on a local address.
_BY_LOCAL_PORT = {11434: "ollama", 8000: "vllm", 1234: "lm_studio", 4000: "litellm"}
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0", "host.docker.internal"})
_NAMED_HOSTS = ("ollama", "vllm", "litellm")

OPENAI_COMPATIBLE = "openai-compatible"


@lru_cache(maxsize=256)
def name_of_key(key: str) -> str:
    """Return a name for a provider key that tells keys apart and gives nothing of one away.

    The first eight hex digits of SHA-256: enough to ask what one key spends, too few to guess it back.
    """
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:8]


@lru_cache(maxsize=256)
def identify_server(base_url: str, is_azure: bool) -> Server:
    """Provider, host and port of a client's base URL.

    `is_azure`: the client is an `AzureOpenAI`, which is Azure on whatever host it is pointed at.
    """
    try:
        parts = urlsplit(base_url)
        host = (parts.hostname or "").lower()
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    except ValueError:
        return Server(OPENAI_COMPATIBLE, "", 0)
    return Server("azure.ai.openai" if is_azure else _provider_of(host, port), host, port)


def _provider_of(host: str, port: int) -> str:
    for suffix, provider in _BY_HOST_SUFFIX:
        if host == suffix or host.endswith("." + suffix):
            return provider
    if host in _LOCAL:
        return _BY_LOCAL_PORT.get(port, OPENAI_COMPATIBLE)
    first_label = host.partition(".")[0]
    return next((name for name in _NAMED_HOSTS if name == first_label), OPENAI_COMPATIBLE)
