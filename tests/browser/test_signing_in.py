"""Sign-in as a visitor meets it: a real browser, `ketadash app`, and a provider of our own (`oidc_provider`)."""

import pytest
from known_trials import sample_trial
from reading import PATHS, WAIT, app_is_whole, gone, shows
from sweeps import others_slow

from ketadash.questions.registry import QUESTIONS
from ketadash.ui.server.sign_in import ASK

for needed in ("authlib", "httpx"):
    pytest.importorskip(needed, reason="sign-in is not installed; pip install 'ketadash[sso]'")
oidc = pytest.importorskip("oidc_provider")  # which needs what Authlib brings

pytestmark = pytest.mark.browser
LINK = f"{PATHS['abstinence']}?missing=missing"
ANN = {"name": "Ann", "email": "Ann@clinic.example", "email_verified": True}


@pytest.fixture(scope="module", autouse=True)
def signs_in(tmp_path_factory):
    """The provider, and the settings that the server finds in the home of who starts it."""
    home = tmp_path_factory.mktemp("home")
    with oidc.provider() as it, pytest.MonkeyPatch.context() as patch:
        (home / ".streamlit").mkdir()
        (home / ".streamlit" / "secrets.toml").write_text(
            "[auth]\n"
            'redirect_uri = "http://127.0.0.1:{port}/oauth2callback"\n'
            'cookie_secret = "of no use outside of this test, and long"\n'
            f'client_id = "{oidc.CLIENT}"\nclient_secret = "{oidc.SECRET}"\nserver_metadata_url = "{it.metadata_url}"\n'
        )
        patch.setenv("HOME", str(home))
        patch.setenv("USERPROFILE", str(home))  # Windows' name for it
        patch.setenv("NO_PROXY", "127.0.0.1,localhost")
        patch.setenv("KETADASH_ALLOW", "@clinic.example, bob@lab.example")
        yield it


@pytest.fixture(scope="module")
def site(serve, signs_in):
    with serve() as server:
        yield server.address


class Visitor:
    """A browser of somebody's own, and all that the server ever sent it."""

    def __init__(self, browser, site):
        self.context, self.site, self.got, self.asked = browser.new_context(), site, [], []
        self.page = self.context.new_page()
        self.page.on("websocket", lambda w: w.on("framereceived", lambda f: self.got.append(f)))
        self.page.on("response", lambda answer: self.asked.append(answer.url))

    def go(self, path: str) -> None:
        self.page.goto(f"{self.site}/{path}")

    def press(self, label: str) -> None:
        self.page.get_by_role("button", name=label).or_(self.page.get_by_role("link", name=label)).click()

    def meets_the_gate(self) -> None:
        self.page.get_by_role("link", name="Sign in").wait_for(timeout=WAIT)
        assert self.page.locator("main").inner_text().split() == ["ketadash", *ASK.split(), "Sign", "in"]
        assert self.page.get_by_test_id("stSidebar").count() == 0
        assert self.page.title() == "ketadash"

    def got_nothing_of_the_trial(self) -> None:
        trial = sample_trial()
        got = b"".join(f if isinstance(f, bytes) else f.encode() for f in self.got)
        pages = [one.name for one in QUESTIONS if " " in one.name]  # the others may stand in the visitor's own link
        assert [word for word in (trial.title, *trial.arms, *pages) if word.encode() in got] == []


@pytest.fixture
def visitor(browser, site):
    it = Visitor(browser, site)
    yield it
    it.context.close()


# A file's bare name first: Streamlit would run that page alone.
EVERYWHERE = ("data", "methods", *PATHS.values(), LINK, "no-such-page")
HERE_AND_THERE = ("data", PATHS["abstinence"], LINK, "no-such-page")


@pytest.mark.parametrize("paths", others_slow([EVERYWHERE, HERE_AND_THERE], HERE_AND_THERE), ids=len)
def test_whoever_is_not_signed_in_is_sent_nothing_of_the_trial(visitor, paths):
    for path in paths:
        visitor.go(path)
        visitor.meets_the_gate()
    visitor.got_nothing_of_the_trial()
    assert visitor.got == []  # no socket at all
    assert {url.removeprefix(visitor.site).split("?")[0].strip("/") for url in visitor.asked} <= {
        "data",
        "methods",
        *PATHS.values(),
        "no-such-page",
    }  # nor any of Streamlit's files


