"""Names and origins: exactly the server's own, on every answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketadash.core.errors import KetadashError
from ketadash.ui.server import hosts


@pytest.fixture
def named(monkeypatch):
    monkeypatch.setenv(hosts.HOSTS, "trial.example.org, *.clinic.example")


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:8501",
        "127.0.0.1:9000",
        "[::1]:8501",
        "LOCALHOST:1",
        "trial.example.org",
        "trial.example.org.",
        "a.clinic.example:443",
        "a.b.clinic.example",
    ],
)
def test_the_servers_own_names_are_answered(named, host):
    assert hosts.is_own_host(host)


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "evil.example",
        "localhost.evil.example",
        "clinic.example",
        ".clinic.example",
        "xclinic.example",
        "user@localhost",
        "localhost:port",
        "localhost:99999",
        "localhost/path",
        "localhost?x",
        "localhost evil",
        "127.0.0.1.evil.example",
        "x;y.clinic.example",
        "0.0.0.0:8501",
        "2130706433",
    ],
)
def test_every_other_name_is_refused(named, host):
    assert not hosts.is_own_host(host)


def test_without_the_setting_only_this_computer_is_named(monkeypatch):
    monkeypatch.delenv(hosts.HOSTS, raising=False)
    assert hosts.own_names() == hosts.LOCAL
    assert not hosts.is_own_host("trial.example.org")


@pytest.mark.parametrize(
    "entry", ["*", "https://trial.example.org", "trial.example.org:443", "a/b", "a b;c", "*.", "-x"]
)
def test_an_entry_that_is_no_host_name_is_said_and_not_guessed(monkeypatch, entry):
    monkeypatch.setenv(hosts.HOSTS, entry)
    with pytest.raises(KetadashError, match="KETADASH_HOSTS"):
        hosts.own_names()


@pytest.mark.parametrize(
    ("origin", "host", "scheme", "own"),
    [
        ("http://localhost:8501", "localhost:8501", "http", True),
        ("http://127.0.0.1:8501", "127.0.0.1:8501", "ws", True),
        ("http://[::1]:8501", "[::1]:8501", "ws", True),
        ("https://trial.example.org", "trial.example.org", "http", True),  # a proxy that does not say how it was asked
        ("https://trial.example.org", "trial.example.org:443", "https", True),
        ("http://trial.example.org", "trial.example.org", "https", False),
        ("http://localhost:9999", "localhost:8501", "http", False),  # what was accepted
        ("http://127.0.0.1:8501", "localhost:8501", "http", False),
        ("http://localhost", "localhost:8501", "http", False),
        ("https://evil.example", "localhost:8501", "http", False),
        ("https://localhost:8501.evil.example", "localhost:8501", "http", False),
        ("https://user@localhost:8501", "localhost:8501", "http", False),
        ("null", "localhost:8501", "http", False),
        ("", "localhost:8501", "http", False),
        ("file://", "localhost:8501", "http", False),
        ("http://localhost:8501/path", "localhost:8501", "http", False),
        ("chrome-extension://localhost:8501", "localhost:8501", "http", False),
    ],
)
def test_a_page_of_another_origin_is_a_stranger(origin, host, scheme, own):
    assert hosts.is_own_origin(origin, host, scheme) is own


@given(st.text(), st.sampled_from(["http", "https"]))
def test_whatever_is_said_is_judged_and_not_choked_on(text, scheme):
    assert not hosts.is_own_origin(text, "localhost:8501", scheme) or "localhost:8501" in text.lower()
    assert not hosts.is_own_host(text) or any(name in text.lower() for name in hosts.LOCAL)
