"""`mapforge connections`: on a queue's file and over HTTP; keys go in and never come out."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mapforge.delivery.store.file import Store
from mapforge.fakes import NONE, Settings, running
from tests.cli.calls import Done
from tests.cli.office import KEY, TOKEN, Operator
from tests.delivery.house import KEYS

ADD = ("connections", "add", "shop", "--vendor", "acme")
FROM = ("--to", "klaviyo", "--key-from", "KEY_OF_THE_TEST")
SHOP = {
    "id": "shop",
    "merchant": "shop",
    "vendor": "acme",
    "enabled": True,
    "events": True,
    "profiles": True,
    "signing": False,
    "outlets": [{"platform": "klaviyo", "enabled": True, "shop": None, "trouble": None}],
}


def keys(operator: Operator) -> dict[str, str]:
    """The keys in the file, by their platforms."""
    with Store(operator.queue, read_only=True) as store:
        return {outlet.platform: KEYS.open(outlet.key).reveal() for outlet in store.outlets()}


def test_a_connection_is_added_listed_and_shown(operator: Operator) -> None:
    assert operator(*ADD, *FROM) == Done(0, "", "shop: added, with klaviyo\nnext: mapforge connections test shop\n")
    assert [re.split(" {2,}", line.strip()) for line in operator.ok("connections", "list").splitlines()] == [
        ["CONNECTION", "VENDOR", "MERCHANT", "SENDS TO", "MODULES", "STATE"],
        ["shop", "acme", "shop", "klaviyo", "events, profiles", "on"],
    ]
    assert operator.ok("connections", "show", "shop") == (
        "shop: on\n"
        "  vendor    acme\n"
        "  merchant  shop\n"
        "  modules   events, profiles\n"
        "  webhooks  no secret is kept\n"
        "  sends to  klaviyo: on\n"
    )
    assert (keys(operator), operator.hides(KEY)) == ({"klaviyo": KEY}, True)


def test_programs_get_json(operator: Operator) -> None:
    added = json.loads(operator.ok(*ADD, *FROM, "--format", "json"))
    assert added == {"connection": SHOP, "added": True, "changed": ["klaviyo"]}
    assert json.loads(operator.ok("connections", "list", "--format", "json")) == {"connections": [SHOP]}
    assert json.loads(operator.ok("connections", "show", "shop", "--format", "json")) == SHOP
    switched = json.loads(operator.ok("connections", "disable", "shop", "--format", "json"))
    assert switched == {"connection": SHOP | {"enabled": False}, "added": False, "changed": ["enabled"]}


def test_said_once_more_nothing_changes(operator: Operator) -> None:
    operator.ok(*ADD, *FROM, "--merchant", "A shop", "--no-profiles")
    for again in ([*ADD, *FROM, "--merchant", "A shop", "--no-profiles"], ["connections", "add", "shop"]):
        assert operator(*again) == Done(0, "", "shop: nothing changed\n")
    done = operator("connections", "add", "shop", "--merchant", "B", "--profiles", "--signing-from", "KEY_OF_THE_TEST")
    assert done.err == "shop: changed merchant, profiles, signing\n"


def test_keys_come_from_standard_input_a_line_each(operator: Operator) -> None:
    operator.ok(*ADD, "--to", "omnisend", "--to", "klaviyo", "--signing", stdin="one\ntwo\r\nthree\n")
    assert keys(operator) == {"omnisend": "one", "klaviyo": "two"}
    with Store(operator.queue, read_only=True) as store:
        connection = store.connection("shop")
        assert connection is not None
        assert connection.signing is not None
        assert KEYS.open(connection.signing).reveal() == "three"
    done = operator("connections", "add", "shop", "--to", "klaviyo", "--to", "omnisend", stdin="one\n")
    assert (done.code, done.out) == (2, "")
    assert "there is no key of Omnisend; it comes from a variable of the environment" in done.err


def test_keys_of_several_platforms_come_from_variables_that_are_named_for_each(operator: Operator) -> None:
    operator.environment.setenv("OTHER_KEY", "other")
    given = ("--key-from", "omnisend=OTHER_KEY", "--key-from", "klaviyo=KEY_OF_THE_TEST")
    operator.ok(*ADD, "--to", "klaviyo", "--to", "omnisend", *given)
    assert keys(operator) == {"klaviyo": KEY, "omnisend": "other"}


def test_a_key_that_is_typed_is_not_echoed(operator: Operator) -> None:
    """At a terminal it is asked for."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "mapforge", *ADD, "--to", "klaviyo"]
    process = subprocess.Popen(
        command, cwd=operator.project, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    said = b""
    while b"key of Klaviyo: " not in said:
        said += os.read(ours, 1024)
    os.write(ours, f"{KEY}\n".encode())
    try:
        while part := os.read(ours, 1024):
            said += part
    except OSError:  # Linux says so where the other side is closed
        pass
    os.close(ours)
    assert process.wait(timeout=60) == 0, said
    assert b"shop: added, with klaviyo" in said
    assert (KEY.encode() in said, keys(operator)) == (False, {"klaviyo": KEY})


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--to", "klavio"], "there is no platform klavio; did you mean klaviyo?"),
        (["--to", "klaviyo", "--key-from", KEY], "the variable that is to hold the key of Klaviyo is not in the env"),
        (["--to", "klaviyo", "--key-from", f"{KEY}="], "--key-from takes PLATFORM=VARIABLE"),
        (["--to", "klaviyo", "--to", "omnisend", "--key-from", KEY], "--key-from takes PLATFORM=VARIABLE"),
        (["--key-from", KEY], "--key-from takes PLATFORM=VARIABLE"),
        (["--signing-from", KEY], "the variable that is to hold the secret that signs webhooks is not in the env"),
        (["--to", "klaviyo", "--shop", "a.myshopify.com"], "--shop goes with --to shopify"),
        (["--to", "klaviyo"], "there is no key of Klaviyo; it comes from a variable of the environment"),
        (["--key", KEY], "No such option: --key"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_call_says_the_way_out_and_no_key(arguments: list[str], words: str, operator: Operator) -> None:
    done = operator(*ADD, *arguments)
    assert (done.code, done.out, words in done.err) == (2, "", True), done.err
    assert (operator.hides(KEY), operator.queue.exists()) == (True, False)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["new", *FROM], "body.vendor: a new connection needs its vendor"),
        (["new", "--vendor", "acmee", *FROM], "body.vendor: the build has no mapper of it; run: mapforge build"),
        (["a b", "--vendor", "acme"], "path.connection: String should match pattern"),
        (["", "--vendor", "acme"], "no connection is called so"),
    ],
)
def test_what_the_service_refuses_is_a_wrong_call_too(arguments: list[str], words: str, operator: Operator) -> None:
    done = operator("connections", "add", *arguments)
    assert (done.code, done.out, words in done.err) == (2, "", True), done.err