def test_signing_in_opens_what_the_link_said_and_signing_out_closes_it(visitor, signs_in):
    signs_in.claims = ANN | {"name": "[Ann](https://evil.example) <b>"}
    visitor.go(LINK)
    visitor.meets_the_gate()
    visitor.press("Sign in")
    visitor.page.wait_for_url(f"{visitor.site}/{LINK}", timeout=WAIT)
    app_is_whole(visitor.page)
    visitor.page.get_by_text("none filled in").first.wait_for(timeout=WAIT)  # what the link says

    foot = visitor.page.get_by_test_id("stSidebar").get_by_text("Signed in as")
    foot.wait_for(timeout=WAIT)
    assert foot.inner_text() == "Signed in as [Ann](https://evil.example) <b> (Ann@clinic.example)"
    assert foot.locator("a, b").count() == 0
    assert visitor.page.get_by_test_id("stSidebar").get_by_role("button", name="Sign out").count() == 1

    visitor.go(PATHS["nnt"])  # another page load: the cookie is believed
    app_is_whole(visitor.page)
    with pytest.raises(AssertionError, match="ketamine"):  # what the other tests look for would be seen
        visitor.got_nothing_of_the_trial()
    visitor.press("Sign out")
    visitor.meets_the_gate()
    assert not [c["name"] for c in visitor.context.cookies() if c["name"].startswith("_streamlit_user")]
    visitor.got.clear()
    visitor.go(LINK)
    visitor.meets_the_gate()
    visitor.got_nothing_of_the_trial()


@pytest.mark.slow
def test_signing_out_in_one_tab_empties_the_other_and_the_kept_cookie_opens_nothing(visitor, signs_in):
    signs_in.claims = ANN
    visitor.go("")
    visitor.press("Sign in")
    app_is_whole(visitor.page)
    kept = visitor.context.cookies()
    other = visitor.context.new_page()
    other.goto(f"{visitor.site}/{LINK}")
    app_is_whole(other)
    visitor.press("Sign out")
    visitor.meets_the_gate()
    other.get_by_role("link", name="Sign in").wait_for(timeout=WAIT)
    gone(other.get_by_test_id("stSidebar"))
    assert other.url == f"{visitor.site}/{LINK}"
    visitor.context.add_cookies(kept)
    visitor.go(LINK)
    visitor.meets_the_gate()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"name": "Mallory", "email": "mallory@clinic.example.evil.example"}, "who is not on the list"),
        (ANN | {"email_verified": False}, "has not verified that address"),
    ],
)
def test_whoever_is_refused_reads_why_and_can_leave(visitor, signs_in, claims, reason):
    signs_in.claims = claims
    visitor.go(LINK)
    visitor.press("Sign in")
    visitor.page.get_by_text(f"You are signed in as {claims['name']}").wait_for(timeout=WAIT)
    shows(visitor.page.locator("main"), reason)
    gone(visitor.page.get_by_test_id("stSidebar"))
    visitor.got_nothing_of_the_trial()
    visitor.press("Sign out")
    visitor.meets_the_gate()


def test_at_another_address_the_right_one_is_said(visitor):
    visitor.site = visitor.site.replace("127.0.0.1", "localhost")
    visitor.go("")
    visitor.page.get_by_text("Sign-in works only at").wait_for(timeout=WAIT)
    assert visitor.page.locator("code").inner_text() == visitor.site.replace("localhost", "127.0.0.1") + "/"
    assert visitor.page.get_by_role("link", name="Sign in").count() == 0


FORGED = ["forged", "eyJpc19sb2dnZWRfaW4iOiB0cnVlfQ==|0|forged"]


@pytest.mark.parametrize("value", others_slow(FORGED, FORGED[1]))
def test_a_cookie_that_the_server_did_not_sign_opens_nothing(visitor, value):
    visitor.context.add_cookies([{"name": "_streamlit_user", "value": value, "url": visitor.site}])
    visitor.go(LINK)
    visitor.meets_the_gate()
    visitor.got_nothing_of_the_trial()
