"""Sessions, users, prompts, apps and saved views in a real browser."""

from __future__ import annotations

import json
import re
import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect
from tests.e2e.axe import violations
from tests.e2e.conftest import VIEWPORT, Server
from tests.e2e.otlp_spans import GivenSpan, post_spans
from tests.e2e.polling import until
from tests.e2e.settled import settle

APP = "talks"
SESSION = "../a?b&c=%2F#\"'<img src=x onerror=alert(1)> \u202e𝒳"
SHOWN_SESSION = SESSION.replace("\u202e", "‹U+202E›")
USER = "ann/..;?<b>&%00"
LONG = "A long answer that the list cuts off. " * 40


@dataclass(frozen=True)
class Said:
    """One trace of a conversation: a single model call."""

    question: str
    answer: str
    version: str = "2"
    error: str = ""


TALK = (
    Said("Where is my parcel?", "In **Oslo**. <script>alert(1)</script>", version="1"),
    Said("When does it arrive?", LONG),
    Said("I want my money back!", "", error="the payment service is down"),
)


def _post(server: Server, session: str, user: str, talk: tuple[Said, ...], *, app: str = APP) -> list[str]:
    """Send the talk, one trace every two minutes until now, and return the trace ids."""
    trace_ids = [secrets.token_hex(16) for _ in talk]
    now_ns = time.time_ns()
    spans = []
    for number, (trace_id, said) in enumerate(zip(trace_ids, talk, strict=True)):
        start = now_ns - (len(talk) - number) * 120_000_000_000
        attributes = {
            "session.id": session,
            "user.id": user,
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": "gpt-4o-mini",
            "gen_ai.response.model": "gpt-4o-mini",
            "gen_ai.usage.input_tokens": 1000,
            "gen_ai.usage.output_tokens": 100,
            "gen_ai.prompt.name": "parcel answer",
            "gen_ai.prompt.version": said.version,
            "gen_ai.input.messages": _message("user", said.question),
            **({"gen_ai.output.messages": _message("assistant", said.answer)} if said.answer else {}),
        }
        spans.append(
            {
                "traceId": trace_id,
                "spanId": secrets.token_hex(8),
                "name": "answer",
                "startTimeUnixNano": str(start),
                "endTimeUnixNano": str(start + 500_000_000),
                "status": {"code": 2, "message": said.error} if said.error else {},
                "attributes": _attributes(attributes),
            }
        )
    resource = {"attributes": _attributes({"service.name": app})}
    body = {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": spans}]}]}
    answer = httpx.post(f"{server.url}/v1/traces", json=body, timeout=60)
    assert (answer.status_code, answer.json()) == (200, {})
    return trace_ids


def _message(role: str, text: str) -> str:
    return json.dumps([{"role": role, "parts": [{"type": "text", "content": text}]}])


def _attributes(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"key": key, "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}}
        for key, value in values.items()
    ]


@pytest.fixture(scope="module")
def talk(server: Server) -> list[str]:
    """A talk with hostile ids, one of thirty other sessions, and scores; the talk's trace ids."""
    trace_ids = _post(server, SESSION, USER, TALK)
    for number in range(30):
        _post(server, f"quick {number}", f"user {number % 3}", (Said("Hello?", "Hello."),))
    scores = [
        {"trace_id": trace_ids[0], "name": "helpful", "value": True, "source": "human", "comment": "right"},
        {"trace_id": trace_ids[0], "name": "depth", "value": 0.25, "source": "model", "author": "judge"},
        {"session": SESSION, "name": "solved", "value": False, "source": "human"},
    ]
    assert httpx.post(f"{server.url}/api/v1/scores", json=scores, timeout=60).status_code == 200
    until(lambda: _sessions(server) == 31)
    return trace_ids


def _sessions(server: Server) -> int:
    return len(server.get("/api/v1/sessions", q=f"app:{APP}", limit="100").json()["sessions"])


def test_a_session_with_a_hostile_id_is_found_and_read_as_a_conversation(
    server: Server, talk: list[str], page: Page
) -> None:
    page.goto(f"{server.url}/sessions?q=status:error+app:{APP}")
    sessions = page.get_by_role("table").get_by_role("row")
    row = sessions.filter(has_text="<img src=x")
    expect(row).to_contain_text("1 · 33%")
    expect(sessions).to_have_count(2)  # the heading is one
    row.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Session {SHOWN_SESSION}")
    turns = page.get_by_role("article")
    expect(turns).to_have_count(3)
    expect(turns.nth(0).get_by_role("group", name="Input")).to_have_text("Where is my parcel?")
    expect(turns.nth(0).get_by_role("group", name="Output")).to_contain_text("In Oslo.")
    expect(turns.nth(0)).to_contain_text("helpful")
    expect(turns.nth(0).get_by_role("img", name="yes")).to_be_visible()
    expect(turns.nth(2).get_by_role("img", name="Error")).to_be_visible()
    expect(turns.nth(2)).to_contain_text("No output was recorded")
    expect(page.get_by_text("1m 60s later").or_(page.get_by_text("2m 00s later")).first).to_be_visible()
    expect(page.get_by_role("img", name="no", exact=True)).to_be_visible()

    page.locator("dt", has_text="Failed").locator("xpath=..").get_by_role(
        "link", name="1", exact=True
    ).click()
    expect(page).to_have_url(re.compile(r"/traces\?.*status%3Aerror"))
    expect(page.get_by_role("table").locator("[role=row][data-active]")).to_have_count(1)
    page.go_back()
    page.reload()
    expect(turns).to_have_count(3)
    turns.nth(0).get_by_role("link", name="answer").click()
    expect(page).to_have_url(re.compile(f"/t/{talk[0]}"))


@pytest.mark.usefixtures("talk")
def test_a_long_answer_is_shown_whole_on_request(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/sessions/conversation?id={quote(SESSION)}")
    output = page.get_by_role("article", name="Turn 2").get_by_role("group", name="Output")
    assert len(output.inner_text()) < 400
    output.get_by_role("button", name="Show all of it").click()
    expect(output).to_have_text(LONG.strip())


@pytest.mark.usefixtures("talk")
def test_a_user_leads_to_sessions_and_to_traces(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/users?q=app:{APP}")
    row = page.get_by_role("table").get_by_role("row").filter(has_text="ann/..")
    row.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"User {USER}")
    # What the list showed, not what the page usually shows.
    expect(page).to_have_url(re.compile(r"[?&]since=24h"))
    by_app = page.get_by_role("region", name="By app").get_by_role("row").filter(has_text=APP)
    expect(by_app).to_contain_text("1 · 33%")
    costs = page.get_by_role("region", name="By model").get_by_role("link", name="What each model cost")
    expect(costs).to_have_attribute("href", re.compile(r"/costs\?.*by=model&user="))
    sessions = page.get_by_role("region", name="Sessions of the user")
    expect(sessions.get_by_role("link", name=SHOWN_SESSION)).to_be_visible()
    page.get_by_role("region", name="Figures").get_by_role("link", name="3").click()
    traces = page.get_by_role("region", name="Traces").get_by_role("row")
    expect(traces.filter(has_text="answer")).to_have_count(3)


@pytest.mark.usefixtures("talk")
def test_a_text_that_could_not_be_loaded_is_asked_for_again(
    server: Server, browser_page_without_checks: Page
) -> None:
    page = browser_page_without_checks
    page.goto(f"{server.url}/sessions/conversation?id={quote(SESSION, safe='')}")
    answer = page.get_by_role("article", name="Turn 2").get_by_role("group", name="Output")
    page.route("**/spans/*", lambda route: route.fulfill(status=400, json={}))
    answer.get_by_role("button", name="Show all of it").click()
    again = answer.get_by_role("button", name="It could not be loaded. Try again")
    expect(again).to_be_enabled()
    page.unroute("**/spans/*")
    again.click()
    expect(answer).to_contain_text(LONG.strip())


@pytest.mark.parametrize("path", ["sessions/conversation", "users/profile", "prompts/versions"])
def test_what_is_not_in_the_range_is_looked_for_in_all_time(
    path: str, server: Server, browser_page_without_checks: Page
) -> None:
    page = browser_page_without_checks
    page.goto(f"{server.url}/{path}?id=nobody&since=1h")
    page.get_by_role("button", name="Look at all time").click()
    expect(page.get_by_role("button", name="All time")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("nobody")
    expect(page.get_by_role("button", name="Look at all time")).to_have_count(0)


@pytest.mark.usefixtures("talk")
def test_text_that_the_browser_does_not_let_be_copied_says_so(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/sessions/conversation?id={quote(SESSION, safe='')}")
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('denied')) }")
    page.get_by_role("button", name="Copy the session id").click()
    expect(page.get_by_role("button", name="The browser did not let it be copied")).to_be_visible()


@pytest.mark.usefixtures("talk")
@pytest.mark.parametrize("path", ["sessions", "users", "prompts", "apps/overview"])
def test_a_list_that_could_not_be_refreshed_says_so(
    path: str, server: Server, browser_page_without_checks: Page
) -> None:
    page = browser_page_without_checks
    page.goto(f"{server.url}/{path.split('/')[0]}?q=app:{APP}")
    rows = page.get_by_role("row").filter(has=page.get_by_role("link"))
    expect(rows.first).to_be_visible()
    page.route(f"**/api/v1/{path}?**", lambda route: route.fulfill(status=400, json={"detail": "not now"}))
    page.get_by_role("button", name="Refresh").click()
    expect(page.get_by_role("alert")).to_contain_text("The list could not be refreshed: not now")
    expect(rows.first).to_be_visible()
    page.unroute(f"**/api/v1/{path}?**")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.usefixtures("talk")
def test_a_row_tells_the_exact_figure_below_the_pointer(server: Server, still_page: Page) -> None:
    page = still_page
    page.goto(f"{server.url}/sessions?q=app:{APP}")
    row = page.get_by_role("row").filter(has_text="quick 29")
    for cell, told in (("cost", re.compile(r"^\$0\.0002\d+$")), ("tokens", "Input: 1,000\nOutput: 100")):
        box = row.locator(f"[data-cell={cell}]").bounding_box()
        assert box
        page.mouse.move(box["x"] + box["width"] - 3, box["y"] + box["height"] / 2)
        expect(row.get_by_role("link")).to_have_attribute("title", told)
    row.get_by_role("link").hover(position={"x": 5, "y": 5})
    expect(row.get_by_role("link")).to_have_attribute("title", "quick 29")


@pytest.mark.usefixtures("talk")
def test_a_page_that_was_left_open_is_read_again_for_who_comes_back(
    server: Server, browser_page_without_checks: Page
) -> None:
    page = browser_page_without_checks
    page.clock.install()
    page.goto(f"{server.url}/users/profile?id={quote(USER, safe='')}")
    expect(page.get_by_role("region", name="Figures")).to_be_visible()
    page.route("**/api/v1/users/profile?**", lambda route: route.fulfill(status=400, json={"detail": "no"}))
    page.clock.fast_forward("05:01")
    page.evaluate("dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_role("alert")).to_contain_text("The user could not be refreshed: no")
    expect(page.get_by_role("region", name="Figures")).to_be_visible()


@pytest.mark.usefixtures("talk")
@pytest.mark.parametrize(
    ("view", "api", "told"),
    [
        ("apps", "apps/overview", "The 1 with the most traces; there are more."),
        ("prompts", "prompts", "The 2 versions used last; older ones are left out."),
        (f"prompts/versions?id={quote('parcel answer')}", "prompts", "The 2 versions used last"),
    ],
)
def test_a_list_that_was_cut_says_so(
    view: str, api: str, told: str, server: Server, still_page: Page
) -> None:
    page = still_page
    page.route(f"**/api/v1/{api}?*", lambda route: route.fulfill(json={**route.fetch().json(), "more": True}))
    page.goto(f"{server.url}/{view}")
    expect(page.get_by_role("status").filter(has_text=told)).to_be_visible()


@pytest.mark.usefixtures("talk")
@pytest.mark.parametrize("path", ["traces", "sessions", "users", "sessions/conversation"])
def test_a_next_page_that_fails_is_not_asked_for_over_and_over(
    path: str, server: Server, browser_page_without_checks: Page
) -> None:
    page = browser_page_without_checks
    asked: list[str] = []

    def answer(route: Route) -> None:
        if "cursor=" in route.request.url:
            asked.append(route.request.url)
            route.fulfill(status=400, json={"detail": "not now"})
        else:
            response = route.fetch()
            route.fulfill(response=response, json={**response.json(), "next_cursor": "next"})

    page.route(f"**/api/v1/{path}?**", answer)
    page.goto(f"{server.url}/{path}?{urlencode({'q': f'app:{APP}', 'id': SESSION})}")
    expect(page.get_by_role("alert")).to_contain_text("No more could be loaded: not now")
    page.wait_for_timeout(500)
    assert len(asked) == 1
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("alert")).to_contain_text("No more could be loaded: not now")
    page.wait_for_timeout(500)
    assert len(asked) == 2


def test_versions_of_a_prompt_stand_side_by_side_with_their_scores(
    server: Server, talk: list[str], page: Page
) -> None:
    given = [("answers the question", 0.947), ("friendly to the customer", 0.125)]
    scores = [
        {"trace_id": talk[-1], "name": name, "value": value, "source": "model"} for name, value in given
    ]
    assert httpx.post(f"{server.url}/api/v1/scores", json=scores, timeout=60).status_code == 200
    page.goto(f"{server.url}/prompts?q=app:{APP}")
    listed = page.get_by_role("region", name="Prompts").get_by_role("row").filter(has_text="parcel answer")
    expect(listed.locator("[data-cell=version]")).to_have_text("2 and 1 other")
    expect(listed.locator("[data-cell=calls]")).to_have_text("33")
    expect(listed.locator("[data-cell=errors]")).to_have_text("1 · 3.0%")
    # There is no room for both names, and a figure that is cut would be another one.
    expect(listed.locator("[data-cell=scores]")).to_contain_text("0.125")
    is_whole = """(cell) => [...cell.querySelectorAll("b")].map((figure) =>
        figure.getBoundingClientRect().right <= cell.getBoundingClientRect().right)"""
    assert listed.locator("[data-cell=scores]").evaluate(is_whole) == [True, True]
    page.get_by_role("link", name="parcel answer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Prompt parcel answer")
    expect(page).to_have_url(re.compile(r"[?&]since=24h"))
    versions = page.get_by_role("region", name="Versions").get_by_role("row")
    expect(versions).to_have_count(3)
    first = versions.filter(has=page.get_by_role("rowheader", name="1", exact=True))
    expect(first).to_contain_text("depth 0.25")
    expect(first).to_contain_text("helpful 1")
    expect(versions.nth(1)).to_contain_text("1 · 3.1%")
    page.set_viewport_size({"width": 1180, "height": 800})
    is_whole = "(node) => node.scrollWidth <= node.clientWidth"
    assert page.get_by_role("region", name="Versions").evaluate(is_whole)
    first.get_by_role("link", name="1", exact=True).click()
    expect(
        page.get_by_role("region", name="Traces").get_by_role("row").filter(has_text="answer")
    ).to_have_count(1)


def _call_of(trace: str, version: str) -> GivenSpan:
    named = {"gen_ai.prompt.name": "narrowed", "gen_ai.operation.name": "chat"}
    return {
        "trace": trace * 16,
        "id": trace * 8,
        "name": "chat",
        "attributes": named | ({"gen_ai.prompt.version": version} if version else {}),
    }


def test_a_query_goes_along_to_what_is_behind_a_figure(server: Server, page: Page) -> None:
    post_spans(server, "narrow one", [_call_of("7a", "1"), _call_of("7b", "")])
    post_spans(server, "narrow two", [_call_of("7c", "1"), _call_of("7d", "")])
    until(lambda: len(server.get("/api/v1/traces", q='app:"narrow one","narrow two"').json()["traces"]) == 4)
    query = 'app:"narrow one"'
    page.goto(f"{server.url}/prompts?q={quote(query)}")
    page.get_by_role("link", name="narrowed").click()
    versions = page.get_by_role("region", name="Versions").get_by_role("row")
    unversioned = versions.filter(has=page.get_by_role("rowheader", name="(no version)"))
    expect(unversioned.get_by_role("cell").first).to_have_text("1")
    unversioned.get_by_role("link").click()
    rows = page.get_by_role("region", name="Traces").get_by_role("row")
    expect(rows).to_have_count(2)  # the heading is one
    page.go_back()
    page.get_by_role("button", name='Not only app:"narrow one"').click()
    expect(unversioned.get_by_role("cell").first).to_have_text("2")

    page.goto(f"{server.url}/apps?q={quote(f'{query} prompt_version:1')}")
    app = page.get_by_role("region", name="Apps").get_by_role("row").filter(has_text="narrow one")
    expect(app.locator("[data-cell=traces]")).to_contain_text("1")
    app.get_by_role("link", name="narrow one").click()
    expect(rows).to_have_count(2)


def test_facts_of_a_call_lead_to_others_that_share_them(server: Server, talk: list[str], page: Page) -> None:
    page.goto(f"{server.url}/t/{talk[0]}?tab=details")
    facts = page.get_by_role("complementary", name="Span")
    facts.get_by_role("link", name="parcel answer · 1").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Prompt parcel answer")
    page.go_back()
    facts.get_by_role("region", name="Model call").get_by_role("link", name="openai").click()
    expect(page).to_have_url(re.compile(r"/traces\?since=7d&q=provider(:|%3A)openai$"))
    page.go_back()
    page.locator("main > header").get_by_role("link", name=APP).click()
    expect(page).to_have_url(re.compile(rf"/traces\?since=7d&q=app(:|%3A){APP}$"))


HEBREW = "שירות הזמנות מרכזי של חנות הספרים הגדולה בעולם כולל משלוחים והחזרות"


def test_a_name_written_from_right_to_left_is_cut_at_its_end(server: Server, page: Page) -> None:
    post_spans(server, HEBREW, [_call_of("7e", "1")])
    query = f'app:"{HEBREW}"'
    until(lambda: server.get("/api/v1/traces", q=query).json()["traces"])
    page.set_viewport_size({"width": 1024, "height": 768})
    for path in ("apps", "traces"):
        page.goto(f"{server.url}/{path}?q={quote(query)}")
        name = page.get_by_role("row").locator("[data-cell=app]").get_by_text(HEBREW)
        shows_first_letter = name.evaluate(
            """(node) => {
                const letter = document.createRange();
                letter.setStart(node.firstChild, 0);
                letter.setEnd(node.firstChild, 1);
                const { left, right } = node.closest('[role=cell]').getBoundingClientRect();
                const place = letter.getBoundingClientRect();
                return place.left >= left && place.right <= right;
            }"""
        )
        assert shows_first_letter, path


@pytest.mark.usefixtures("talk")
@pytest.mark.parametrize(
    ("path", "region"),
    [("traces", "Traces"), ("apps", "Apps"), ("prompts", "Prompts"), ("failures", "Failure clusters")],
)
def test_a_list_fits_a_small_laptop(path: str, region: str, server: Server, still_page: Page) -> None:
    until(lambda: server.get("/api/v1/failures").json()["clusters"])
    still_page.set_viewport_size({"width": 1024, "height": 768})
    still_page.goto(f"{server.url}/{path}")
    table = still_page.get_by_role("region", name=region, exact=True)
    expect(table.get_by_role("row").nth(1)).to_be_visible()
    assert table.evaluate("(node) => node.scrollWidth <= node.clientWidth")


def test_a_long_name_leaves_room_for_the_rest(server: Server, page: Page) -> None:
    name = "n" * 1000
    prompt = {"gen_ai.prompt.name": name, "gen_ai.prompt.version": name, "gen_ai.operation.name": "chat"}
    post_spans(
        server, "long names", [{"trace": "9d" * 16, "id": "9d" * 8, "name": "chat", "attributes": prompt}]
    )
    until(lambda: server.get("/api/v1/prompts", q='app:"long names"').json()["prompts"])
    page.goto(f"{server.url}/prompts/versions?id={name}")
    expect(page.get_by_role("columnheader", name="Calls")).to_be_in_viewport()
    title = page.get_by_role("heading", level=1)
    assert title.evaluate("(heading) => heading.scrollWidth <= heading.clientWidth")
    assert title.evaluate("(heading) => heading.clientHeight") < 100


@pytest.mark.usefixtures("talk")
def test_the_overview_says_how_each_app_does_and_leads_to_its_traces(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/apps?since=1h")
    row = page.get_by_role("row").filter(has_text=APP)
    expect(row.get_by_role("img", name="Healthy")).to_be_visible()
    expect(row).to_contain_text("1 · 3.0%")
    expect(row.get_by_role("img", name=re.compile("At most .* 1 failed"))).to_be_visible()
    row.get_by_role("link", name=APP).click()
    expect(page).to_have_url(re.compile(rf"/traces\?.*q=app(:|%3A){APP}"))


@pytest.mark.usefixtures("talk")
def test_the_keyboard_walks_through_sessions_and_opens_one(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/sessions?q=app:{APP}")
    rows = page.get_by_role("table").locator("[role=row][data-active]")
    rows.first.wait_for()
    for key in ("j", "j", "k"):
        page.keyboard.press(key)
    expect(rows.first).to_have_attribute("data-active", "true")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/sessions/conversation"))


def test_the_keyboard_finds_the_turn_that_failed_and_opens_it(server: Server, page: Page) -> None:
    asked = [
        Said(f"Question {n}?", "Yes. " * 40, error="no answer" if n in (2, 30) else "") for n in range(40)
    ]
    traces = _post(server, "long talk", "user walk", tuple(asked), app="walks")
    until(lambda: len(server.get("/api/v1/traces", q='session:"long talk"').json()["traces"]) == 40)
    page.goto(f"{server.url}/sessions/conversation?id=long talk")
    turn = page.get_by_role("article").filter(has=page.locator("a:focus"))
    page.get_by_text("Question 0?").wait_for()
    page.keyboard.press("j")
    expect(turn).to_contain_text("Question 0?")
    for key, question in (("e", 2), ("e", 30), ("E", 2), ("e", 30), ("k", 29), ("j", 30)):
        page.keyboard.press(key)
        expect(turn).to_contain_text(f"Question {question}?")
        expect(turn.get_by_role("link").first).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/t/{traces[30]}"))


@pytest.mark.usefixtures("talk")
def test_users_are_sorted_by_a_heading_and_the_address_keeps_the_order(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/users?q=app:{APP}")
    users = page.get_by_role("table").locator("[role=row][data-active]")
    expect(users.first).to_contain_text("user ")
    page.get_by_role("columnheader", name="Traces").get_by_role("button").click()
    expect(users.last).to_contain_text("ann/..")
    errors = page.get_by_role("columnheader", name="Failed").get_by_role("button")
    errors.press("Enter")
    expect(users.first).to_contain_text("ann/..")
    expect(errors).to_be_focused()
    page.reload()
    expect(page.get_by_role("columnheader", name="Failed")).to_have_attribute("aria-sort", "descending")
    expect(users.first).to_contain_text("ann/..")


@pytest.mark.usefixtures("talk")
@pytest.mark.parametrize("back", ["link", "browser"])
def test_who_comes_back_to_a_list_finds_it_as_it_was(server: Server, still_page: Page, back: str) -> None:
    page = still_page
    page.set_viewport_size({"width": 1400, "height": 400})
    page.goto(f"{server.url}/sessions?q=app%3A{APP}&sort=-cost")
    sessions = page.get_by_role("region", name="Sessions")
    sessions.get_by_role("link").first.wait_for()
    sessions.evaluate("(each) => each.scrollTo(0, 400)")
    sessions.get_by_role("link").nth(12).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Session ")
    if back == "link":
        page.get_by_role("main").get_by_role("link", name="Sessions").click()
    else:
        page.go_back()
    expect(page).to_have_url(f"{server.url}/sessions?q=app%3A{APP}&sort=-cost")
    sessions.get_by_role("link").first.wait_for()
    assert sessions.evaluate("(each) => each.scrollTop") == 400


@pytest.mark.usefixtures("talk")
def test_a_saved_view_is_there_for_others_is_replaced_and_is_deleted(
    server: Server, page: Page, browser: Browser
) -> None:
    page.goto(f"{server.url}/sessions?q=app:{APP}+status:error&since=7d")
    page.get_by_role("button", name="Saved views").click()
    page.get_by_label("Save this view as").fill("Angry customers")
    page.get_by_role("button", name="Save", exact=True).click()
    saved = page.get_by_role("button", name="Angry customers", exact=True)
    expect(saved).to_have_attribute("aria-current", "true")

    other = browser.new_context(viewport=VIEWPORT).new_page()
    other.goto(f"{server.url}/sessions")
    other.get_by_role("button", name="Saved views").click()
    other.get_by_role("button", name="Angry customers", exact=True).click()
    expect(other).to_have_url(re.compile(r"q=app(:|%3A)talks.*since=7d"))
    expect(other.get_by_role("button", name="Last 7 days")).to_be_visible()
    other.context.close()

    page.goto(f"{server.url}/sessions?q=app:{APP}")
    page.get_by_role("button", name="Saved views").click()
    expect(saved).not_to_have_attribute("aria-current", "true")
    page.get_by_label("Save this view as").fill("Angry customers")
    page.get_by_role("button", name="Replace").click()
    expect(saved).to_have_attribute("aria-current", "true")
    page.get_by_role("button", name="Rename the view Angry customers").click()
    expect(page.get_by_label("New name of Angry customers")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("All customers")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="All customers", exact=True)).to_be_focused()
    page.get_by_role("button", name="Delete the view All customers").click()
    expect(page.get_by_role("button", name="Keep")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="All customers", exact=True)).to_be_focused()
    page.get_by_role("button", name="Delete the view All customers").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("None yet.")).to_be_visible()
    expect(page.get_by_label("Save this view as")).to_be_focused()
    assert server.get("/api/v1/views", page="sessions").json() == {"views": []}


@pytest.mark.usefixtures("talk")
def test_a_view_that_somebody_else_saved_meanwhile_is_not_overwritten(
    server: Server, still_page: Page
) -> None:
    page = still_page
    page.goto(f"{server.url}/users?since=7d")
    page.get_by_role("button", name="Saved views").click()
    page.get_by_text("None yet.").wait_for()
    views = f"{server.url}/api/v1/views"
    body = {"name": "Weekly", "page": "users", "params": {"since": "30d"}}
    other = httpx.post(views, json=body).json()
    page.get_by_label("Save this view as").fill("Weekly")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("there is a view 'Weekly'")
    expect(page.get_by_role("button", name="Replace")).to_be_visible()
    httpx.put(f"{views}/{other['id']}", json={"name": "Weekly", "params": {"since": "14d"}})
    page.get_by_role("button", name="Rename the view Weekly").click()
    page.get_by_label("New name of Weekly").fill("Mine")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="changed or deleted meanwhile")).to_be_visible()
    (stored,) = server.get("/api/v1/views", page="users").json()["views"]
    assert (stored["name"], stored["params"]) == ("Weekly", {"since": "14d"})
    page.get_by_role("button", name="Replace").click()
    expect(page.get_by_role("button", name="Weekly", exact=True)).to_have_attribute("aria-current", "true")
    httpx.delete(f"{views}/{other['id']}")


