"""A chat over HTTP whose answers stream.

Needs a server (`make serve`), `pip install openai fastapi uvicorn` and OPENAI_API_KEY:

    python examples/web_app.py
    curl -N 'http://127.0.0.1:8080/chat?user=u-7&session=s-1&question=Where+is+order+7%3F'
"""

from collections.abc import AsyncIterator

import sightline

sightline.instrument(app="web-chat")

import openai  # noqa: E402 - the one line may come before or after these imports
import uvicorn  # noqa: E402
from fastapi import FastAPI  # noqa: E402
from fastapi.responses import StreamingResponse  # noqa: E402

app = FastAPI()
model = openai.AsyncOpenAI()


@sightline.retrieval
async def find_pages(question: str) -> list[dict[str, str]]:
    """Stand in for a search."""
    return [{"id": "returns", "content": "Orders can be returned within 30 days."}]


@sightline.trace
async def answer(question: str) -> AsyncIterator[str]:
    """The model's words as they come. A reader who goes away leaves a stream that is told as abandoned."""
    pages = await find_pages(question)
    stream = await model.chat.completions.create(
        model="gpt-4o-mini",
        messages=[
            {"role": "system", "content": f"Answer from these pages: {pages}"},
            {"role": "user", "content": question},
        ],
        stream=True,
    )
    async with stream:
        async for chunk in stream:
            yield chunk.choices[0].delta.content or "" if chunk.choices else ""


@app.get("/chat")
async def chat(question: str, user: str = "guest", session: str = "first") -> StreamingResponse:
    """Answer one question. The generator keeps the context in which it is called."""
    with sightline.context(user=user, session=session):
        return StreamingResponse(answer(question), media_type="text/plain")


if __name__ == "__main__":
    uvicorn.run(app, port=8080)
