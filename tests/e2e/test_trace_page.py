"""The trace page in a real browser: large traces, search, keyboard, marks, graph, and what leads on."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from tests.e2e.axe import violations
from tests.e2e.conftest import PHONE, VIEWPORT, Server, trace_of
from tests.e2e.otlp_spans import GivenSpan, messages, post_spans
from tests.e2e.otlp_traces import GivenTrace, count, post_traces
from tests.e2e.phone import too_wide
from tests.e2e.polling import until
from tests.e2e.settled import settle

MORE_THAN_A_PAGE = 12_000
SCRIPT = "<script>document.title='owned'</script><svg onload=\"document.title='owned'\">"
RTL = "\u202ereversed\u200b"


def selected(page: Page) -> Locator:
    return page.get_by_role("tree", name="Spans").get_by_role("treeitem", selected=True)


def panel_of(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Span")


def agent_run(trace: str, *, session: str = "") -> list[GivenSpan]:
    """A root with an agent that calls a tool, which fails, and a model."""
    ids = [f"{trace[:14]}{n:02x}" for n in range(1, 6)]
    call: dict[str, str | int] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o-mini",
        "gen_ai.usage.input_tokens": 1_000,
        "gen_ai.input.messages": messages(("user", "Please send back my red bicycle")),
        "gen_ai.output.messages": messages(("assistant", "It is on its way")),
        "sightline.prompt.fingerprint": "f00d",
    }
    common: dict[str, str | int] = {"session.id": session} if session else {}
    return [
        {"trace": trace, "id": ids[0], "name": "run", "last_ms": 100, "attributes": common},
        {
            "trace": trace,
            "id": ids[1],
            "parent": ids[0],
            "name": "invoke_agent mender",
            "last_ms": 90,
            "attributes": {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "mender"},
        },
        {
            "trace": trace,
            "id": ids[2],
            "parent": ids[1],
            "name": "execute_tool weigh",
            "start_ms": 1,
            "last_ms": 10,
            "error": "the scales are broken",
            "attributes": {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "weigh"},
        },
        {
            "trace": trace,
            "id": ids[3],
            "parent": ids[1],
            "name": "chat gpt-4o-mini",
            "start_ms": 5,
            "last_ms": 75,
            "attributes": call,
        },
    ]


def _cluster_of_failure(server: Server, trace: str) -> str | None:
    """The cluster of the failing tool, once the job has seen it."""
    span = server.get(f"/api/v1/traces/{trace}/spans/{trace[:14]}03").json()
    answer = server.get(f"/api/v1/failures/of-fingerprint/{span['failure']['fingerprint']}")
    return str(answer.json()["cluster"]) if answer.status_code == 200 else None


@pytest.fixture
def run(server: Server, request: pytest.FixtureRequest) -> str:
    """The id of a trace of an agent run of the test's own."""
    app = request.node.name.partition("[")[0]
    trace = hashlib.sha256(request.node.name.encode()).hexdigest()[:32]
    post_spans(server, app, agent_run(trace))
    until(lambda: trace_of(server, app, spans=4))
    return trace


def test_trace_of_more_spans_than_a_page_is_whole_and_light(server: Server, page: Page) -> None:
    trace = "0b" * 16
    spans: list[GivenSpan] = [{"trace": trace, "id": f"{1:016x}", "name": "run", "last_ms": 60_000}]
    for number in range(2, MORE_THAN_A_PAGE + 1):
        spans.append(
            {
                "trace": trace,
                "id": f"{number:016x}",
                "parent": f"{1:016x}",
                "name": f"step {number}",
                "start_ms": number,
            }
        )
    for first in range(0, len(spans), 3_000):
        post_spans(server, "big trace", spans[first : first + 3_000], age_s=70)
    until(lambda: trace_of(server, "big trace", spans=MORE_THAN_A_PAGE))

    page.goto(f"{server.url}/t/{trace}")
    expect(page.get_by_text("12,000 spans", exact=True)).to_be_visible()
    tree = page.get_by_role("tree", name="Spans")
    tree.focus()
    page.keyboard.press("End")
    expect(selected(page)).to_contain_text("step 12000")
    expect(panel_of(page).get_by_role("heading", level=2)).to_have_text("step 12000")
    assert tree.get_by_role("treeitem").count() < 60
    page.keyboard.press("Home")
    expect(selected(page)).to_contain_text("run")
    page.keyboard.press("ArrowLeft")
    expect(tree.get_by_role("treeitem")).to_have_count(1)
    expect(page.get_by_text("1 of 12,000 spans")).to_be_visible()


