"""The gate with a recorder behind it, and a browser that has visited it."""

import pytest
from gate_client import BASE, Behind
from starlette.testclient import TestClient

from ketadash.ui.server import browser, gate


@pytest.fixture
def behind(monkeypatch):
    monkeypatch.setattr(browser, "owned_sessions", {})
    monkeypatch.delenv("KETADASH_HOSTS", raising=False)
    return Behind()


@pytest.fixture
def client(behind):
    return TestClient(gate.Gate(behind), base_url=BASE)
