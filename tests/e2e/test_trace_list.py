"""Narrowing, sorting, grouping and sharing the trace list, in a real browser."""

from __future__ import annotations

import re
import threading
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect
from tests.e2e.conftest import Server
from tests.e2e.otlp_traces import GivenTrace, count, post_traces
from tests.e2e.polling import until

APP = "list shop"
HOUR_S = 3600.0
TRACES = [
    GivenTrace("slow and cheap", age_s=3 * HOUR_S, duration_ms=9000, tokens=10),
    GivenTrace("quick and dear", age_s=2 * HOUR_S, duration_ms=20, tokens=9_000_000, model="gpt-4o"),
    GivenTrace("broken", age_s=1 * HOUR_S, error="no such order", attributes={"user.id": 'ann "the boss"'}),
    *(GivenTrace(f"usual {n}", age_s=10 + n) for n in range(20)),
]


@pytest.fixture(scope="module")
def listed(server: Server) -> Server:
    """A server with the traces above."""
    post_traces(server, APP, TRACES)
    until(lambda: count(server, f'app:"{APP}"') == len(TRACES) or None)
    return server


def open_list(page: Page, server: Server, query: str = f'app:"{APP}"', **search: str) -> None:
    page.goto(f"{server.url}/traces?{urlencode({'q': query, **search})}")
    expect(rows(page).first.or_(page.get_by_text("No traces here"))).to_be_visible()


def rows(page: Page) -> Locator:
    """The rows of traces, without the head."""
    region = page.get_by_role("region", name="Traces", exact=True)
    return region.get_by_role("row").filter(has=page.get_by_role("link"))