def test_text_is_found_in_names_at_once_and_in_content_by_the_server(
    server: Server, page: Page, run: str
) -> None:
    page.goto(f"{server.url}/t/{run}")
    page.get_by_role("tree", name="Spans").wait_for()
    page.keyboard.press("/")
    page.keyboard.type("red BICYCLE")
    bar = page.get_by_role("toolbar", name="Of the trace")
    expect(bar).to_contain_text("1 found")
    page.keyboard.press("Enter")
    expect(selected(page)).to_contain_text("chat gpt-4o-mini")
    expect(bar).to_contain_text("1 of 1")
    # It is marked in the conversation, too.
    expect(panel_of(page)).to_contain_text("red bicycle")
    page.wait_for_function("CSS.highlights.get('found')?.size === 1")
    page.reload()
    expect(bar).to_contain_text("1 of 1")
    expect(page.get_by_role("searchbox", name="Search in the trace")).to_have_value("red BICYCLE")

    page.keyboard.press("/")
    page.keyboard.type("e")  # in place of what was looked for
    expect(bar).to_contain_text("of 4")
    page.keyboard.press("Escape")  # leaves the field, not what was found
    expect(panel_of(page)).to_be_visible()
    page.keyboard.press("Home")
    page.keyboard.press("n")
    expect(selected(page)).to_contain_text("mender")
    page.keyboard.press("N")
    page.keyboard.press("N")
    expect(selected(page)).to_contain_text("chat gpt-4o-mini")


def test_tree_is_folded_walked_and_left_by_keyboard(server: Server, page: Page, run: str) -> None:
    page.goto(f"{server.url}/t/{run}")
    # A failing trace opens on its cause, and the tree has the focus.
    expect(selected(page)).to_contain_text("weigh")
    page.keyboard.press("ArrowLeft")
    expect(selected(page)).to_contain_text("mender")
    page.keyboard.press("ArrowLeft")
    expect(selected(page)).to_have_attribute("aria-expanded", "false")
    expect(page.get_by_role("treeitem")).to_have_count(2)
    page.keyboard.press("e")
    expect(selected(page)).to_contain_text("weigh")
    page.keyboard.press("ArrowDown")
    expect(selected(page)).to_contain_text("chat")
    page.keyboard.press("p")
    expect(page.get_by_role("button", name="Critical path")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-aside=true]")).to_have_count(1)
    page.keyboard.press("z")
    expect(page.get_by_role("button", name="Show the time of the whole trace")).to_be_visible()
    expect(page.locator("[data-outside=right]")).to_have_count(0)
    expect(page.get_by_role("treeitem", name="weigh").locator("[data-failed]")).to_be_visible()
    page.keyboard.press("v")
    expect(page.get_by_role("group", name="Agent graph")).to_be_visible()
    page.keyboard.press("v")
    expect(selected(page)).to_contain_text("chat")


def test_a_closed_dialog_leaves_the_panel_open_and_the_focus_where_it_was(
    server: Server, page: Page, run: str
) -> None:
    page.emulate_media(reduced_motion="no-preference")
    _open_and_close_dialogs(server, page, run)
    # Without motion a dialog is gone while the key that closes it is still on its way.
    page.emulate_media(reduced_motion="reduce")
    _open_and_close_dialogs(server, page, run)


