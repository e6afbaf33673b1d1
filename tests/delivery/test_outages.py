"""A full disk, a platform down, an unknown name, a clock set back: nothing is lost, and it says what it waits for."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from time import time

import httpx
import msgspec
import pytest

from mapforge.delivery.clock import Clock
from mapforge.delivery.settings import Settings
from mapforge.fakes import NONE, running
from mapforge.fakes import Settings as FakeSettings
from tests.delivery.house import QUICK, House, house, order

FAKES = FakeSettings(limits=NONE)
REFUSES = "the platform cannot be reached: it refuses connections"
UNKNOWN = "the platform cannot be reached: its name cannot be looked up"


def sent_to(url: str, settings: Settings = QUICK) -> Settings:
    return msgspec.structs.replace(settings, origins={"klaviyo": url})


def accept(home: House, number: int = 20) -> None:
    home.over_http = True
    home.connect_with({"klaviyo": "pk_shop"})
    home.accept_all(order(one, f"c{one % 5}@post.example") for one in range(number))


def kept(url: str) -> dict[str, int]:
    """How many of each outcome the look-alikes have."""
    counts = httpx.get(f"{url}/_received").json()["counts"]
    return {row["outcome"]: row["count"] for row in counts}


@pytest.mark.skipif(sys.platform == "win32", reason="there is no limit of a file's size")
def test_a_full_disk_takes_nothing_that_it_does_not_keep_and_goes_on_once_there_is_room(tmp_path: Path) -> None:
    with running(FAKES) as at:
        command = [sys.executable, "-m", "tests.delivery.full_disk", str(tmp_path), at.klaviyo]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        said = json.loads(done.stdout)
        assert {reason.partition(": ")[0] for reason in said["waits"]} == {"the queue cannot be written"}
        assert (len(said["refused"]) > 10, said["at_end"]) == (True, None)
        # Each once: also those that were refused at first and came again.
        assert kept(at.url) == {"kept": 120}


def test_a_platform_that_is_down_is_waited_for_and_gets_everything_once_it_is_back(tmp_path: Path) -> None:
    with running(FAKES) as at:
        port, url = int(at.url.rpartition(":")[2]), at.url
    with house(tmp_path, settings=sent_to(at.klaviyo)) as home, ExitStack() as back:
        accept(home)
        seen: list[str | None] = []

        def arrived() -> bool:
            troubles = [one.trouble for one in home.store.outlets()]
            # What it waits for is in the file a moment after it is known.
            if home.waits == [REFUSES] and troubles == [REFUSES] and not seen:
                seen.extend(troubles)
                back.enter_context(running(FAKES, port=port))
            return home.idle()

        home.deliver(arrived)
        assert (seen, home.watch.breakers) == ([REFUSES], [REFUSES, None])
        assert kept(url) == {"kept": 20}


def test_a_name_that_cannot_be_looked_up_is_waited_for(tmp_path: Path) -> None:
    with house(tmp_path, settings=sent_to("https://klaviyo.invalid")) as home:
        accept(home)
        home.deliver(lambda: home.waits == [UNKNOWN])
        assert [one.trouble for one in home.store.outlets()] == [UNKNOWN]
        assert home.letters == []
    with running(FAKES) as at, house(tmp_path, settings=sent_to(at.klaviyo)) as home:
        home.over_http = True
        home.deliver()
        assert kept(at.url) == {"kept": 20}


def test_a_clock_that_is_set_back_by_an_hour_holds_nothing_back(tmp_path: Path) -> None:
    slow = msgspec.structs.replace(QUICK, backoff=2.0, backoff_most=2.0)
    with running(FAKES) as at:
        httpx.post(f"{at.url}/_control", json={"platform": "klaviyo", "do": "fail", "status": 500}).raise_for_status()
        with house(tmp_path, settings=sent_to(at.klaviyo, slow), clock=Clock(wall=lambda: time() + 3600)) as home:
            accept(home)
            home.deliver(lambda: home.waits == ["the platform answers 500"])
        httpx.delete(f"{at.url}/_control").raise_for_status()
        with house(tmp_path, settings=sent_to(at.klaviyo)) as home:
            home.over_http = True
            home.deliver(seconds=20)
            assert kept(at.url) == {"kept": 20}
