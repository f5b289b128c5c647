"""Who is let in: the rules, and the app with and without a sign-in.  A real one: browser/test_signing_in.py."""

import logging
import re
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest
import streamlit as st
from opened import opened
from streamlit import config
from streamlit.runtime.secrets import Secrets
from streamlit.testing.v1 import AppTest
from waiting import HANG_S

from ketadash.core.errors import KetadashError
from ketadash.trial import load_sample
from ketadash.ui.server import sign_in

ROOT = Path(__file__).parents[2]
AUTH = {
    "redirect_uri": "https://trial.example.org/oauth2callback",
    "cookie_secret": "0123456789abcdef" * 2,
    "client_id": "ketadash",
    "client_secret": "not-a-secret",
    "server_metadata_url": "https://login.example.org/.well-known/openid-configuration",
}
ANN = {"is_logged_in": True, "name": "Ann", "email": "ann@example.org", "email_verified": True}


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch):
    """No list, no secrets of whoever runs the tests, and Authlib taken to be there."""
    monkeypatch.delenv(sign_in.ALLOW, raising=False)
    monkeypatch.setattr(sign_in, "was_configured", Event())
    monkeypatch.setattr(sign_in, "find_spec", lambda name: name)
    monkeypatch.setattr(st, "secrets", Secrets())
    before = config.get_option("secrets.files")
    config.set_option("secrets.files", [])
    yield
    config.set_option("secrets.files", before)


# --- rules ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("email", ["ann@example.org", "Ann@Example.ORG", "bob@clinic.example"])
def test_who_is_on_the_list_is_let_in_however_it_is_written(email):
    allow = sign_in.allowed(" ANN@example.org, @Clinic.example ,")
    assert sign_in.refusal(ANN | {"email": email}, allow) is None


@pytest.mark.parametrize(
    "email",
    [
        "bob@example.org",  # the domain of an address is no entry
        "ann@example.org.evil.example",
        "bob@clinic.example.evil.example",
        "bob@sub.clinic.example",  # a domain is not its subdomains
        "bob@evilclinic.example",
        "ann@example.org@evil.example",
        "evil@evil.example@clinic.example",
        "bob@clinic.example ",
        "@clinic.example",  # an entry of the list, and nobody's address
        "clinic.example",
        "@",
        "",
        None,
        ["ann@example.org"],
        {"ann@example.org": 1},
        "\u212aay@clinic.example\u200b",
    ],
)
def test_who_is_not_on_the_list_is_refused(email):
    allow = sign_in.allowed("ann@example.org, @clinic.example")
    assert "trial" in sign_in.refusal(ANN | {"email": email}, allow)


def test_letters_of_other_scripts_are_not_taken_for_latin_ones():
    allow = sign_in.allowed("kim@example.org")
    assert sign_in.refusal(ANN | {"email": "KIM@example.org"}, allow) is None
    assert "not on the list" in sign_in.refusal(ANN | {"email": "\u212aim@example.org"}, allow)  # the Kelvin sign


@pytest.mark.parametrize("verified", [False, "false", "False", 0, "", "no", []])
@pytest.mark.parametrize("allow", [None, frozenset({"ann@example.org"})])
def test_an_address_that_is_not_verified_is_refused(verified, allow):
    assert "not verified" in sign_in.refusal(ANN | {"email_verified": verified}, allow)


@pytest.mark.parametrize("verified", [True, "true", "True", None])
def test_one_that_is_verified_or_of_which_nothing_is_said_is_not(verified):
    assert sign_in.refusal(ANN | {"email_verified": verified}, None) is None
    assert sign_in.refusal({"is_logged_in": True, "sub": "1"}, None) is None


@pytest.mark.parametrize("said", ["", "  ", ",", " , "])
def test_a_list_of_nobody_is_no_list_of_everybody(said):
    with pytest.raises(KetadashError, match="KETADASH_ALLOW is empty; name who may enter"):
        sign_in.allowed(said)


@pytest.mark.parametrize("entry", ["example.org", "ann@", "@", "ann@b@c", "an n@example.org", "*"])
def test_an_entry_that_could_match_nobody_is_said_without_quoting_it(entry):
    with pytest.raises(KetadashError, match="entry 2 of KETADASH_ALLOW") as caught:
        sign_in.allowed(f"ann@example.org,{entry}")
    assert "ann@" not in str(caught.value)


def test_no_list_lets_in_whomever_the_provider_does():
    assert sign_in.allowed(None) is None


