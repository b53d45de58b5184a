"""Who passes the gate: hosts, origins, keys and the password, on an app that answers everything."""

from __future__ import annotations

import base64
from collections.abc import Mapping

import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from sightline_core.auth import Principal, Role, principal_of
from sightline_core.errors import BackendError, ConfigurationError, Unauthenticated
from sightline_core.ids import DEFAULT_PROJECT, ProjectId
from sightline_core.settings import Settings
from sightline_server.authentication import build_authenticate
from sightline_server.configuration import load_settings, misspelt, open_to_all, render_settings_page
from sightline_server.gate import Gate

KEY = "key-for-programs"
PASSWORD = "password-for-people"


def client(**settings: str) -> TestClient:
    async def answer(_request: Request) -> Response:
        return PlainTextResponse("inside")

    chosen = Settings.model_validate(settings)
    app = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])
    gate = Gate(app, settings=chosen, authenticate=build_authenticate(chosen))
    return TestClient(gate, base_url="http://127.0.0.1:4318")


def basic(user: str, password: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def test_wrong_passwords_are_told_of_once_and_never_shown(caplog: pytest.LogCaptureFixture) -> None:
    guarded = client(admin_password=PASSWORD)
    assert guarded.get("/").status_code == 401  # a browser that has not asked its user yet
    assert caplog.records == []
    for guess in ("wrong-guess", "another-guess"):
        assert guarded.get("/", headers=basic("admin", guess)).status_code == 401
    assert guarded.get("/", headers={"authorization": "Bearer wrong-guess"}).status_code == 401
    (told,) = caplog.records
    assert (told.levelname, vars(told)["times"]) == ("WARNING", 1)
    assert "guess" not in str(vars(told))


def test_a_key_that_cannot_be_looked_up_is_asked_for_again_later() -> None:
    def unknown(_headers: Mapping[str, str]) -> Principal:
        raise BackendError("keys are not known yet", retry_after_s=4.4)

    async def inside(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError

    gate = Gate(inside, settings=Settings(api_key=SecretStr(KEY)), authenticate=unknown)
    answer = TestClient(gate, base_url="http://127.0.0.1:4318").get("/")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "www-authenticate" not in answer.headers


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/api/v1/info%0a", "application/problem+json"), ("/healthz%0a", "text/plain; charset=utf-8")],
)
def test_an_address_with_a_line_break_is_none(path: str, kind: str) -> None:
    answer = client().get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, kind)


def test_counts_of_all_projects_are_for_readers_of_the_default_one() -> None:
    keys = {
        "tenant": principal_of(ProjectId("shop"), "ci", Role.ADMIN),
        "app": principal_of(DEFAULT_PROJECT, "app", Role.WRITE),
        "prometheus": principal_of(DEFAULT_PROJECT, "prometheus", Role.READ),
    }
    settings = Settings(api_key=SecretStr(KEY))

    async def inside(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("inside")(scope, receive, send)

    gate = Gate(inside, settings=settings, authenticate=build_authenticate(settings, keys.get))
    asked = TestClient(gate, base_url="http://127.0.0.1:4318")
    for key, status in ((KEY, 200), ("prometheus", 200), ("tenant", 403), ("app", 403), ("none", 401)):
        headers = {"authorization": f"Bearer {key}"}
        assert asked.get("/metrics", headers=headers).status_code == status
        assert asked.get("/traces", headers=headers).status_code == (401 if status == 401 else 200)


@pytest.mark.parametrize(
    "host", ["127.0.0.1:4318", "localhost", "LOCALHOST:80", "[::1]:4318", "app.localhost:1"]
)
def test_local_names_pass_without_a_secret(host: str) -> None:
    assert client().get("/", headers={"host": host}).text == "inside"


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:4318", "[", ""]
)
def test_name_of_a_stranger_is_refused_without_a_secret(host: str) -> None:
    assert client().get("/", headers={"host": host}).status_code == 403


def test_public_address_passes_without_a_secret() -> None:
    headers = {"host": "traces.example"}
    assert client(public_url="https://traces.example").get("/", headers=headers).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:9"])
def test_change_asked_for_by_another_sites_page_is_refused(origin: str) -> None:
    assert client().post("/api/v1/x", headers={"origin": origin}).status_code == 403


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/api/v1/traces/tail", {"origin": "http://evil.example"}),
        ("/api/v1/traces", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}),
        ("/metrics", {"sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors"}),
        ("/t/1", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}),
    ],
)
def test_another_sites_page_has_nothing_searched_and_holds_no_tail(
    path: str, headers: dict[str, str]
) -> None:
    assert client().get(path, headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("site", "mode"), [("cross-site", "navigate"), ("same-origin", "cors"), ("none", "navigate")]
)
def test_a_link_to_us_and_our_own_page_pass(site: str, mode: str) -> None:
    headers = {"sec-fetch-site": site, "sec-fetch-mode": mode, "sec-fetch-dest": "document"}
    for path in ("/t/1", "/api/v1/traces/1/download"):
        assert client().get(path, headers=headers).text == "inside"


@pytest.mark.parametrize(("header", "status"), [("host", 421), ("origin", 403)])
def test_the_api_refuses_with_a_problem_too(header: str, status: int) -> None:
    refused = client().post("/api/v1/x", headers={header: "http://evil.example"})
    assert (refused.status_code, refused.headers["content-type"]) == (status, "application/problem+json")
    assert "another site" in refused.json()["detail"]


