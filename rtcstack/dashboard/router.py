"""All pages as one router: signed in, from here, refused in words for people."""

from litestar import Router
from litestar.di import Provide

from rtcstack.api.limits import CallLimits
from rtcstack.dashboard.assets import static_file
from rtcstack.dashboard.audit import show_audit
from rtcstack.dashboard.clips import CLIP_PAGES
from rtcstack.dashboard.faults import HANDLERS
from rtcstack.dashboard.fields import form_fields
from rtcstack.dashboard.keys import KEY_PAGES, rules
from rtcstack.dashboard.live import Streams, live
from rtcstack.dashboard.overview import show_health, show_overview
from rtcstack.dashboard.password import PASSWORD_PAGES
from rtcstack.dashboard.recordings import RECORDING_PAGES
from rtcstack.dashboard.rooms import ROOM_PAGES
from rtcstack.dashboard.sign_in import Door, look_at_tenant, show_sign_in, sign_in, sign_out
from rtcstack.dashboard.storage import STORAGE_PAGES
from rtcstack.dashboard.viewer import from_here_only, viewer
from rtcstack.dashboard.webhooks import WEBHOOK_PAGES
from rtcstack.settings import Settings
from rtcstack.settings.plans import load_plans


def dashboard(settings: Settings, limits: CallLimits, streams: Streams) -> Router:
    is_secure = (settings.api.public_url or "").startswith("https://")
    door = Door(limits, is_secure)
    plans = load_plans(settings.plans)
    in_force = rules(settings, tuple(map(plans.get, plans.names)))
    return Router(
        path="/",
        route_handlers=[
            show_sign_in,
            sign_in,
            sign_out,
            look_at_tenant,
            show_overview,
            show_health,
            live,
            static_file,
            *ROOM_PAGES,
            *RECORDING_PAGES,
            *CLIP_PAGES,
            *WEBHOOK_PAGES,
            *STORAGE_PAGES,
            *KEY_PAGES,
            *PASSWORD_PAGES,
            show_audit,
        ],
        dependencies={
            "fields": Provide(form_fields),
            "viewer": Provide(viewer),
            "in_force": Provide(lambda: in_force, sync_to_thread=False),
            "door": Provide(lambda: door, sync_to_thread=False),
            "streams": Provide(lambda: streams, sync_to_thread=False),
        },
        exception_handlers=HANDLERS,
        before_request=from_here_only,
        include_in_schema=False,
    )