def query_bar(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Query")


def facets(page: Page, group: str) -> Locator:
    return page.get_by_role("complementary", name="Filters").get_by_role("region", name=group, exact=True)


def run_query(page: Page, query: str) -> None:
    query_bar(page).click()
    page.keyboard.press("Control+a")
    page.keyboard.type(query)
    page.keyboard.press("Enter")


def query_of(page: Page) -> str:
    return parse_qs(urlsplit(page.url).query).get("q", [""])[0]


def test_a_query_is_completed_run_and_kept_in_the_address(listed: Server, page: Page) -> None:
    open_list(page, listed)
    expect(page.locator("[contenteditable=true][aria-label=Query]")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.press("End")
    page.keyboard.type(" mod")
    expect(page.get_by_role("option").first).to_contain_text("model:")
    page.keyboard.press("Tab")
    option = page.get_by_role("option", name=re.compile(r"^gpt-4o \d+ traces?$"))
    page.keyboard.type("gpt-4o")
    option.wait_for()

    def is_reached() -> bool:
        page.keyboard.press("ArrowDown")
        return option.get_attribute("aria-selected") == "true"

    until(is_reached)  # how many options there are on the way changes while they arrive
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("quick and dear")
    assert query_of(page) == f'app:"{APP}" model:gpt-4o'
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(query_bar(page)).not_to_be_focused()
    page.go_back()
    expect(query_bar(page)).to_have_text(f'app:"{APP}"')


@pytest.mark.parametrize("typed", ["", "gpt-4o"])
def test_tab_takes_an_option_that_is_still_on_its_way(listed: Server, page: Page, typed: str) -> None:
    # The bar waits for options for two seconds, in which a busy machine may not even have typed.
    page.add_init_script("""const later = setTimeout;
        window.setTimeout = (then, ms, ...given) => later(then, ms < 2_000 ? ms : 60_000, ...given)""")
    open_list(page, listed)
    expect(page.locator("[contenteditable=true][aria-label=Query]")).to_be_visible()
    held: list[Route] = []
    released = threading.Event()
    page.route(
        "**/query/completion?*", lambda route: route.continue_() if released.is_set() else held.append(route)
    )
    page.keyboard.press("/")
    page.keyboard.press("End")
    page.keyboard.type(" mod")
    page.keyboard.press("Tab")
    page.keyboard.type(typed)
    released.set()
    for route in held.copy():
        route.continue_()
    expect(query_bar(page)).to_have_text(f'app:"{APP}" model:{typed}')
    expect(query_bar(page)).to_be_focused()


def test_tab_leaves_an_empty_bar_as_it_is(listed: Server, page: Page) -> None:
    page.goto(f"{listed.url}/traces")
    expect(page.locator("[contenteditable=true][aria-label=Query]")).to_be_visible()
    page.keyboard.press("/")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("Tab")
    expect(query_bar(page)).not_to_be_focused()
    expect(page.get_by_role("option")).to_have_count(0)
    expect(query_bar(page).locator(".cm-placeholder")).to_be_visible()


def test_what_is_typed_before_the_editor_has_come_is_kept(listed: Server, page: Page) -> None:
    held: list[Route] = []
    page.route("**/QueryEditor-*.js", lambda route: held.append(route))
    with page.expect_request("**/QueryEditor-*.js"):
        open_list(page, listed)
    plain = page.locator("input[aria-label=Query]")
    plain.click()
    page.keyboard.press("End")
    page.keyboard.type(" name:brok")
    held[-1].continue_()
    expect(plain).to_have_count(0)
    expect(query_bar(page)).to_be_focused()
    page.keyboard.type("en")
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_count(1)
    assert query_of(page) == f'app:"{APP}" name:broken'


def test_a_query_that_cannot_be_read_is_marked_where_it_goes_wrong(
    listed: Server, browser_page_without_checks: Page
) -> None:
    page = browser_page_without_checks
    open_list(page, listed)
    run_query(page, "app:shop latency>soon")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("'soon' is no value of latency; expected a duration")
    expect(alert).to_contain_text("at character 18")
    expect(page.locator("[class*=fault]").filter(has_text=re.compile("^soon$"))).to_be_visible()
    page.get_by_role("button", name="Clear the query").last.click()
    expect(rows(page).first).to_be_visible()
    assert query_of(page) == ""


def test_an_id_that_is_pasted_leads_to_its_trace(listed: Server, page: Page) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    open_list(page, listed, trace.upper())
    found = page.get_by_role("link", name="Open the trace with this id")
    expect(found).to_have_attribute("href", f"/t/{trace}")


def test_a_refresh_that_fails_says_so_above_the_rows(
    listed: Server, browser_page_without_checks: Page
) -> None:
    page = browser_page_without_checks
    open_list(page, listed)
    problem = {"title": "Too many requests", "detail": "ask again in a minute"}
    page.route("**/api/v1/traces?*", lambda route: route.fulfill(status=429, json=problem))
    page.get_by_role("button", name="Refresh").click()
    alert = page.get_by_role("alert").filter(has_text="The list could not be refreshed")
    expect(alert).to_contain_text("ask again in a minute")
    expect(rows(page).first).to_be_visible()
    page.unroute("**/api/v1/traces?*")
    alert.get_by_role("button", name="Try again").click()
    expect(alert).to_have_count(0)
    expect(rows(page).first).to_be_visible()


def test_facets_add_to_the_query_and_take_out_of_it(listed: Server, page: Page) -> None:
    open_list(page, listed)
    models = facets(page, "Model")
    models.get_by_role("button", name=re.compile("^gpt-4o 1$")).click()
    expect(rows(page)).to_have_count(1)
    assert query_of(page) == f'app:"{APP}" model:gpt-4o'
    expect(models.get_by_role("button", pressed=True)).to_contain_text("gpt-4o")
    models.get_by_role("button", pressed=True).click()
    expect(models.get_by_role("button", name="gpt-4o-mini").first).to_contain_text("22")
    assert query_of(page) == f'app:"{APP}"'

    models.get_by_role("button", name="gpt-4o-mini").first.click(modifiers=["Alt"])
    expect(rows(page)).to_have_count(1)
    assert query_of(page) == f'app:"{APP}" -model:gpt-4o-mini'
    models.get_by_role("button", name="Exclude gpt-4o-mini").click()

    users = facets(page, "User")
    users.get_by_role("button", name="User", exact=True).click()
    users.get_by_role("button", name=re.compile("^ann")).click()
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("broken")
    assert query_of(page) == f'app:"{APP}" user:"ann \\"the boss\\""'
    page.reload()
    expect(users.get_by_role("button", pressed=True)).to_contain_text("ann")


def test_dragging_over_the_histogram_narrows_the_time_range(listed: Server, page: Page) -> None:
    open_list(page, listed, since="6h")
    histogram = page.get_by_role("region", name="Traces over time", exact=True)
    expect(histogram).to_contain_text(f"{len(TRACES)} traces")
    expect(histogram).to_contain_text("1 failed")
    box = histogram.get_by_role("img").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + 20, steps=4)
    page.mouse.up()
    expect(rows(page)).to_have_count(2)
    search = parse_qs(urlsplit(page.url).query)
    assert "since" not in search
    assert search["start"] < search["end"]

    histogram.get_by_role("button", name="Show as table").click()
    table = histogram.get_by_role("table")
    expect(table.get_by_role("row")).to_have_count(3)
    table.get_by_role("button").first.click()
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("slow and cheap")
    histogram.get_by_role("button", name="Zoom out").click()
    page.go_back()
    page.go_back()
    expect(rows(page)).to_have_count(2)


def test_column_heads_sort_and_chosen_columns_are_remembered(listed: Server, page: Page) -> None:
    open_list(page, listed)
    heads = page.get_by_role("columnheader")
    heads.get_by_role("button", name="Cost").click()
    expect(rows(page).first).to_contain_text("quick and dear")
    expect(heads.filter(has_text="Cost")).to_have_attribute("aria-sort", "descending")
    heads.get_by_role("button", name="Duration").click()
    expect(rows(page).first).to_contain_text("slow and cheap")
    heads.get_by_role("button", name="Duration").click()
    expect(rows(page).first).to_contain_text("quick and dear")
    assert "sort=duration" in page.url

    page.get_by_role("button", name="Columns").click()
    page.get_by_role("checkbox", name="Environment").check()
    page.get_by_role("checkbox", name="Cost").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    expect(heads.filter(has_text="Environment")).to_be_visible()
    expect(heads.filter(has_text="Cost")).to_have_count(0)
    expect(rows(page).first).to_contain_text("test")


def test_groups_are_drilled_into(listed: Server, page: Page) -> None:
    open_list(page, listed)
    page.get_by_text("Groups", exact=True).click()
    groups = page.get_by_role("region", name="Groups").get_by_role("row")
    expect(groups.filter(has_text="gpt-4o-mini")).to_contain_text("22")
    page.get_by_label("Group by").first.click()
    page.get_by_role("option", name="User").click()
    expect(groups.filter(has_text="(none)")).to_contain_text("22")
    groups.get_by_role("button", name=re.compile("^ann")).click()
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("broken")
    page.go_back()
    groups.get_by_role("button", name="(none)").click()
    expect(rows(page)).to_have_count(22)


def test_a_shared_link_restores_the_view_for_somebody_else(
    listed: Server, page: Page, browser: Browser
) -> None:
    query = f'app:"{APP}" (name:broken OR cost>0.5)'
    open_list(page, listed, query, sort="-cost", chart="latency", since="6h")
    expect(rows(page)).to_have_count(2)
    context = browser.new_context(timezone_id="Asia/Tokyo", color_scheme="dark")
    other = context.new_page()
    other.goto(page.url)
    expect(rows(other)).to_have_count(2)
    expect(rows(other).first).to_contain_text("quick and dear")
    expect(query_bar(other)).to_have_text(query)
    expect(other.get_by_role("radio", name="Latency")).to_be_checked()
    expect(other.get_by_role("button", name="Last 6 hours")).to_be_visible()
    context.close()


def test_a_link_from_before_there_were_queries_still_names_its_app(listed: Server, page: Page) -> None:
    page.goto(f"{listed.url}/traces?app=list%20shop&since=24h")
    expect(query_bar(page)).to_have_text(f'app:"{APP}"')
    expect(rows(page).first).to_be_visible()


def test_the_place_in_the_list_is_found_again_after_a_trace(listed: Server, page: Page) -> None:
    open_list(page, listed)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    name = rows(page).nth(1).get_by_role("link").inner_text()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    page.get_by_role("link", name="Back to the traces").click()
    expect(page.locator("[role=row][data-active=true]")).to_contain_text(name)
    assert query_of(page) == f'app:"{APP}"'
    page.keyboard.press("?")
    help_dialog = page.get_by_role("dialog")
    for words in ("Write a query", "Next trace", "Open the trace"):
        expect(help_dialog).to_contain_text(words)


def test_a_reload_keeps_the_place_in_a_list_of_several_pages(server: Server, page: Page) -> None:
    app = "long list"
    post_traces(server, app, [GivenTrace(f"trace {n}", age_s=10 + n) for n in range(420)])
    until(lambda: count(server, f'app:"{app}"') == 420 or None)
    open_list(page, server, f'app:"{app}"')
    page.get_by_role("button", name="Duration").click()
    region = page.get_by_role("region", name="Traces", exact=True)
    until(lambda: region.evaluate("each => (each.scrollTo(0, 14_000), each.scrollTop)") == 14_000)
    page.reload()
    expect(region).to_have_js_property("scrollTop", 14_000)
    page.keyboard.press("j")
    expect(rows(page).get_by_role("link").and_(page.locator(":focus"))).to_be_in_viewport()
    place = region.evaluate("each => each.scrollTop")
    assert abs(place - 14_000) < 100
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("trace ")
    page.reload()
    page.get_by_role("link", name="Back to the traces").click()
    expect(region).to_have_js_property("scrollTop", place)
    assert query_of(page) == f'app:"{app}"'


def test_enter_opens_the_row_and_does_not_press_the_filter_that_was_clicked(
    listed: Server, page: Page
) -> None:
    open_list(page, listed)
    facets(page, "Model").get_by_role("button", name=re.compile("^gpt-4o 1$")).click()
    expect(rows(page)).to_have_count(1)
    page.keyboard.press("j")
    expect(rows(page).get_by_role("link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("quick and dear")


def test_a_narrow_list_shows_what_went_wrong_and_has_its_filters_in_a_dialog(
    server: Server, page: Page
) -> None:
    post_traces(server, "narrow shop", [GivenTrace("broken", error="Connection refused")])
    until(lambda: count(server, 'app:"narrow shop" has:failure') or None)
    page.set_viewport_size({"width": 1024, "height": 768})
    open_list(page, server, 'app:"narrow shop"')
    expect(rows(page).first.get_by_text("connection", exact=True)).to_be_in_viewport()
    page.get_by_role("button", name="Show the filters").click()
    page.get_by_role("dialog", name="Filters").get_by_role("button", name="Environment").wait_for()


def test_the_list_fits_a_phone(listed: Server, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 780}, has_touch=True, is_mobile=True)
    page = context.new_page()
    open_list(page, listed)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_role("button", name="Show the filters").tap()
    dialog = page.get_by_role("dialog", name="Filters")
    dialog.get_by_role("button", name=re.compile("^gpt-4o 1$")).tap()
    page.get_by_role("button", name="Close").tap()
    expect(rows(page)).to_have_count(1)
    context.close()


def test_the_traces_found_are_downloaded(listed: Server, page: Page) -> None:
    open_list(page, listed, f'app:"{APP}" model:gpt-4o')
    page.get_by_role("button", name="Download the newest 1,000").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="CSV").click()
    lines = download.value.path().read_text(encoding="utf-8").splitlines()
    assert len(lines) == 3  # the head, and the two spans of the one trace
    assert "quick and dear" in lines[1] + lines[2]


def test_a_download_that_is_refused_leaves_the_page_where_it_is(
    listed: Server, browser_page_without_checks: Page
) -> None:
    page = browser_page_without_checks
    page.goto(f"{listed.url}/traces?q=app:(")
    expect(page.get_by_text("The query cannot be read")).to_be_visible()
    page.get_by_role("button", name="Download the newest 1,000").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="CSV").click()
    assert download.value.failure()
    expect(page.get_by_text("The query cannot be read")).to_be_visible()