def test_change_asked_for_by_our_own_page_passes() -> None:
    assert client().post("/api/v1/x", headers={"origin": "http://127.0.0.1:4318"}).status_code == 200


def test_page_asks_the_browser_for_the_password() -> None:
    page = client(admin_password=PASSWORD)
    refused = page.get("/")
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Basic ")
    assert page.get("/", headers=basic("admin", "wrong")).status_code == 401
    assert page.get("/", headers=basic("root", PASSWORD)).status_code == 401
    assert page.get("/", headers=basic("admin", PASSWORD)).text == "inside"
    assert page.get("/healthz").text == "inside"


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer wrong", "Basic !!", "Basic /w==", f"Token {KEY}", "Bearer é"]
)
def test_other_credentials_are_not_let_in(header: str) -> None:
    authenticate = build_authenticate(Settings.model_validate({"api_key": KEY, "admin_password": PASSWORD}))
    with pytest.raises(Unauthenticated):
        authenticate({"authorization": header})


def test_key_and_password_each_open_their_own_door() -> None:
    authenticate = build_authenticate(Settings.model_validate({"api_key": KEY, "admin_password": PASSWORD}))
    assert authenticate({"authorization": f"Bearer {KEY}"}).name == "api key"
    assert authenticate(basic("admin", PASSWORD)).name == "admin"
    for wrong in ({"authorization": f"Bearer {PASSWORD}"}, basic("admin", KEY)):
        with pytest.raises(Unauthenticated):
            authenticate(wrong)


def test_a_key_with_other_letters_opens_as_a_terminal_sends_it() -> None:
    gate = client(api_key="schlüssel-€")
    assert gate.get("/", headers={b"authorization": "Bearer schlüssel-€".encode()}).text == "inside"
    assert gate.get("/", headers={b"authorization": "Bearer schlussel-€".encode()}).status_code == 401


def test_key_is_the_browsers_password_when_there_is_no_other() -> None:
    assert client(api_key=KEY).get("/", headers=basic("admin", KEY)).text == "inside"


def test_secrets_do_not_show_in_settings_or_messages() -> None:
    assert KEY not in repr(Settings.model_validate({"api_key": KEY}))
    with pytest.raises(ConfigurationError) as refused:
        load_settings({"api_key": "tiny", "port": 99999})
    assert "SIGHTLINE_API_KEY: give at least 8 characters" in str(refused.value)
    assert "SIGHTLINE_PORT" in str(refused.value)
    assert "tiny" not in str(refused.value)


@pytest.mark.parametrize("folder", ["~", "~nobody-of-this-machine/data"])
def test_a_home_that_is_unknown_is_one_line(monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    # As in a container whose user has no entry.
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("os.getuid", lambda: 987_654)
    with pytest.raises(ConfigurationError, match="SIGHTLINE_DATA_DIR: the home"):
        load_settings({"data_dir": folder})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("public_url", "traces.example"),
        ("public_url", "https://admin:secret@traces.example"),
        ("self_traces_url", "http://"),
        ("replay_base_url", "ftp://host/v1"),
        ("embeddings_url", "http://host:abc/v1"),
        ("titles_url", "http://a host/v1"),
        ("titles_key", "a secret\u00a0"),
        ("sample_rate", 1e-300),
        ("sample_quiet_s", float("inf")),
        ("sample_slow_s", float("inf")),
    ],
)
def test_a_setting_that_cannot_work_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(ConfigurationError, match=f"SIGHTLINE_{name.upper()}:? (must be|is shown)") as refused:
        load_settings({name: value})
    assert "secret" not in str(refused.value)


def test_addresses_below_the_public_one_have_one_slash() -> None:
    assert load_settings({"public_url": "https://traces.example/"}).public_url == "https://traces.example"


def test_a_server_that_a_proxy_shows_to_all_without_a_secret_says_so() -> None:
    (line,) = open_to_all(Settings(public_url="https://traces.example"))
    assert line.startswith("Whoever gets to https://traces.example may read and change everything")
    for told in (
        Settings(),
        *(Settings(public_url=f"http://{name}:4318") for name in ("localhost", "127.0.1.1")),
    ):
        assert open_to_all(told) == []
    assert open_to_all(Settings(public_url="https://traces.example", api_key=SecretStr(KEY))) == []


def test_a_misspelt_setting_is_named_and_variables_of_the_sdk_are_not() -> None:
    of_sdk = "ENDPOINT ENVIRONMENT CONTENT_LIMIT APP REDACT INCLUDE_USAGE DISABLED CAPTURE_CONTENT API_KEY"
    names = ["RETENTION_DAY", "PROT", "GRPC_PORT", *of_sdk.split()]
    assert misspelt(["PATH", *(f"SIGHTLINE_{name}" for name in names)]) == [
        "SIGHTLINE_PROT is no setting; did you mean SIGHTLINE_PORT?",
        "SIGHTLINE_RETENTION_DAY is no setting; did you mean SIGHTLINE_RETENTION_DAYS?",
    ]


def test_settings_page_is_up_to_date(pytestconfig: pytest.Config) -> None:
    page = pytestconfig.rootpath / "docs" / "settings.md"
    assert page.read_text() == render_settings_page()
