"""The self-check: a meeting is held and recorded through the public API alone, and every promise is looked at.

Nothing here knows the product's inside. What a step needs from the one before is passed on as values, every wait has
an end, and what was made is taken away again, but for the recording.
"""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from rtcstack.demo import proof
from rtcstack.demo.access import create_key, revoke_key
from rtcstack.demo.client import Client
from rtcstack.demo.meeting import record_meeting
from rtcstack.demo.plan import Plan
from rtcstack.demo.receiver import Receiver, own_address
from rtcstack.demo.step import Check, Outcome, StepFailed, Watch

KEY_MADE = "The self-check's own key is made"


async def self_check(plan: Plan, watch: Watch = lambda _: None) -> Outcome:
    """Run the self-check; what failed stands in the outcome's steps. `watch` is told of each step that ends."""
    check = Check(plan, Outcome(), watch)
    with suppress(StepFailed):
        await _ready(check)
        async with AsyncExitStack() as stack:
            key = await stack.enter_async_context(_key(check))
            api = await stack.enter_async_context(
                Client(plan.reached(plan.api_url)[0], key, check.log_of("api"))
            )
            receiver = await stack.enter_async_context(Receiver(own_address(plan.called_back_by)))
            await stack.enter_async_context(_webhook(check, api, receiver))
            room_id = await stack.enter_async_context(_room(check, api))
            await _prove(check, api, receiver, room_id)
    return check.outcome


async def _prove(check: Check, api: Client, receiver: Receiver, room_id: str) -> None:
    recorded = await record_meeting(check, api, room_id)
    ended = await proof.await_ended(check, receiver, room_id, recorded.egress_id)
    url = await proof.find_link(check, api, room_id, ended)
    await proof.examine(check, url, recorded.duration_s, ended)


async def _ready(check: Check) -> None:
    with check.step("Appliance ready") as step:
        step.result = check.plan.api_url
        look = f"`rtcstack status` and {check.log_of('api')}"
        async with Client(check.plan.reached(check.plan.api_url)[0], "", look) as anyone:
            await anyone.call("GET", "/readyz")


@asynccontextmanager
async def _key(check: Check) -> AsyncIterator[str]:
    if check.plan.key is not None:
        yield check.plan.key
        return
    with check.step(KEY_MADE) as step:
        key, identity = await create_key(check.plan.data)
        step.result = identity
    try:
        yield key
    finally:
        with check.step("The self-check's own key is revoked"):
            await revoke_key(check.plan.data, identity)


@asynccontextmanager
async def _webhook(check: Check, api: Client, receiver: Receiver) -> AsyncIterator[None]:
    with check.step("Webhook endpoint") as step:
        body = {"url": receiver.url, "events": ["egress_ended"]}
        made = await api.call("POST", "/v1/webhooks", body, status=201)
        receiver.secret = made["secret"]
        step.result = receiver.url
    try:
        yield
    finally:
        with check.step("Webhook endpoint deleted"):
            await api.call("DELETE", f"/v1/webhooks/{made['id']}", status=204)


@asynccontextmanager
async def _room(check: Check, api: Client) -> AsyncIterator[str]:
    room_id = f"demo-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}"
    with check.step("Room") as step:
        made = await api.call("POST", "/v1/rooms", {"roomId": room_id, "name": "Self-check"}, status=201)
        check.outcome.room_id = step.result = room_id
        if made.get("roomId") != room_id:
            raise StepFailed(expected=f"a room {room_id}", seen=str(made), look=check.log_of("api"))
    try:
        yield room_id
    finally:
        with check.step("Room deleted, recording kept"):
            await api.call("DELETE", f"/v1/rooms/{room_id}", status=204)
