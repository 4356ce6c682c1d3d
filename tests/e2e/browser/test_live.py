"""An open page shows what is changed elsewhere, and keeps what somebody has chosen or written in it and not sent yet."""

import asyncio
import os
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from selenium.webdriver.support.select import Select

from tests.e2e.browser.browser import Browser, opened
from tests.e2e.browser.conftest import new_password
from tests.e2e.browser.looks import has_no_faults
from tests.e2e.browser.scene import Scene
from tests.support.appliance import Appliance

_CHOOSE = """const csrf = document.querySelector("[name=csrf]").value;
return fetch("/tenant", {method: "POST", body: new URLSearchParams({csrf, tenant: arguments[0]})}).then((answer) => answer.ok)"""
"""Chooses a tenant as another page of the session does."""
_SAME = "return window.isTheSamePage"
_VALUE = "return document.getElementById(arguments[0])?.value"
_BY_DEFAULT = """const select = document.getElementById(arguments[0]);
return [...select?.options ?? []].find((option) => option.defaultSelected)?.value"""
_CUT_OFF = """const bar = document.querySelector(".bar nav").getBoundingClientRect();
return [...document.querySelectorAll(".bar nav a")].filter((one) => one.getBoundingClientRect().right > bar.right + 1).length"""
_LONG = "later-and-with-as-long-a-name-as-any-tenant-can-have-on-this-machine"[:63]
_PLANS = "[small]\nmax_participants = {most}\n\n[self-hosted]\n"
pytestmark = [pytest.mark.appliance, pytest.mark.alone]


@contextmanager
def _tenant(appliance: Appliance, name: str) -> Iterator[None]:
    """Have a tenant of whom nothing is left: the other tests' pages are those of an appliance with a single one."""
    made = appliance.command("tenants", "create", name, "--json")
    assert made.returncode == 0, made.stderr
    try:
        yield
    finally:
        with closing(sqlite3.connect(appliance.settings.database_path, timeout=30)) as db, db:
            db.execute("DELETE FROM tenants WHERE id = ?", (name,))


def _choose(browser: Browser, field: str, option: str) -> None:
    """Choose it, also when the field is shown anew in this very moment."""

    def choose() -> bool:
        Select(browser.find(f"#{field}")).select_by_visible_text(option)
        return bool(browser.run(_VALUE, field) == option)

    browser.until(choose, f"{option} being chosen")


def _shows(browser: Browser, field: str, value: str, script: str = _VALUE) -> None:
    browser.until(lambda: browser.run(script, field) == value, f"{value} in #{field}")


def test_a_list_shows_what_is_new_and_keeps_what_was_chosen(appliance: Appliance, browser: Browser) -> None:
    browser.open("/settings/tenants")
    _choose(browser, "plan-default", "growth")
    with _tenant(appliance, "newcomer"):
        browser.until_says("newcomer", "#tenants")
        assert browser.run(_VALUE, "plan-default") == "growth", "it was not sent yet"


def test_what_depends_on_a_choice_goes_by_the_one_that_was_kept(
    appliance: Appliance, browser: Browser
) -> None:
    browser.open("/settings/rules")
    browser.press("#kept-days")
    browser.fill("#days", "14")
    kept = appliance.command("tenants", "set-retention", "default", "forever", "--json")
    assert kept.returncode == 0, kept.stderr
    try:
        is_shown = "return document.getElementById('kept-for-ever').defaultChecked"
        browser.until(lambda: browser.run(is_shown), "what was set elsewhere")
        assert browser.find("#kept-days").is_selected()
        assert browser.run(_VALUE, "days") == "14"
        assert browser.run("return document.getElementById('days').required"), "the days of what is chosen"
    finally:
        appliance.command("tenants", "set-retention", "default", "default")


