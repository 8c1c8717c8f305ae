"""The stand-in itself: what it does when a client misbehaves."""

from __future__ import annotations

import socket
import struct
import threading
import time
from urllib.parse import urlsplit

import pytest
from syncer_jira.sandbox.server import JiraSandbox

from syncer.testing.server import Fault


def test_a_client_that_gave_up_waiting_is_no_news(sandbox: JiraSandbox, capfd: pytest.CaptureFixture[str]) -> None:
    before = set(threading.enumerate())
    sandbox.faults.append(Fault(path="/myself", effect="after", kind="hang", seconds=0.2))
    place = urlsplit(sandbox.url)
    with socket.create_connection((place.hostname or "", place.port or 0)) as client:
        # cm9i… is robot@example.com:robot-token
        token = "cm9ib3RAZXhhbXBsZS5jb206cm9ib3QtdG9rZW4="
        client.sendall(f"GET /rest/api/3/myself HTTP/1.1\r\nAuthorization: Basic {token}\r\n\r\n".encode())
        while not sandbox.log:
            time.sleep(0.01)
        # closed with a reset, as by a process that dies
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    for thread in set(threading.enumerate()) - before:
        thread.join(timeout=30)
        assert not thread.is_alive()

    assert [line.status for line in sandbox.log] == [504]
    assert capfd.readouterr().err == ""


def test_what_one_site_adds_is_on_no_other() -> None:
    JiraSandbox().state.data["fields"][-1]["options"].append({"id": "10199", "value": "Blocker"})

    assert "Blocker" not in [option["value"] for option in JiraSandbox().state.data["fields"][-1]["options"]]