def _open_and_close_dialogs(server: Server, page: Page, run: str) -> None:
    page.goto(f"{server.url}/t/{run}")
    expect(panel_of(page)).to_be_visible()
    tree = page.get_by_role("tree", name="Spans")
    expect(tree).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(tree).to_be_focused()
    expect(panel_of(page)).to_be_visible()

    opener = page.get_by_role("button", name="Delete…")
    opener.click()
    page.get_by_role("menuitem", name="Delete the trace…").click()
    expect(page.get_by_role("dialog", name="Delete the trace?")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(opener).to_be_focused()
    expect(panel_of(page)).to_be_visible()


def test_waterfall_fits_beside_the_panel_on_a_small_screen(server: Server, page: Page, run: str) -> None:
    page.set_viewport_size({"width": 1024, "height": 768})
    page.goto(f"{server.url}/t/{run}")
    panel = panel_of(page).bounding_box()
    assert panel is not None
    for button in page.get_by_role("toolbar", name="Of the trace").get_by_role("button").all():
        box = button.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= panel["x"]
    names = page.get_by_role("treeitem").locator("[class*=_text_]")
    expect(names).to_have_count(4)
    cut = names.evaluate_all("all => all.filter(each => each.scrollWidth > each.clientWidth).length")
    assert cut == 0


def test_deep_spans_keep_a_name_and_say_their_level_on_a_phone(server: Server, phone: Page) -> None:
    trace = "0d" * 16
    spans: list[GivenSpan] = [
        {"trace": trace, "id": f"{n + 1:016x}", "parent": f"{n:016x}" if n else "", "name": f"level {n}"}
        for n in range(60)
    ]
    post_spans(server, "deep trace", spans)
    until(lambda: trace_of(server, "deep trace", spans=60))
    phone.goto(f"{server.url}/t/{trace}")
    assert too_wide(phone) == []
    phone.get_by_role("tree", name="Spans").evaluate("tree => tree.scrollTo(0, tree.scrollHeight)")
    deepest = phone.get_by_role("treeitem").last
    expect(deepest).to_contain_text("level 59")
    expect(deepest.get_by_title("59 levels below the root")).to_be_visible()
    name = deepest.locator("[class*=_text_]")
    assert name.evaluate("each => each.scrollWidth <= each.clientWidth")


def test_a_trace_and_a_list_are_printed_with_what_is_out_of_sight(server: Server, page: Page) -> None:
    trace = "0e" * 16
    spans: list[GivenSpan] = [
        {"trace": trace, "id": f"{n + 1:016x}", "parent": "" if n == 0 else f"{1:016x}", "name": f"step {n}"}
        for n in range(150)
    ]
    post_spans(server, "printed", spans)
    post_traces(server, "printed list", [GivenTrace(f"trace {n}") for n in range(90)])
    until(lambda: trace_of(server, "printed", spans=150))
    until(lambda: count(server, 'app:"printed list"') == 90 or None)
    page.goto(f"{server.url}/t/{trace}?span={1:016x}")
    expect(page.get_by_role("complementary", name="Span").get_by_role("tab").first).to_be_visible()
    page.emulate_media(media="print")
    items = page.get_by_role("treeitem")
    expect(items).to_have_count(150)
    last, panel = items.last, page.get_by_role("complementary", name="Span")
    expect(last).to_contain_text("step 149")
    below, above = last.bounding_box(), panel.bounding_box()
    assert below
    assert above
    assert 150 * 28 < below["y"] + below["height"] <= above["y"]

    page.emulate_media(media="screen")
    page.goto(f'{server.url}/traces?q=app:"printed list"')
    expect(page.get_by_role("row").filter(has=page.get_by_role("link")).first).to_be_visible()
    page.emulate_media(media="print")
    rows = page.get_by_role("region", name="Traces", exact=True).get_by_role("row")
    expect(rows).to_have_count(91)
    box = rows.last.bounding_box()
    assert box
    assert box["y"] > 90 * 40


def test_long_texts_leave_room_for_what_stands_beside_them(server: Server, page: Page, phone: Page) -> None:
    trace, long = "0f" * 16, "a-name-without-spaces-" * 20
    attributes: dict[str, str | int] = {
        "gen_ai.operation.name": "retrieval",
        "gen_ai.retrieval.documents": json.dumps([{"id": long, "score": 0.5, "content": "text " * 2_000}]),
        "a.very.long.name.of_an_attribute.that.says.little": "value",
        "session.id": long,
        "user.id": long,
        "error.type": long,
    }
    post_spans(
        server,
        "long names",
        [{"trace": trace, "id": "0f" * 8, "name": long, "error": "no", "attributes": attributes}],
    )
    until(lambda: trace_of(server, "long names", spans=1))
    page.goto(f"{server.url}/t/{trace}")
    badge = page.locator("main > header").get_by_text("1 error", exact=True)
    score = panel_of(page).get_by_text("score 0.500")
    category = page.get_by_role("button", name="It broke in").locator("[class*=_badge_]")
    for short in (badge, score, category):
        assert short.evaluate("each => each.scrollWidth <= each.clientWidth")
    error_type = panel_of(page).get_by_title(long, exact=True).and_(page.locator("[class*=_badge_]"))
    assert error_type.evaluate("each => getComputedStyle(each.firstElementChild).textOverflow") == "ellipsis"
    assert error_type.evaluate("each => each.scrollWidth <= each.clientWidth")
    header = page.locator("main > header").bounding_box()
    assert header is not None
    assert header["height"] < 140
    # Far down in the text, the other tabs are still there.
    panel_of(page).get_by_role("region", name="Documents").locator("> :last-child").evaluate(
        "each => each.scrollIntoView({ block: 'end' })"
    )
    expect(panel_of(page).get_by_role("tab", name="Raw")).to_be_in_viewport()
    panel_of(page).get_by_role("tab", name="Raw").click()
    expect(panel_of(page).get_by_text("trace_id:")).to_be_visible()

    phone.goto(f"{server.url}/t/{trace}")
    expect(phone.get_by_role("button", name="Delete…")).to_be_in_viewport(ratio=1)
    assert too_wide(phone) == []


def test_closed_panel_opens_again_on_its_tab(server: Server, page: Page, run: str) -> None:
    page.goto(f"{server.url}/t/{run}")
    panel_of(page).get_by_role("tab", name="Details").click()
    page.get_by_role("button", name="Close the span").click()
    expect(panel_of(page)).to_have_count(0)
    assert "tab=details" in page.url
    page.get_by_role("treeitem", name="chat gpt-4o-mini").click()
    expect(panel_of(page).get_by_role("tab", name="Details")).to_have_attribute("aria-selected", "true")


def test_graph_says_who_called_whom_and_opens_the_failing_span(server: Server, page: Page, run: str) -> None:
    page.goto(f"{server.url}/t/{run}?view=graph")
    graph = page.get_by_role("group", name="Agent graph")
    expect(graph.get_by_role("button")).to_have_count(4)
    graph.get_by_role("button", name="gpt-4o-mini").click()
    expect(panel_of(page).get_by_role("heading", level=2)).to_have_text("chat gpt-4o-mini")
    graph.get_by_role("button", name="execute_tool weigh").press("Enter")
    expect(panel_of(page)).to_contain_text("the scales are broken")
    assert "view=graph" in page.url


def test_graph_of_many_different_steps_is_a_list(server: Server, page: Page) -> None:
    trace = "9a" * 16
    spans: list[GivenSpan] = [{"trace": trace, "id": "9a" * 8, "name": "run"}]
    tool: dict[str, str | int] = {"gen_ai.operation.name": "execute_tool"}
    for number in range(310):
        name = f"execute_tool t{number}"
        spans.append(
            {
                "trace": trace,
                "id": f"9b{number:014x}",
                "parent": "9a" * 8,
                "name": name,
                "attributes": tool,
            }
        )
    post_spans(server, "many tools", spans)
    until(lambda: trace_of(server, "many tools", spans=311))
    page.goto(f"{server.url}/t/{trace}?view=graph")
    expect(page.get_by_text("311 nodes are too many for a drawing")).to_be_visible()
    expect(page.get_by_role("table").get_by_role("row")).to_have_count(312)


def test_spans_with_a_lost_parent_or_a_slow_clock_are_marked(server: Server, page: Page) -> None:
    trace = "5c" * 16
    spans: list[GivenSpan] = [
        {"trace": trace, "id": "c1" * 8, "name": "run", "start_ms": 0, "last_ms": 50},
        {"trace": trace, "id": "c2" * 8, "parent": "c1" * 8, "name": "early", "start_ms": -400},
        {"trace": trace, "id": "c3" * 8, "parent": "cf" * 8, "name": "lost", "start_ms": 20},
    ]
    post_spans(server, "marks", spans)
    until(lambda: trace_of(server, "marks", spans=3))
    page.goto(f"{server.url}/t/{trace}")
    expect(
        page.get_by_role("treeitem", name="early").get_by_role("img", name=re.compile("moved by 400 ms"))
    ).to_be_visible()
    expect(
        page.get_by_role("treeitem", name="lost").get_by_role("img", name="Its parent has not arrived")
    ).to_be_visible()


def test_span_leads_to_the_same_failure_prompt_and_session(server: Server, page: Page) -> None:
    traces = ["5e01" * 8, "5e02" * 8, "5e03" * 8]
    for age, trace in zip((30, 20, 10), traces, strict=True):
        post_spans(server, "leads on", agent_run(trace, session="s-leads"), age_s=age)
    until(lambda: len(server.get("/api/v1/traces", q='app:"leads on"').json()["traces"]) == 3)

    page.goto(f"{server.url}/t/{traces[1]}")
    cluster = until(lambda: _cluster_of_failure(server, traces[1]))
    panel_of(page).get_by_role("link", name="Same failure").click()
    expect(page).to_have_url(re.compile(f"/failures/{cluster}"))
    page.go_back()
    page.get_by_role("treeitem", name="chat gpt-4o-mini").click()
    expect(panel_of(page).get_by_role("link", name="Same prompt")).to_have_attribute(
        "href", re.compile("since=7d&q=prompt_fingerprint")
    )
    page.get_by_role("link", name="Next trace of the session").click()
    expect(page).to_have_url(re.compile(traces[2]))
    expect(page.get_by_role("link", name="Previous trace of the session")).to_be_visible()
    page.keyboard.press("[")
    expect(page).to_have_url(re.compile(traces[1]))


def test_thumb_and_comment_are_stored_and_shown(server: Server, page: Page, run: str) -> None:
    def reviews() -> list[tuple[object, object]]:
        scores = server.get("/api/v1/scores", trace_id=run).json()["scores"]
        return [(score["value"], score["comment"]) for score in scores]

    page.goto(f"{server.url}/t/{run}")
    panel = panel_of(page)
    panel.get_by_role("button", name="Bad", exact=True).click()
    expect(panel.get_by_role("button", name="Bad", exact=True)).to_have_attribute("aria-pressed", "true")
    until(lambda: reviews() == [(False, "")])
    panel.get_by_role("button", name="Comment", exact=True).click()
    page.get_by_role("textbox", name="Comment", exact=True).fill(f"too slow {SCRIPT}")
    page.get_by_role("button", name="Save").click()
    panel.get_by_role("tab", name="Scores").click()
    expect(panel.get_by_role("list", name="Scores")).to_contain_text(f"too slow {SCRIPT}")
    assert reviews() == [(False, f"too slow {SCRIPT}")]
    panel.get_by_role("button", name="Bad", exact=True).click()
    expect(panel.get_by_role("button", name="Bad", exact=True)).to_have_attribute("aria-pressed", "false")
    assert reviews() == []


def test_call_is_copied_and_trace_downloaded(server: Server, page: Page, run: str, tmp_path: Path) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{server.url}/t/{run}")
    page.get_by_role("treeitem", name="chat gpt-4o-mini").click()
    panel_of(page).get_by_role("button", name="Copy or repeat the call").click()
    page.get_by_role("menuitem", name="Copy as curl").click()
    expect(panel_of(page).get_by_role("status")).to_contain_text("Copied as curl")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "curl" in copied
    assert "red bicycle" in copied

    page.get_by_role("button", name="Download the trace").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="OTLP JSON").click()
    download.value.save_as(tmp_path / "trace.json")
    assert json.loads((tmp_path / "trace.json").read_text())["resourceSpans"]