def test_a_page_stays_when_another_tenant_is_chosen_elsewhere(appliance: Appliance, browser: Browser) -> None:
    with _tenant(appliance, "elsewhere"), browser.complaining_of(" 403 "):
        browser.open("/rooms")
        browser.fill("#room-name", "Half a name")
        browser.run(_CHOOSE, "elsewhere")
        try:
            assert appliance.call("POST", "/v1/rooms", {"roomId": "unseen"})[0] == 201
            browser.until_says("This page shows default, but elsewhere was chosen since", "#said")
            assert browser.run(_VALUE, "room-name") == "Half a name"
            assert "unseen" not in browser.text("#list")
            _shows(browser, "tenant", "elsewhere")
            browser.run("window.isTheSamePage = true")
            _choose(browser, "tenant", "default")
            browser.until(lambda: not browser.run(_SAME), "the page of the tenant that was chosen again")
            _shows(browser, "tenant", "default")
        finally:
            browser.run(_CHOOSE, "default")
    browser.open("/rooms")
    browser.until_says("unseen", "#list")
    assert appliance.call("DELETE", "/v1/rooms/unseen")[0] == 204


def test_a_tenant_can_be_chosen_on_a_page_that_is_older_than_the_tenant(
    appliance: Appliance, browser: Browser
) -> None:
    browser.open("/webhooks")
    browser.run("window.isTheSamePage = true")
    assert not browser.run("return document.getElementById('tenant')"), "there is nothing to choose"
    with _tenant(appliance, _LONG), browser.complaining_of(" 403 "):
        browser.until_says(_LONG, "#whose")
        assert browser.run(_SAME)
        assert browser.run(_CUT_OFF) == 0
        has_no_faults(browser, "several tenants")
        try:
            _choose(browser, "tenant", _LONG)
            browser.until(lambda: not browser.run(_SAME), "the page of the other tenant")
            _shows(browser, "tenant", _LONG)
        finally:
            browser.run(_CHOOSE, "default")
            browser.open("/webhooks")


def test_plans_are_those_of_an_api_that_was_started_anew(
    new_appliance: Callable[..., Appliance], tmp_path: Path
) -> None:
    plans = tmp_path / "plans.toml"
    plans.write_text(_PLANS.format(most=11))
    own = new_appliance(RTCSTACK_PLANS=str(plans))
    own.start()
    password = new_password(own)
    with opened(own.url) as browser:
        browser.open("/settings/tenants")
        browser.fill("#password", password)
        browser.press("button.primary")
        browser.until_says("11", "#tenants table")
        browser.run("window.isTheSamePage = true")
        browser.fill("#new-tenant", "half-a-na")
        plans.write_text(_PLANS.format(most=7001))
        os.kill(own.part("api")["pid"], signal.SIGTERM)
        browser.until_says("7001", "#tenants table")
        assert browser.run(_SAME)
        assert browser.run(_VALUE, "new-tenant") == "half-a-na"


async def test_the_layout_is_the_one_that_was_set_elsewhere_unless_another_is_chosen(
    appliance: Appliance, browser: Browser
) -> None:
    made = Scene(appliance)

    async def set_elsewhere(layout: str) -> None:
        await made.call("POST", "/v1/rooms/shown/recording/layout", {"layout": layout})
        await asyncio.to_thread(browser.until_says, f"with the layout {layout}.", "#record-acts")

    async with made.meeting("shown", "Shown", "Ada Lovelace"):
        await made.recording("shown", "recording")
        await asyncio.to_thread(browser.open, "/rooms/shown")
        browser.run("window.isTheSamePage = true")
        await set_elsewhere("speaker")
        await asyncio.to_thread(_shows, browser, "layout", "speaker")
        await asyncio.to_thread(_choose, browser, "layout", "grid-light")
        await set_elsewhere("single-speaker")
        await asyncio.to_thread(_shows, browser, "layout", "single-speaker", _BY_DEFAULT)
        assert browser.run(_VALUE, "layout") == "grid-light", "it was not sent yet"
        await asyncio.to_thread(browser.press, "#record")
        await asyncio.to_thread(browser.until_says, "with the layout grid-light.", "#record-acts")
        await set_elsewhere("speaker")
        await asyncio.to_thread(_shows, browser, "layout", "speaker")
        assert browser.run(_SAME)
        assert browser.complaints() == []
    assert (await asyncio.to_thread(appliance.call, "DELETE", "/v1/rooms/shown"))[0] == 204
