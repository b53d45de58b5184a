"""Facts of the endpoints beside text generation: embeddings, moderations, decisions, images, audio, jobs."""

from __future__ import annotations

import json
import re

from sightline.facts import Facts
from sightline.readers.chat import prompt_messages, read_identity
from sightline.readers.json_values import JsonObject, as_int, as_list, as_object, as_objects, as_text
from sightline.readers.messages import content_parts, media_part, text_part
from sightline.readers.responses import input_messages
from sightline.readers.usage import read_usage
from sightline.readers.verdicts import moderation_verdict
from sightline_semconv import gen_ai, sightline
from sightline_semconv.kinds import GuardrailStage

# One that has no end is not looked for beyond the next: the work stays in proportion to the answer.
_VECTOR = re.compile(rb'"embedding":\s*(?:"[^"]*"|\[[^\]"]*\])')


def read_embeddings_request(body: JsonObject, facts: Facts) -> None:
    """Request of `POST /embeddings`."""
    facts.put(gen_ai.EMBEDDINGS_DIMENSION_COUNT, as_int(body.get("dimensions")))
    if encoding := as_text(body.get("encoding_format")):
        facts.put(gen_ai.REQUEST_ENCODING_FORMATS, [encoding])
    facts.input_messages = prompt_messages(body.get("input"))


