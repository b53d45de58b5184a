"""Providers in the `genai-prices` catalogue, where it has other names for them than the conventions."""

CATALOGUE_NAMES = {
    "azure.ai.openai": "azure",
    "azure.ai.inference": "azure",
    "aws.bedrock": "aws",
    "gcp.vertex_ai": "google",
    "gcp.gemini": "google",
    "gcp.gen_ai": "google",
    "mistral_ai": "mistral",
    "x_ai": "x-ai",
}

BEDROCK_MAKERS = (
    "amazon",
    "anthropic",
    "meta",
    "mistral",
    "openai",
    "deepseek",
    "qwen",
    "google",
    "nvidia",
    "writer",
)
"""What stands in front of a model's name at Bedrock, and what OpenLLMetry cuts off."""
