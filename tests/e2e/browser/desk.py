"""What an admin does at the dashboard besides meetings: endpoints, keys, tokens, storage."""

import asyncio

from tests.e2e.browser.browser import Browser
from tests.e2e.browser.looks import has_no_faults
from tests.support.appliance import Appliance
from tests.support.own_bucket import make_own_bucket
from tests.support.webhook_sink import Sink


def add_endpoint(browser: Browser, url: str) -> str:
    browser.open("/webhooks")
    browser.fill("#url", url)
    browser.press("input[value='recording.complete']")
    browser.press(".stack button.primary")
    browser.until_says("shown this once")
    assert str(browser.find("#secret").get_attribute("value")).startswith("whsec_")
    has_no_faults(browser, "a secret that was made")
    browser.press(".once a.button")
    browser.until_says("Nothing was sent", "#list")
    return browser.driver.current_url.removeprefix(browser.url)


def make_token(browser: Browser, room: str) -> None:
    """Have one made for a client of one's own."""
    browser.open(room)
    browser.fill("#identity", "recording-bot")
    browser.press("form[action$='/token'] button")
    browser.until_says("Join token for recording-bot", "h1")
    assert str(browser.find("#token").get_attribute("value")).count(".") == 2
    has_no_faults(browser, "a token")


def make_key(browser: Browser) -> None:
    """Have one made, and see it this once."""
    browser.open("/settings/keys")
    browser.fill("#key-name", "of the walk")
    browser.press("form[action='/settings/keys'] button")
    browser.until_says("shown this once")
    has_no_faults(browser, "a key that was made")
    key = str(browser.find("#key").get_attribute("value"))
    browser.open("/settings/keys")
    browser.until_says("of the walk")
    assert key not in browser.driver.page_source


async def replay(browser: Browser, endpoint: str, recording: str, sink: Sink) -> None:
    """Look at what was sent and answered, and have it sent again: it is the same message."""

    def look_and_send() -> None:
        browser.open(endpoint)
        browser.until_says("recording.complete", "#list")
        browser.until_says("Delivered", "#list")
        browser.press("#list summary")
        browser.until_says(recording.rpartition("/")[2], "#list pre")
        browser.until_says("webhook-signature: v1,", "#list pre")
        browser.until_says("thanks", "#list details")
        browser.press("#list details form button")
        browser.until_says("The event is sent again", "#said")

    await sink.has(1)
    await asyncio.to_thread(look_and_send)
    await sink.has(2)
    (before, body), (again, same) = sink.got
    assert again["webhook-id"] == before["webhook-id"]
    assert same == body
    await asyncio.to_thread(browser.until_says, "Delivered", "#list")


def change_storage(appliance: Appliance, browser: Browser) -> None:
    """A wrong key is refused in words, and the right one is taken."""
    own = make_own_bucket(appliance.settings.storage, "browser")
    browser.open("/settings/storage")
    browser.fill("#bucket", own.name)
    browser.fill("#endpoint", own.endpoint)
    browser.fill("#access-key-id", own.access_key_id)
    browser.fill("#secret-access-key", "a-wrong-secret")
    with browser.complaining_of(" 400 "):
        browser.press("form.stack button.primary")
        browser.until_says("The store refused", ".fault")
    browser.until(
        lambda: browser.run("return document.activeElement.id") == "fault",
        "it is seen, however far down it is",
    )
    has_no_faults(browser, "a refusal")
    assert browser.find("#bucket").get_attribute("value") == own.name
    assert browser.find("#secret-access-key").get_attribute("value") == ""
    browser.fill("#secret-access-key", own.secret_access_key)
    browser.press("form.stack button.primary")
    browser.until_says(f"New recordings go to the bucket {own.name}", "#said")
    assert own.secret_access_key not in browser.driver.page_source
    browser.press("#test")
    browser.until_says("the key may write, read, delete", "#said")
    browser.press("#remove")
    browser.agree()
    browser.until_says("They go to the appliance's own bucket")
    assert appliance.call("GET", "/v1/settings/storage")[0] == 404


def clear_away(browser: Browser, recording: str, endpoint: str) -> None:
    browser.open(recording)
    browser.press("#now form[action$='/archive'] button")
    browser.until_says("Bring back", "#now")
    browser.until_still()
    has_no_faults(browser, "an archived recording")
    browser.open(endpoint)
    browser.press("form[action$='/delete'] button")
    browser.agree()
    browser.until_says("There are no endpoints yet")
