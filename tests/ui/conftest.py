"""AppTest as the server: each of its runs looks for a pages/ folder again, which `server.pages_are_ours` forbids."""

import pytest
from streamlit.runtime.pages_manager import PagesManager


@pytest.fixture(autouse=True, scope="module")
def pages_are_ours():
    original = PagesManager.__init__

    def as_served(self, *args, **kwargs):
        PagesManager.uses_pages_directory = False
        original(self, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PagesManager, "__init__", as_served)
        yield
    PagesManager.uses_pages_directory = None