def test_a_person_is_one_line_of_text():
    assert sign_in.who(ANN) == "Ann (ann@example.org)"
    assert sign_in.who({"name": "a\n\n# b\t\u202ec\x00"}) == "a # b c"
    assert len(sign_in.who({"name": "x" * 1000})) == 80
    assert sign_in.who({"name": ["Ann"], "email": 3, "sub": "7"}) == "7"
    assert sign_in.who({}) == "somebody without a name"


@pytest.mark.parametrize(
    ("url", "where"),
    [
        (None, None),
        ("https://trial.example.org/abstinent-days", None),
        ("http://trial.example.org/", "https://trial.example.org/"),
        ("https://trial.example.org:8443/", "https://trial.example.org/"),
        ("https://10.0.0.7/", "https://trial.example.org/"),
    ],
)
def test_sign_in_at_another_address_says_the_right_one(url, where):
    assert sign_in.elsewhere(AUTH["redirect_uri"], url) == where


# --- settings ------------------------------------------------------------------------------------------------------


def test_one_provider_or_several():
    own = {key: AUTH[key] for key in sign_in.OWN}
    shared = {key: AUTH[key] for key in sign_in.SHARED}
    assert sign_in.providers(AUTH) == (None,)
    assert sign_in.providers(AUTH | {"client_kwargs": {"prompt": "login"}}) == (None,)
    assert sign_in.providers(shared | {"clinic": own, "lab": own}) == ("clinic", "lab")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"redirect_uri": None}, "lacks auth.redirect_uri"),
        ({"cookie_secret": "", "client_id": ""}, "lacks auth.cookie_secret, auth.client_id;"),
        ({"lab": {"client_id": "x"}}, r"lacks auth.lab.client_secret, auth.lab.server_metadata_url"),
        ({"cookie_secret": "xxx"}, "cookie_secret in secrets.toml is too short; give 32"),
        ({"redirect_uri": "https://trial.example.org/"}, "redirect_uri .* followed by /oauth2callback"),
        ({"redirect_uri": "trial.example.org/oauth2callback"}, "redirect_uri .* followed by /oauth2callback"),
        ({"my_lab": {key: "x" for key in sign_in.OWN}}, "underscore"),
    ],
)
def test_what_is_wrong_with_the_settings_is_said(change, message):
    with pytest.raises(KetadashError, match=message):
        sign_in.providers(AUTH | change)


def test_an_empty_section_is_not_taken_for_none():
    with pytest.raises(KetadashError, match=r"lacks auth\.redirect_uri, auth\.cookie_secret, auth\.client_id"):
        sign_in.providers({})


@pytest.mark.parametrize("absent", ["authlib", "httpx"])
def test_without_authlib_the_remedy_is_said(monkeypatch, absent):
    monkeypatch.setattr(sign_in, "find_spec", lambda name: None if name == absent else name)
    with pytest.raises(KetadashError, match=r"pip install 'ketadash\[sso\]'"):
        sign_in.providers(AUTH)


@pytest.mark.parametrize("text", ["[auth", "[auth]\ncookie_secret = \n", "\xff"])
def test_secrets_that_cannot_be_read_do_not_open_the_gate(tmp_path, text):
    file = tmp_path / "secrets.toml"
    file.write_bytes(text.encode("latin-1"))
    config.set_option("secrets.files", [str(file)])
    with pytest.raises(KetadashError, match=r"secrets\.toml cannot be read"):
        sign_in.auth_section()


def test_secrets_without_a_sign_in_are_none_of_ours(tmp_path, monkeypatch):
    monkeypatch.setattr(Secrets, "_maybe_install_file_watchers", lambda self: None)
    (tmp_path / "secrets.toml").write_text("[database]\nuser = 'x'\n")
    config.set_option("secrets.files", [str(tmp_path / "secrets.toml")])
    assert sign_in.auth_section() is None


def test_a_section_that_vanishes_does_not_open_the_gate(monkeypatch):
    monkeypatch.setattr(st, "secrets", {"auth": AUTH})
    assert sign_in.auth_section() == AUTH
    monkeypatch.setattr(st, "secrets", {})
    with pytest.raises(KetadashError, match="is gone; put it back"):
        sign_in.auth_section()


# --- the app -------------------------------------------------------------------------------------------------------


def app(user: dict | None = None, **auth) -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=HANG_S)
    at.secrets["auth"] = AUTH | auth
    at.user = {"is_logged_in": False} if user is None else user
    return at.run()


def drawn(at: AppTest) -> list[str]:
    """Everything on screen, as it is sent to the browser, but for names that each run makes up."""
    sent = [f"{element.type} {element.proto}" for element in (*at.main, *at.sidebar) if hasattr(element, "proto")]
    made_up = r'deferred_file_id: "\w+"|"token\\?": ?\\?"[\w-]+\\?"'
    return [re.sub(made_up, "", text) for text in sent]