VIEWS = {
    "apps": "/apps",
    "sessions": f"/sessions?q=app:{APP}",
    "nothing found": "/sessions?q=app:nobody",
    "query at fault": "/users?q=app:(",
    "conversation": f"/sessions/conversation?id={quote(SESSION)}",
    "unknown session": "/sessions/conversation?id=unknown",
    "users": "/users",
    "user": f"/users/profile?id={quote(USER)}",
    "prompts": "/prompts",
    "prompt": "/prompts/versions?id=parcel%20answer",
    "unknown prompt": "/prompts/versions?id=unknown",
}


@pytest.mark.usefixtures("talk")
@pytest.mark.parametrize("view", VIEWS)
def test_pages_about_who_used_the_apps_are_fit_for_axe_and_for_a_phone(
    view: str, server: Server, still_page: Page
) -> None:
    page = still_page
    page.goto(f"{server.url}{VIEWS[view]}")
    settle(page)
    assert violations(page) == []
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    for region in page.get_by_role("region").all():
        if region.get_attribute("aria-label") == "Versions":
            continue  # a wide table, in a region that scrolls
        assert region.evaluate("node => node.scrollWidth <= node.clientWidth"), region
    page.set_viewport_size(VIEWPORT)
    saved = page.get_by_role("button", name="Saved views")
    if saved.count():
        saved.click()
        page.get_by_label("Save this view as").wait_for()
        assert violations(page) == []
