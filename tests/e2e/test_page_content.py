"""What strangers wrote into spans, and the page without a mouse, in a real browser."""

from __future__ import annotations

import json

from playwright.sync_api import Page, Request, Route, expect
from tests.e2e.conftest import Server, trace_of
from tests.e2e.otlp_spans import GivenSpan, post_spans
from tests.e2e.polling import until

SCRIPT = "<script>document.title='owned'</script>"
MARKDOWN = f"""# heading

{SCRIPT} <svg onload="document.title='owned'"></svg>

[bad](javascript:document.title='owned') [good](https://example.org/a) ![pixel](https://example.org/p.png)

turned \u202egpj.exe\u202c

first
second  \nthird
"""
LONG_WORDS = 200_000


def test_hostile_content_is_shown_and_does_nothing(server: Server, page: Page) -> None:
    long_text = "word " * (LONG_WORDS // 5) + "needle " + "word " * (LONG_WORDS * 4 // 5)
    messages = [
        {"role": 'user" onmouseover="x', "parts": [{"type": "text", "content": MARKDOWN}]},
        {"role": "user", "parts": [{"type": "text", "content": long_text}]},
    ]
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "a-model-without-a-price",
        "gen_ai.input.messages": json.dumps(messages),
    }
    name = f"{SCRIPT}\u202e\u200b"
    post_spans(
        server, "hostile", [{"trace": "ad" * 16, "id": "ad" * 8, "name": name, "attributes": attributes}]
    )
    until(lambda: trace_of(server, "hostile", spans=1))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(f"{server.url}/t/{'ad' * 16}")
    conversation = page.get_by_role("region", name="Conversation")
    expect(conversation).to_contain_text("open on example.org")
    expect(conversation).to_contain_text(SCRIPT)
    expect(conversation).to_contain_text("turned ‹U+202E›gpj.exe‹U+202C›")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{SCRIPT}‹U+202E›‹U+200B›")
    assert conversation.get_by_text("first second third").inner_text() == "first\nsecond\nthird"
    expect(conversation.get_by_role("button", name="more characters")).to_be_visible()
    expect(page.get_by_role("banner").or_(page.locator("main > header"))).to_contain_text("unpriced")
    assert conversation.locator("img, script, svg[onload], [onmouseover], iframe").count() == 0
    links = conversation.get_by_role("link").evaluate_all("links => links.map(link => link.href)")
    assert links == ["https://example.org/a", "https://example.org/p.png"]
    assert "owned" not in page.title().replace(SCRIPT, "")
    assert [url for url in asked if not url.startswith(server.url)] == []

    # What is looked for is brought into view from behind what is folded away.
    page.goto(f"{server.url}/t/{'ad' * 16}?span={'ad' * 8}&find=needle")
    page.wait_for_function(
        """() => {
            const place = [...(CSS.highlights.get('found') ?? [])][0]?.getBoundingClientRect();
            return place && place.top > 0 && place.bottom < innerHeight;
        }"""
    )


def test_long_ids_keep_their_digits(server: Server, page: Page) -> None:
    call = {"type": "tool_call", "id": "c", "name": "f", "arguments": {"order": 1234567890123456789}}
    result = {"type": "tool_call_response", "id": "c", "response": '{"owner": 9007199254740993}'}
    table = f"| Figure | From |\n|---|---|\n| 22222 | {'word ' * 40} https://example.com/{'a' * 90} |"
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.output.messages": json.dumps(
            [{"role": "assistant", "parts": [call, result, {"type": "text", "content": table}]}]
        ),
    }
    post_spans(
        server, "long", [{"trace": "ae" * 16, "id": "ae" * 8, "name": "chat", "attributes": attributes}]
    )
    until(lambda: trace_of(server, "long", spans=1))
    page.goto(f"{server.url}/t/{'ae' * 16}")
    conversation = page.get_by_role("region", name="Conversation")
    expect(conversation).to_contain_text("order: 1234567890123456789")
    expect(conversation).to_contain_text("owner: 9007199254740993")
    # A column of figures beside long texts is not so narrow that it breaks them.
    figure = conversation.get_by_role("cell", name="22222")
    assert (
        figure.evaluate(
            "(cell) => { const range = document.createRange(); range.selectNodeContents(cell);"
            " return range.getClientRects().length; }"
        )
        == 1
    )