def nothing_of_the_trial(at: AppTest) -> None:
    trial = load_sample()
    shown = "\n".join(drawn(at))
    assert not at.exception and not at.sidebar.children
    assert not [word for word in (trial.title, *trial.arms, "abstinent") if word in shown]


def test_where_no_sign_in_is_set_up_nothing_changes(monkeypatch, caplog):
    caplog.set_level(logging.INFO)
    at = opened()
    assert not [record for record in caplog.records if "secret" in record.getMessage().lower()]
    assert not at.exception and "Sign" not in "".join(b.label for b in at.button)
    monkeypatch.setattr(sign_in, "gate", lambda: None)
    monkeypatch.setattr(sign_in, "foot", lambda user: None)
    assert drawn(at) == drawn(opened())


def test_what_signs_people_in_is_not_even_imported():
    code = "import sys, ketadash.ui.server.sign_in; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert not {name.split(".")[0] for name in run.stdout.split()} & {"authlib", "joserfc", "cryptography"}


def test_whoever_is_not_signed_in_sees_a_sentence_and_a_button():
    at = app()
    assert [m.value for m in at.markdown] == ["Sign in to see this trial."]
    assert [b.label for b in at.button] == ["Sign in"]
    nothing_of_the_trial(at)


@pytest.mark.parametrize("word", ["yes", 1, None, "True"])
def test_only_true_is_signed_in(word):
    nothing_of_the_trial(app(ANN | {"is_logged_in": word}))


def test_several_providers_have_a_button_each():
    at = app(lab={key: AUTH[key] for key in sign_in.OWN})
    assert [b.label for b in at.button] == ["Sign in with the default", "Sign in with lab"]


def test_whoever_is_signed_in_sees_the_trial_and_their_name():
    hostile = "[x](https://evil.example) **b** <b>"
    at = app(ANN | {"name": hostile})
    assert not at.exception and load_sample().title in "\n".join(drawn(at)).replace("\\", "")
    assert [t.value for t in at.sidebar.text] == [f"Signed in as {hostile} (ann@example.org)"]
    assert at.sidebar.button(key="ketadash_sign_out").label == "Sign out"
    assert hostile not in "".join(m.value for m in at.markdown)


def test_whoever_is_refused_reads_why_and_can_leave(monkeypatch):
    monkeypatch.setenv(sign_in.ALLOW, "bob@example.org")
    at = app(ANN)
    assert "Ann (ann@example.org), who is not on the list" in at.main.text[0].value
    assert [b.label for b in at.button] == ["Sign out"]
    nothing_of_the_trial(at)
    at.button[0].click().run()
    assert at.user == {"is_logged_in": False}
    assert [t.value for t in at.main.text] == [sign_in.LEAVES] and not at.button


def test_whoever_signs_out_is_sent_away_in_every_run_from_then_on(monkeypatch):
    """The message of one run is lost where another begins at once; the cookie would go on opening the trial."""
    sent = []
    at = app(ANN)
    monkeypatch.setattr(st, "logout", lambda: sent.append(True))
    at.sidebar.button(key="ketadash_sign_out").click().run()
    at.run()  # as a picture's message would have it
    assert len(sent) == 2
    assert [t.value for t in at.main.text] == [sign_in.LEAVES]
    nothing_of_the_trial(at)


def test_the_list_is_looked_up_at_every_run(monkeypatch):
    monkeypatch.setenv(sign_in.ALLOW, "@example.org")
    at = app(ANN)
    assert at.sidebar.text
    monkeypatch.setenv(sign_in.ALLOW, "@example.net")
    nothing_of_the_trial(at.run())


@pytest.mark.parametrize(
    ("allow", "auth", "says"),
    [
        ("@example.org", None, r"add \[auth\] to secrets"),
        ("", {}, "is empty"),
        ("example.org", {}, "entry 1 of KETADASH_ALLOW"),
        (None, {"client_id": ""}, "lacks auth.client_id"),
    ],
)
def test_wrong_settings_let_nobody_in(monkeypatch, allow, auth, says):
    if allow is not None:
        monkeypatch.setenv(sign_in.ALLOW, allow)
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=HANG_S).run() if auth is None else app(ANN, **auth)
    assert len(at.error) == 1 and not at.button
    said = at.error[0].value.replace("\\", "")
    assert said.startswith("Nobody is let in: ") and re.search(says, said)
    nothing_of_the_trial(at)
