"""The smallest app worth tracing. Needs a server (`make serve`), `pip install openai` and OPENAI_API_KEY."""

import sightline

sightline.instrument(app="quickstart")

import openai  # noqa: E402 - the one line may come before or after this import


@sightline.tool
def exchange_rate(currency: str) -> float:
    """Stand in for something that the answer depends on."""
    return {"EUR": 1.09, "NOK": 0.094}[currency]


def main() -> None:
    """Ask one question as a chain of two steps."""
    client = openai.OpenAI()
    with sightline.context(session="s-1", user="u-7"), sightline.span("convert", kind="workflow"):
        rate = exchange_rate("NOK")
        stream = client.chat.completions.create(
            model="gpt-4o-mini",
            messages=[{"role": "user", "content": f"What are 400 NOK in USD at {rate}?"}],
            stream=True,
        )
        for chunk in stream:
            print(chunk.choices[0].delta.content or "", end="", flush=True)
    print()


if __name__ == "__main__":
    main()