def test_a_comment_that_was_refused_stays_and_scores_that_cannot_be_read_say_so(
    server: Server, browser_page_without_checks: Page, run: str
) -> None:
    page = browser_page_without_checks
    page.route("**/api/v1/scores**", lambda route: route.fulfill(status=400, json={"detail": "not now"}))
    page.goto(f"{server.url}/t/{run}?tab=scores")
    scores = panel_of(page).get_by_role("tabpanel", name="Scores")
    expect(scores.get_by_role("alert")).to_contain_text("not now")
    panel_of(page).get_by_role("button", name="Comment", exact=True).click()
    comment = page.get_by_role("textbox", name="Comment", exact=True)
    comment.fill("typed with care")
    page.get_by_role("button", name="Save").click()
    expect(panel_of(page).get_by_role("alert").filter(has_text="not now")).to_have_count(2)
    expect(comment).to_have_value("typed with care")
    page.unroute("**/api/v1/scores**")
    page.get_by_role("button", name="Save").click()
    expect(comment).to_have_count(0)
    expect(scores.get_by_role("list", name="Scores")).to_contain_text("typed with care")
    scores.get_by_role("button", name="Delete the score review").click()
    expect(scores).to_contain_text("Nobody has judged this span")

    # A panel that has no span to show can be closed, too: on a phone it is all of the page.
    page.route("**/spans/**", lambda route: route.fulfill(status=400, json={"detail": "not now"}))
    page.keyboard.press("k")
    expect(panel_of(page).get_by_role("alert")).to_contain_text("not now")
    panel_of(page).get_by_role("button", name="Close the span").click()
    expect(panel_of(page)).to_have_count(0)


