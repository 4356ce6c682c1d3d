"""All pages as one router: signed in, from here, refused in words for people."""

from litestar import Router
from litestar.di import Provide

from rtcstack.api.limits import CallLimits
from rtcstack.dashboard.assets import static_file
from rtcstack.dashboard.audit import show_audit
from rtcstack.dashboard.clips import CLIP_PAGES
from rtcstack.dashboard.faults import HANDLERS
from rtcstack.dashboard.fields import form_fields
from rtcstack.dashboard.keys import KEY_PAGES
from rtcstack.dashboard.live import Streams, live
from rtcstack.dashboard.overview import show_health, show_overview
from rtcstack.dashboard.password import PASSWORD_PAGES
from rtcstack.dashboard.recording import RECORDING_PAGES
from rtcstack.dashboard.recording_acts import RECORDING_ACTS
from rtcstack.dashboard.recordings import show_recordings
from rtcstack.dashboard.room import ROOM_PAGES
from rtcstack.dashboard.room_acts import act_on_room
from rtcstack.dashboard.rooms import ROOMS_PAGES
from rtcstack.dashboard.rules import RULE_PAGES, rules
from rtcstack.dashboard.sign_in import SIGN_IN_PAGES, Door
from rtcstack.dashboard.storage import STORAGE_PAGES, shared_bucket
from rtcstack.dashboard.tenants import TENANT_PAGES
from rtcstack.dashboard.viewer import from_here_only, viewer
from rtcstack.dashboard.webhooks import WEBHOOK_PAGES
from rtcstack.settings import Settings
from rtcstack.settings.plans import load_plans


def dashboard(settings: Settings, limits: CallLimits, streams: Streams) -> Router:
    is_secure = (settings.api.public_url or "").startswith("https://")
    door = Door(limits, is_secure)
    plans, in_force, shared = load_plans(settings.plans), rules(settings), shared_bucket(settings)
    return Router(
        path="/",
        route_handlers=[
            *SIGN_IN_PAGES,
            show_overview,
            show_health,
            live,
            static_file,
            *ROOMS_PAGES,
            *ROOM_PAGES,
            act_on_room,
            show_recordings,
            *RECORDING_PAGES,
            *RECORDING_ACTS,
            *CLIP_PAGES,
            *WEBHOOK_PAGES,
            *STORAGE_PAGES,
            *KEY_PAGES,
            *TENANT_PAGES,
            *RULE_PAGES,
            *PASSWORD_PAGES,
            show_audit,
        ],
        dependencies={
            "fields": Provide(form_fields),
            "viewer": Provide(viewer),
            "in_force": Provide(lambda: in_force, sync_to_thread=False),
            "plans": Provide(lambda: plans, sync_to_thread=False),
            "shared": Provide(lambda: shared, sync_to_thread=False),
            "door": Provide(lambda: door, sync_to_thread=False),
            "streams": Provide(lambda: streams, sync_to_thread=False),
        },
        exception_handlers=HANDLERS,
        before_request=from_here_only,
        include_in_schema=False,
    )