def read_embeddings_response(body: JsonObject, facts: Facts) -> None:
    """Answer of `POST /embeddings`. The vectors stay out: their length is kept (base64 holds 4-byte
    floats)."""
    facts.put(gen_ai.RESPONSE_MODEL, as_text(body.get("model")))
    facts.usage = read_usage(body.get("usage"))
    vectors = as_objects(body.get("data"))
    vector = vectors[0].get("embedding") if vectors else None
    if gen_ai.EMBEDDINGS_DIMENSION_COUNT not in facts.attributes:
        if isinstance(vector, list):
            facts.put(gen_ai.EMBEDDINGS_DIMENSION_COUNT, len(vector))
        elif isinstance(vector, str):
            padding = vector[-2:].count("=")
            facts.put(gen_ai.EMBEDDINGS_DIMENSION_COUNT, (len(vector) * 3 // 4 - padding) // 4)


def without_vectors(content: bytes) -> bytes:
    """An answer with its first vector only: reading numbers is most of the work, and nobody asks for them."""
    first = _VECTOR.search(content)
    if first is None:
        return content
    return content[: first.end()] + _VECTOR.sub(b'"embedding":null', content[first.end() :])


def read_moderation_request(body: JsonObject, facts: Facts) -> None:
    """Request of `POST /moderations`: a text, several, or parts with images."""
    content = body.get("input")
    if isinstance(content, list) and as_objects(content):
        facts.input_messages = [{"role": "user", "parts": content_parts(content)}]
    else:
        facts.input_messages = prompt_messages(content)


def read_moderation_response(body: JsonObject, facts: Facts) -> None:
    """Answer of `POST /moderations`: the span is itself a guardrail, so its verdict is the span's."""
    read_identity(body, facts)
    results = as_objects(body.get("results"))
    if results:
        facts.verdicts.append(moderation_verdict(results, GuardrailStage.INPUT))
    shown = [
        {key: result.get(key) for key in ("flagged", "categories", "category_scores")} for result in results
    ]
    facts.put(sightline.OUTPUT, json.dumps(shown, ensure_ascii=False))


def read_decision_request(body: JsonObject, facts: Facts) -> None:
    """Request of `POST /decisions`: the input, then the questions asked about it."""
    facts.input_messages = input_messages(body.get("input"))
    questions = as_list(body.get("questions"))
    if questions:
        facts.system_instructions = [text_part(json.dumps(questions, ensure_ascii=False))]


def read_decision_response(body: JsonObject, facts: Facts) -> None:
    """Answer of `POST /decisions`: all answers as one JSON text."""
    read_identity(body, facts)
    facts.usage = read_usage(body.get("usage"))
    answers = as_list(body.get("answers"))
    facts.put(gen_ai.OUTPUT_TYPE, "json")
    facts.output_messages = [
        {"role": "assistant", "parts": [text_part(json.dumps(answers, ensure_ascii=False))]}
    ]
    refused = bool(answers) and all(as_object(answer).get("type") == "refusal" for answer in answers)
    facts.finish_reasons = ["refusal" if refused else "stop"]


def read_image_request(body: JsonObject, facts: Facts) -> None:
    """Request of `POST /images/generations`, `/images/edits` (its files are described) and
    `/images/variations`."""
    facts.put(gen_ai.OUTPUT_TYPE, "image")
    count = as_int(body.get("n"))
    if count is not None and count != 1:
        facts.put(gen_ai.REQUEST_CHOICE_COUNT, count)
    facts.input_messages = prompt_messages(body.get("prompt"))


def read_image_response(body: JsonObject, facts: Facts) -> None:
    """Images as type, size and hash; a revised prompt is text."""
    facts.usage = read_usage(body.get("usage"))
    mime_type = f"image/{as_text(body.get('output_format')) or 'png'}"
    parts: list[JsonObject] = []
    for image in as_objects(body.get("data")):
        if revised := as_text(image.get("revised_prompt")):
            parts.append(text_part(revised))
        location = as_text(image.get("url")) or f"data:{mime_type};base64,{as_text(image.get('b64_json'))}"
        parts.append(media_part("image", location, image))
    facts.output_messages = [{"role": "assistant", "parts": parts}] if parts else []


def fold_images(events: list[JsonObject], facts: Facts) -> JsonObject:
    """Streamed image events: the completed one holds image and usage."""
    for position, event in enumerate(events):
        if as_text(event.get("type")).endswith(".completed"):
            facts.terminal_index = position
            return {**event, "data": [event]}
    facts.incomplete = True
    return {"data": []}


def read_speech_request(body: JsonObject, facts: Facts) -> None:
    """Request of `POST /audio/speech`; the answer is audio and only described."""
    facts.put(gen_ai.OUTPUT_TYPE, "speech")
    facts.input_messages = prompt_messages(body.get("input"))
    if instructions := as_text(body.get("instructions")):
        facts.system_instructions = [text_part(instructions)]


def read_audio_request(body: JsonObject, facts: Facts) -> None:
    """Request of `POST /audio/transcriptions` and `/audio/translations`; the upload itself is described
    apart."""
    facts.put(gen_ai.OUTPUT_TYPE, "text")
    facts.input_messages = prompt_messages(body.get("prompt"))


def read_audio_response(body: JsonObject, facts: Facts) -> None:
    """A transcript. Usage may be tokens or seconds; seconds are no tokens and stay out."""
    usage = as_object(body.get("usage"))
    if usage.get("type") != "duration":
        facts.usage = read_usage(usage)
    if text := as_text(body.get("text")):
        facts.output_messages = [{"role": "assistant", "parts": [text_part(text)]}]


def fold_audio(events: list[JsonObject], facts: Facts) -> JsonObject:
    """Events of a streamed transcript or of streamed speech; the `.done` one carries the usage."""
    text = ""
    for position, event in enumerate(events):
        kind = as_text(event.get("type"))
        if kind == "transcript.text.delta":
            text += as_text(event.get("delta"))
        elif kind.endswith(".done"):
            facts.terminal_index = position
            return {"text": event.get("text"), "usage": event.get("usage")}
    facts.incomplete = True
    return {"text": text}


def read_job_response(body: JsonObject, facts: Facts) -> None:
    """A batch, fine-tuning job or another object that is only named."""
    facts.put(gen_ai.RESPONSE_ID, as_text(body.get("id")))


def read_search_request(body: JsonObject, facts: Facts) -> None:
    """Request of `POST /vector_stores/{id}/search`."""
    query = body.get("query")
    queries = (
        [query] if isinstance(query, str) else [item for item in as_list(query) if isinstance(item, str)]
    )
    facts.put(gen_ai.RETRIEVAL_QUERY_TEXT, "\n".join(queries))
    facts.put(gen_ai.RETRIEVAL_TOP_K, as_int(body.get("max_num_results")))


def read_search_response(body: JsonObject, facts: Facts) -> None:
    """Hits of a vector-store search: id, name, score and the beginning of the text."""
    documents = [
        {
            "id": as_text(hit.get("file_id")),
            "name": as_text(hit.get("filename")),
            "score": hit.get("score"),
            "content": "".join(as_text(part.get("text")) for part in as_objects(hit.get("content")))[:500],
        }
        for hit in as_objects(body.get("data"))
    ]
    facts.put(gen_ai.RETRIEVAL_DOCUMENTS, json.dumps(documents, ensure_ascii=False))