def test_a_link_to_a_span_that_is_not_there_says_so(server: Server, page: Page, run: str) -> None:
    page.goto(f"{server.url}/t/{run}?span={'ef' * 8}")
    expect(panel_of(page)).to_contain_text("This trace has no span efefefefefefefef")
    panel_of(page).get_by_role("button", name="Close").click()
    expect(panel_of(page)).to_have_count(0)


def test_a_call_that_is_made_again_says_so_and_takes_nobody_away(
    server: Server, browser_page_without_checks: Page, run: str
) -> None:
    page = browser_page_without_checks
    held: list[Route] = []

    def run_again() -> None:
        page.goto(f"{server.url}/t/{run}")
        page.get_by_role("treeitem", name="chat gpt-4o-mini").click()
        panel_of(page).get_by_role("button", name="Copy or repeat the call").click()
        page.get_by_role("menuitem", name="Run again").click()

    run_again()
    expect(panel_of(page).get_by_role("alert")).to_contain_text("SIGHTLINE_REPLAY_BASE_URL")
    page.set_viewport_size(PHONE)
    expect(panel_of(page).get_by_role("button", name="Close the span")).to_be_in_viewport(ratio=1)
    page.set_viewport_size(VIEWPORT)
    page.route("**/replay", lambda route: held.append(route))
    run_again()
    expect(panel_of(page).get_by_role("status")).to_contain_text("Making the call again")
    page.get_by_role("link", name="Sessions", exact=True).click()
    expect(page.get_by_role("heading", name="Sessions")).to_be_visible()
    with page.expect_response("**/replay"):
        held[0].fulfill(json={"trace_id": run, "span_id": "a1" * 8, "http_status": 200, "error": None})
    page.get_by_role("button", name="Refresh").click()
    expect(page.get_by_role("heading", name="Sessions")).to_be_visible()
    assert "/sessions" in page.url