def test_a_key_that_no_header_holds_is_refused_and_not_shown(operator: Operator) -> None:
    done = operator(*ADD, "--to", "klaviyo", stdin="pk schlüssel\n")
    assert done == Done(
        2,
        "",
        "mapforge: the call is not as it must be\n"
        "  body.outlets[0].key: the key is empty, or holds what no header does\n",
    )


def test_without_a_key_to_seal_with_the_way_out_is_said(operator: Operator) -> None:
    operator.environment.delenv("MAPFORGE_SECRET_KEY")
    done = operator(*ADD, *FROM)
    assert (done.code, done.err.startswith("mapforge: MAPFORGE_SECRET_KEY is not set; make a key: ")) == (1, True)


def test_a_platform_and_a_module_are_switched(operator: Operator) -> None:
    operator.connected("klaviyo", "omnisend")
    for arguments, said in [
        (["disable", "shop", "--platform", "klaviyo"], "changed klaviyo.enabled"),
        (["disable", "shop", "--platform", "klaviyo"], "nothing changed"),
        (["disable", "shop", "--module", "profiles"], "changed profiles"),
        (["disable", "shop"], "changed enabled"),
    ]:
        assert operator("connections", *arguments).err == f"shop: {said}\n"
    row = operator.ok("connections", "list").splitlines()[1]
    assert re.split(" {2,}", row.strip())[3:] == ["klaviyo (off), omnisend", "events", "off"]
    for arguments in (["--platform", "klaviyo"], ["--module", "profiles"], []):
        operator.ok("connections", "enable", "shop", *arguments)
    row = operator.ok("connections", "list").splitlines()[1]
    assert re.split(" {2,}", row.strip())[3:] == ["klaviyo, omnisend", "events, profiles", "on"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["enable", "shopp"], "there is no such connection; did you mean shop?"),
        (["show", "shopp"], "there is no such connection; did you mean shop?"),
        (["test", "shopp"], "there is no such connection; did you mean shop?"),
        (["enable", "shop", "--platform", "omnisend"], "the connection has no such platform; it sends to klaviyo"),
        (["enable", "shop", "--platform", "a/../../b"], "there is no platform a/../../b; there are: klaviyo, omni"),
        (["show", "../queue"], "no connection is called so"),
        (["show", ".."], "no connection is called so"),
        (["enable", "shop", "--platform", "klaviyo", "--module", "events"], "two things to switch: say one of them"),
        (["enable", "shop", "--module", "contacts"], "contacts"),
        (["test", "--origin", "klaviyo"], "--origin takes PLATFORM=URL"),
        (["test", "--origin", "klavio=http://127.0.0.1"], "there is no platform klavio; did you mean klaviyo?"),
        (["list", "--url", "http://127.0.0.1:1", "--queue", "queue.db"], "say one of them"),
        (["list", "--queue", "nowhere.db"], "there is no queue nowhere.db; name one with --queue, or a running"),
        (["enable", "shop", "--queue", "nowhere.db"], "there is no queue nowhere.db"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_not_there_is_a_wrong_call(arguments: list[str], words: str, operator: Operator) -> None:
    operator.connected("klaviyo")
    done = operator("connections", *arguments)
    assert (done.code, done.out, words in done.err) == (2, "", True), done.err
    assert not (operator.project / "nowhere.db").exists()


def test_a_file_that_is_no_queue_is_said_and_left_alone(operator: Operator) -> None:
    operator.queue.write_text("not a database, but long enough to be looked at as one " * 40)
    before = operator.queue.read_bytes()
    for arguments in (["list"], ["add", "shop"]):
        done = operator("connections", *arguments)
        assert (done.code, "the queue cannot be opened: file is not a database" in done.err) == (1, True), done.err
    assert operator.queue.read_bytes() == before


def test_the_queue_is_named_by_an_option_or_the_environment(operator: Operator, tmp_path: Path) -> None:
    operator.ok(*ADD, "--queue", tmp_path / "other.db")
    assert not operator.queue.exists()
    operator.environment.setenv("MAPFORGE_QUEUE", str(tmp_path / "other.db"))
    assert "shop" in operator.ok("connections", "list")


def test_a_queue_is_read_beside_the_process_that_writes_it_and_not_written(operator: Operator) -> None:
    operator.connected("klaviyo")
    with operator.house() as home:
        if home.store._writer_lock is None:
            pytest.skip("this SQLite bears several writers")
        assert "shop" in operator.ok("connections", "list")
        done = operator("connections", "disable", "shop")
        assert (done.code, done.out) == (1, "")
        assert done.err == (
            f"mapforge: another process writes {operator.queue}, which SQLite bears from 3.51.3 on; where a service"
            " runs, ask it with --url\n"
        )


# ── test ──────────────────────────────────────────────────────────────────────────────────────────


def test_with_the_look_alikes_all_is_well_and_nothing_is_sent(operator: Operator) -> None:
    operator.connected("klaviyo", "omnisend")
    with running(Settings(limits=NONE)) as fakes:
        origins = ("--origin", f"klaviyo={fakes.klaviyo}", "--origin", f"omnisend={fakes.omnisend}")
        out = operator.ok("connections", "test", *origins)
    assert [re.split(" {2,}", line.strip()) for line in out.splitlines()[1:]] == [
        ["shop", "klaviyo", "mapper", "well", "acme is mapped to it"],
        ["shop", "omnisend", "mapper", "well", "acme is mapped to it"],
        ["shop", "signing", "unproven", "it has no signing secret, so no webhook is taken; add one with --signing"],
        ["shop", "klaviyo", "key", "well", "Klaviyo knows the key"],
        ["shop", "omnisend", "key", "well", "Omnisend knows the key"],
    ]
    assert operator.hides(KEY)


def test_what_is_wrong_is_said_and_falls_short(operator: Operator) -> None:
    operator.ok(*ADD, "--to", "klaviyo", stdin="no/key\n")
    with running(Settings(limits=NONE)) as fakes:
        done = operator("connections", "test", "shop", "--origin", f"klaviyo={fakes.klaviyo}", "--format", "json")
    (tested,) = json.loads(done.out)["tests"]
    assert (done.code, tested["well"], tested["checks"][2]) == (
        1,
        False,
        {
            "platform": "klaviyo",
            "of": "key",
            "state": "wrong",
            "says": "Klaviyo refuses the key (401); add the right one",
        },
    )


def test_an_origin_that_others_could_read_is_not_asked(operator: Operator) -> None:
    operator.connected("klaviyo")
    done = operator("connections", "test", "--origin", "klaviyo=http://elsewhere.example")
    assert (done.code, "another origin is https, or on loopback" in done.out) == (1, True)


# ── over HTTP ─────────────────────────────────────────────────────────────────────────────────────


def test_a_running_service_answers_as_the_file_does(operator: Operator) -> None:
    operator.connected("klaviyo", "omnisend")
    looks = [["connections", "list"], ["connections", "show", "shop"], ["connections", "list", "--format", "json"],
             ["connections", "show", "shopp"], ["dead", "list"], ["dead", "show", "7"], ["held", "list"],
             ["held", "show", "7"]]  # fmt: skip
    on_file = [operator(*look) for look in looks]
    with operator.service() as url:
        assert [operator(*look, "--url", url) for look in looks] == on_file
        operator.environment.setenv("MAPFORGE_ADMIN_URL", f"{url}/")
        assert operator("connections", "disable", "shop").err == "shop: changed enabled\n"
        assert operator("connections", "add", "other", "--vendor", "acme", *FROM).err.startswith("other: added")
    operator.environment.delenv("MAPFORGE_ADMIN_URL")
    rows = operator.ok("connections", "list").splitlines()[1:]
    assert [re.split(" {2,}", row.strip())[0::5] for row in rows] == [["other", "on"], ["shop", "off"]]
    assert operator.hides(KEY, TOKEN)


def test_a_service_is_asked_with_its_token_or_not_at_all(operator: Operator) -> None:
    operator.connected("klaviyo")
    with operator.service() as url:
        operator.environment.setenv("MAPFORGE_ADMIN_TOKEN", "another")
        done = operator("connections", "list", "--url", url)
        assert (done.code, "with the token of MAPFORGE_ADMIN_TOKEN" in done.err) == (2, True)
        operator.environment.setenv("MAPFORGE_ADMIN_TOKEN", "")
        done = operator("connections", "list", "--url", url)
        assert (done.code, "MAPFORGE_ADMIN_TOKEN is not set" in done.err) == (2, True)
        operator.environment.setenv("MAPFORGE_ADMIN_TOKEN", "a\nb")
        done = operator("connections", "list", "--url", url)
        assert (done.code, done.err) == (2, "mapforge: MAPFORGE_ADMIN_TOKEN holds what no header does\n")
        operator.environment.setenv("MAPFORGE_ADMIN_TOKEN", TOKEN)
        done = operator("connections", "test", "--url", url, "--origin", "klaviyo=http://127.0.0.1")
        assert (done.code, "--origin is for a file; a service has its own settings" in done.err) == (2, True)


@pytest.mark.parametrize(
    "url", ["http://elsewhere.example", "ftp://127.0.0.1", "127.0.0.1:8787", "http://[", "https://", "https://a:b@c.de"]
)
def test_the_token_goes_nowhere_where_others_could_read_it(url: str, operator: Operator) -> None:
    operator.environment.setenv("MAPFORGE_ADMIN_TOKEN", TOKEN)
    done = operator("connections", "list", "--url", url)
    assert (done.code, done.err) == (
        2,
        "mapforge: the address of the service is https, or http on loopback, such as http://127.0.0.1:8788\n",
    )


def test_what_is_no_service_or_does_not_answer_is_said(operator: Operator) -> None:
    operator.environment.setenv("MAPFORGE_ADMIN_TOKEN", TOKEN)
    with running(Settings(limits=NONE)) as fakes:
        done = operator("connections", "list", "--url", fakes.url)
    assert (done.code, done.err) == (1, f"mapforge: what answers at {fakes.url} is no mapforge service (404)\n")
    done = operator("connections", "list", "--url", fakes.url)
    assert (done.code, done.err) == (
        1, f"mapforge: {fakes.url} cannot be asked (ConnectError); does the service run?\n"
    )  # fmt: skip
    assert operator.hides(TOKEN)