def test_a_mistyped_address_shows_the_list_without_what_is_wrong(listed: Server, page: Page) -> None:
    open_list(page, listed, since="soon", start="May 5", chart="pie", sort="-luck")
    expect(rows(page)).to_have_count(len(TRACES))
    assert query_of(page) == f'app:"{APP}"'


def test_a_range_of_seconds_is_told_and_changed_to_the_second(listed: Server, page: Page) -> None:
    open_list(page, listed, start="2026-03-01T12:00:10Z", end="2026-03-01T12:00:40Z")
    page.get_by_role("button", name="12:00:10 – 01 Mar").click()
    expect(page.get_by_role("dialog", name="Time range")).to_be_visible()
    expect(page.get_by_label("From")).to_have_value("2026-03-01T12:00:10")
    page.get_by_label("To (empty: until now)").fill("2026-03-01T12:00:20")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**end=2026-03-01T12%3A00%3A20.000Z**")
    assert parse_qs(urlsplit(page.url).query)["start"] == ["2026-03-01T12:00:10.000Z"]
    page.get_by_role("button", name="12:00:10 – 01 Mar").click()
    zone = page.get_by_role("combobox", name="Time zone")
    for typed in ("new york", "New_York"):
        zone.click()
        zone.fill(typed)
        expect(page.get_by_role("option")).to_have_text(["America/New York"])