def test_no_ligature_draws_another_sign_than_was_sent(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/sql")
    expect(page.get_by_role("textbox")).to_be_visible()
    drawn = page.evaluate(
        """[...document.querySelectorAll('main *')].filter((each) => each.checkVisibility())
            .map((each) => getComputedStyle(each).fontVariantLigatures)"""
    )
    assert set(drawn) == {"no-contextual"}


def test_broken_step_is_reached_by_keyboard_alone(server: Server, page: Page) -> None:
    spans: list[GivenSpan] = [
        {"trace": "bd" * 16, "id": "b1" * 8, "name": "run"},
        {"trace": "bd" * 16, "id": "b2" * 8, "parent": "b1" * 8, "name": "fine step"},
        {
            "trace": "bd" * 16,
            "id": "b3" * 8,
            "parent": "b1" * 8,
            "name": "broken step",
            "error": "the disk of the tool is full",
        },
    ]
    post_spans(server, "keyboard", spans)
    until(lambda: trace_of(server, "keyboard", spans=3))

    page.goto(f"{server.url}/traces?app=keyboard")
    expect(page.get_by_role("link", name="run")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    panel = page.get_by_role("complementary", name="Span")
    # A failing trace opens on its cause.
    expect(panel.get_by_role("heading", level=2)).to_have_text("broken step")
    expect(panel).to_contain_text("the disk of the tool is full")
    page.keyboard.press("k")
    expect(panel.get_by_role("heading", level=2)).to_have_text("fine step")
    assert f"span={'b2' * 8}" in page.url
    page.keyboard.press("e")
    expect(panel.get_by_role("heading", level=2)).to_have_text("broken step")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Next failure")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", level=1)).to_have_text("Traces")


def test_code_that_cannot_be_fetched_says_so_and_is_there_once_the_server_is_again(
    server: Server, browser_page_without_checks: Page
) -> None:
    page = browser_page_without_checks
    page.goto(f"{server.url}/traces")
    expect(page.get_by_role("heading", name="Traces")).to_be_visible()
    page.route("**/*", lambda route: route.abort())
    page.get_by_role("link", name="Sessions").click()
    expect(page.get_by_role("alert")).to_contain_text("The server is down, or was updated meanwhile.")
    with page.expect_event("requestfailed"):
        page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.unroute("**/*")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="Sessions")).to_be_visible()


def test_code_that_could_not_be_fetched_offline_is_there_once_the_network_is(
    server: Server, browser_page_without_checks: Page
) -> None:
    page = browser_page_without_checks
    page.goto(f"{server.url}/traces")
    expect(page.get_by_role("heading", name="Traces")).to_be_visible()
    page.context.set_offline(True)
    page.get_by_role("link", name="Sessions").click()
    expect(page.get_by_role("alert")).to_contain_text("The server is down, or was updated meanwhile.")
    page.context.set_offline(False)
    expect(page.get_by_role("heading", name="Sessions")).to_be_visible()


def test_a_page_that_is_older_than_the_server_is_loaded_again(
    server: Server, browser_page_without_checks: Page
) -> None:
    page = browser_page_without_checks
    page.goto(f"{server.url}/traces")
    expect(page.get_by_role("heading", name="Traces")).to_be_visible()
    page.evaluate("performance.now = () => 60_000")
    reloads: list[Request] = []
    page.on("request", lambda request: reloads.append(request) if request.is_navigation_request() else None)

    def is_gone(route: Route) -> None:
        if reloads:
            route.continue_()
        else:
            route.fulfill(status=404)

    page.route("**/assets/SessionListPage*", is_gone)
    page.get_by_role("link", name="Sessions").click()
    expect(page.get_by_role("heading", name="Sessions")).to_be_visible()
    assert len(reloads) == 1


def test_a_mistyped_address_leads_back_to_the_traces(
    server: Server, browser_page_without_checks: Page
) -> None:
    page = browser_page_without_checks
    answer = page.goto(f"{server.url}/trace/{'ab' * 16}")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", name="Not found")).to_be_visible()
    page.get_by_role("link", name="Go to the traces").click()
    expect(page.get_by_role("heading", name="Traces")).to_be_visible()
