"""Names of model providers → the GenAI `gen_ai.provider.name` values."""

from functools import lru_cache

_NAMES = {
    "azure": "azure.ai.openai",
    "azure_openai": "azure.ai.openai",
    "azure-openai": "azure.ai.openai",
    "az.ai.openai": "azure.ai.openai",
    "azureopenai": "azure.ai.openai",
    "az.ai.inference": "azure.ai.inference",
    "azure_ai": "azure.ai.inference",
    "vertexai": "gcp.vertex_ai",
    "vertex_ai": "gcp.vertex_ai",
    "google_vertexai": "gcp.vertex_ai",
    "google-vertex": "gcp.vertex_ai",
    "google.vertex": "gcp.vertex_ai",
    "vertex_ai_beta": "gcp.vertex_ai",
    "vertex.anthropic": "gcp.vertex_ai",  # Vercel's AI SDK, of Claude, as the next two
    "google.vertex.anthropic": "gcp.vertex_ai",
    "googlevertex.anthropic": "gcp.vertex_ai",
    "googlevertex": "gcp.vertex_ai",
    "gemini": "gcp.gemini",
    "google": "gcp.gemini",
    "google_genai": "gcp.gemini",
    "google.generative-ai": "gcp.gemini",
    "google-gla": "gcp.gemini",
    "google-ai": "gcp.gemini",
    "googleai": "gcp.gemini",
    "gcp.vertex.agent": "gcp.gen_ai",  # the Agent Development Kit, wherever its model is
    "aws": "aws.bedrock",
    "bedrock": "aws.bedrock",
    "aws_bedrock": "aws.bedrock",
    "amazon": "aws.bedrock",
    "amazon_bedrock": "aws.bedrock",
    "amazon-bedrock": "aws.bedrock",
    "bedrock.anthropic": "aws.bedrock",
    "bedrock_converse": "aws.bedrock",
    "mistral": "mistral_ai",
    "mistralai": "mistral_ai",
    "xai": "x_ai",
    "x-ai": "x_ai",
    # LiteLLM's names, and those of clients; the conventions have none.
    "together_ai": "together",
    "togetherai": "together",
    "fireworks_ai": "fireworks",
    "cohere_chat": "cohere",
    "text-completion-openai": "openai",
    "moonshot": "moonshotai",
    "moonshot_ai": "moonshotai",
    "z_ai": "zai",
    "zhipu": "zhipuai",
    "voyage": "voyageai",
    "github_copilot": "github-copilot",
    "_other": "",
}

_SDK_SUFFIXES = (
    ".chat",
    ".responses",
    ".completion",
    ".completions",
    ".messages",
    ".embedding",
    ".embeddings",
)


@lru_cache(maxsize=256)
def provider_name(raw: str) -> str:
    """Return the provider's canonical name; a name that is not in the table comes back in lower case.

    Vercel's AI SDK appends the API (`openai.responses`, `anthropic.messages`); that suffix is cut.
    """
    name = raw.strip().lower()
    for suffix in _SDK_SUFFIXES:
        if name.endswith(suffix):
            name = name.removesuffix(suffix)
            break
    return _NAMES.get(name, name)