def test_hostile_names_do_nothing_in_tree_graph_and_search(server: Server, page: Page) -> None:
    trace, text = "4e" * 16, f"{SCRIPT}{RTL}"
    tool: dict[str, str | int] = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": text,
        "gen_ai.tool.call.arguments": json.dumps({"link": "javascript:document.title='owned'", "text": text}),
        "gen_ai.tool.call.result": "x" * 1_000_000 + text,
    }
    spans: list[GivenSpan] = [
        {"trace": trace, "id": "4e" * 8, "name": text, "error": text},
        {"trace": trace, "id": "4f" * 8, "parent": "4e" * 8, "name": text, "attributes": tool},
    ]
    post_spans(server, "hostile names", spans)
    until(lambda: trace_of(server, "hostile names", spans=2))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{server.url}/t/{trace}?span={'4f' * 8}&find={SCRIPT}")
    expect(panel_of(page)).to_contain_text("more characters")
    expect(page.get_by_role("toolbar", name="Of the trace")).to_contain_text("of 2")
    page.keyboard.press("v")
    expect(page.get_by_role("group", name="Agent graph").get_by_role("button")).to_have_count(2)
    assert page.locator("main script, main svg[onload], a[href^=javascript]").count() == 0
    assert page.evaluate("document.querySelectorAll('[onload],[onerror],[onclick]').length") == 0
    assert "owned" not in page.title().replace(SCRIPT, "")
    assert [url for url in asked if not url.startswith(server.url)] == []


@pytest.mark.parametrize("view", ["", "?view=graph", "?find=a&path=true", "?tab=scores"])
def test_axe_finds_nothing_on_any_view_of_a_trace(
    server: Server, still_page: Page, run: str, view: str
) -> None:
    page = still_page
    page.goto(f"{server.url}/t/{run}{view}")
    settle(page)
    assert violations(page) == []
    page.get_by_role("button", name="Compare with…").click()
    page.get_by_role("menuitem", name="Another trace").click()
    page.get_by_role("dialog").wait_for()
    assert violations(page) == []
