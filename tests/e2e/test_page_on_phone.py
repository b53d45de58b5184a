"""Every page in the hands of somebody with a phone."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Page, expect
from tests.e2e.conftest import Server, trace_of
from tests.e2e.otlp_traces import GivenTrace, count, post_traces
from tests.e2e.phone import too_wide
from tests.e2e.polling import until
from tests.e2e.settled import settle

PAGES = (
    "/traces",
    "/traces?by=model",
    "/apps",
    "/sessions",
    "/sessions?q=app:nobody",
    "/sessions/conversation?id=s-1",
    "/users",
    "/users/profile?id=u-7",
    "/prompts?since=1h&q=",
    "/failures",
    "/failures?app=nobody",
    "/costs",
    "/costs?tab=savings",
    "/costs?tab=what-if&candidates=openai/gpt-4o",
    "/costs?tab=budgets",
    "/costs?tab=teams",
    "/costs?tab=reconciliation",
    "/alerts",
    "/alerts?tab=rules",
    "/alerts?tab=channels",
    "/sql",
    "/settings",
    "/settings?tab=keys",
    "/compare",
)


@pytest.mark.usefixtures("one_line_calls")
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_not_scrolled_sideways(path: str, server: Server, phone: Page) -> None:
    until(lambda: trace_of(server, "one-line", spans=5))
    phone.goto(f"{server.url}{path}")
    settle(phone)
    assert too_wide(phone) == []
    tabs = phone.get_by_role("tab", selected=True)
    for number in range(tabs.count()):
        expect(tabs.nth(number)).to_be_in_viewport(ratio=0.99)


def test_a_long_name_of_an_app_is_broken_in_the_legend_of_costs(server: Server, phone: Page) -> None:
    app = "shop-" + "x" * 60
    post_traces(server, app, [GivenTrace("dear", model="gpt-4o")])
    until(lambda: app in server.get("/api/v1/costs", since="24h", by="app").text)
    phone.goto(f"{server.url}/costs")
    figure = phone.get_by_role("figure", name="Cost by")
    expect(figure.get_by_role("listitem").filter(has_text=app)).to_be_visible()
    assert too_wide(phone) == []

    bars = figure.get_by_role("img")
    bars.scroll_into_view_if_needed()
    box = bars.bounding_box()
    assert box
    phone.touchscreen.tap(box["x"] + 0.98 * box["width"], box["y"] + box["height"] / 2)
    expect(figure).not_to_contain_text("Point at a bar, or tap it")


def test_a_bar_of_the_histogram_that_is_tapped_is_told_until_it_is_tapped_again(
    server: Server, phone: Page
) -> None:
    app = "tapped"
    post_traces(server, app, [GivenTrace(f"trace {n}") for n in range(3)])
    until(lambda: count(server, f"app:{app}") == 3 or None)
    phone.goto(f"{server.url}/traces?q=app:{app}&since=15m")
    histogram = phone.get_by_role("region", name="Traces over time", exact=True)
    expect(histogram).to_contain_text("3 traces")
    box = histogram.get_by_role("img").bounding_box()
    assert box
    for told in ("0 traces", "3 traces"):
        phone.touchscreen.tap(box["x"] + 0.1 * box["width"], box["y"] + box["height"] / 2)
        expect(histogram).to_contain_text(told)


def test_the_way_back_from_a_span_leads_to_its_trace(server: Server, phone: Page) -> None:
    trace = GivenTrace("root")
    post_traces(server, "way back", [trace])
    until(lambda: trace_of(server, "way back", spans=2))
    address = f"{server.url}/t/{trace.trace_id}"
    phone.goto(f"{server.url}/traces")
    phone.goto(address)
    tree = phone.get_by_role("tree", name="Spans")
    span = phone.get_by_role("complementary", name="Span")
    tree.get_by_text("chat gpt-4o-mini").tap()
    span.get_by_role("tab", name="Details").tap()
    phone.go_back()
    expect(span).to_have_count(0)
    expect(phone).to_have_url(address)
    phone.go_forward()
    expect(span.get_by_role("tab", name="Details", selected=True)).to_be_visible()
    span.get_by_role("button", name="Close").tap()
    expect(span).to_have_count(0)
    phone.go_back()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Traces")


@pytest.mark.parametrize(("width", "height"), [(844, 390), (720, 450)])
def test_a_low_window_is_not_scrolled_as_a_whole(
    server: Server, still_page: Page, width: int, height: int
) -> None:
    """A phone that lies on its side, and a laptop at 200 %."""
    still_page.set_viewport_size({"width": width, "height": height})
    still_page.goto(f"{server.url}/traces")
    last = still_page.get_by_role("button", name="Theme")
    expect(last).to_be_attached()
    assert still_page.evaluate("document.documentElement.scrollHeight") == height
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport(ratio=1)
    expect(still_page.get_by_role("heading", name="Traces")).to_be_in_viewport()


def test_filters_of_failures_stand_two_by_two(server: Server, phone: Page) -> None:
    phone.goto(f"{server.url}/failures")
    state = phone.get_by_role("combobox", name="State").bounding_box()
    category = phone.get_by_role("combobox", name="Category").bounding_box()
    assert state is not None
    assert category is not None
    assert (state["y"], state["width"]) == (category["y"], category["width"])
    expect(phone.get_by_role("combobox", name="Category")).to_be_in_viewport(ratio=1)


def test_an_empty_list_says_what_an_app_has_to_say(server: Server, phone: Page) -> None:
    phone.route("**/api/v1/prompts?*", lambda route: route.fulfill(json={"prompts": [], "next_cursor": None}))
    phone.goto(f"{server.url}/prompts")
    code = phone.get_by_label("code for an app", exact=True)
    expect(code).to_have_text('with sightline.context(prompt={"name": "greeting", "version": "2"}):\n    …')
    compile(code.inner_text().replace("…", "..."), "pasted", "exec")
    assert too_wide(phone) == []
    phone.get_by_role("button", name="Look at all time").tap()
    expect(phone.get_by_role("button", name="Look at all time")).to_have_count(0)


def test_a_long_name_of_a_group_leaves_room_for_its_figures(server: Server, phone: Page, page: Page) -> None:
    name = "ft:gpt-4o-mini:an-organisation-with-a-long-name:" + "support-" * 12
    post_traces(server, "long groups", [GivenTrace("grouped", model=name)])
    until(lambda: trace_of(server, "long groups", spans=2))
    address = f'{server.url}/traces?q=app:"long groups"&by=model'
    phone.goto(address)
    figures = phone.get_by_role("row").filter(has_text="support-").get_by_role("cell")
    expect(figures.first).to_be_in_viewport(ratio=1)
    page.goto(address)
    group = page.get_by_role("region", name="Groups").get_by_role("button", name=name)
    assert group.evaluate("each => getComputedStyle(each).textOverflow") == "ellipsis"
    assert group.evaluate(
        "each => each.getBoundingClientRect().right < each.closest('th').getBoundingClientRect().right"
    )


@pytest.mark.usefixtures("one_line_calls")
def test_what_a_row_of_costs_is_about_stays_beside_its_figures(server: Server, phone: Page) -> None:
    phone.goto(f"{server.url}/costs")
    table = phone.get_by_role("table", name="Costs by group")
    table.evaluate("table => table.parentElement.scrollTo(900, 0)")
    for cell in (table.get_by_role("rowheader").first, table.get_by_role("link", name="traces of").first):
        cell.scroll_into_view_if_needed()
        expect(cell).to_be_in_viewport(ratio=0.9)
    name = table.get_by_role("rowheader").first.bounding_box()
    assert name is not None
    assert name["x"] >= 0


@pytest.mark.usefixtures("one_line_calls")
def test_costs_say_in_which_zone_their_days_are(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/costs?unit=day&since=7d")
    expect(page.get_by_role("region", name="Over time")).to_contain_text("By day, in UTC.")
    expect(page.get_by_role("region", name="This month, expected")).to_contain_text("the month in UTC")
    page.get_by_role("button", name="Last 7 days").click()
    # The popup takes the focus when it opens; what is typed before that would be undone.
    expect(page.get_by_role("button", name="Last 15 minutes")).to_be_focused()
    zone = page.get_by_role("combobox", name="Time zone")
    zone.fill("Tokyo")
    expect(page.get_by_role("option")).to_have_text(["Asia/Tokyo"])
    zone.press("ArrowDown")
    zone.press("Enter")
    expect(zone).to_have_value("Asia/Tokyo")
    page.keyboard.press("Escape")
    expect(page.get_by_role("region", name="Over time")).to_contain_text("By day, in Asia/Tokyo.")
    page.get_by_role("tab", name="Teams").click()
    expect(page.get_by_role("region", name="Statements")).to_contain_text("Calendar months in Asia/Tokyo.")
    address = (
        page.get_by_role("region", name="Statements").get_by_role("link", name="CSV").get_attribute("href")
    )
    assert httpx.get(address or "").status_code == 200
    assert "zone=Asia%2FTokyo" in (address or "")
