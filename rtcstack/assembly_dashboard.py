"""What the dashboard alone needs."""

from rtcstack.clock import Clock
from rtcstack.domain.backup import NOTE
from rtcstack.ports.database import Database
from rtcstack.services.admin_users import AdminUsers
from rtcstack.services.health import Health
from rtcstack.services.overview import Overview
from rtcstack.services.pictures import Pictures
from rtcstack.services.quotas import Quotas
from rtcstack.services.recording_search import RecordingSearch
from rtcstack.services.sessions import Sessions
from rtcstack.services.storage.shared_check import SharedBucketCheck
from rtcstack.services.storage.stores import Stores
from rtcstack.settings import Settings


class DashboardServices:
    def __init__(
        self, settings: Settings, db: Database, clock: Clock, quotas: Quotas, stores: Stores
    ) -> None:
        folders = {"Data": settings.data, "Spool": settings.spool_path}
        self.users = AdminUsers(db, clock)
        self.sessions = Sessions(db, clock)
        self.overview = Overview(db, quotas, folders)
        self.health = Health(db, clock, database=settings.database_path, backup_note=settings.data / NOTE)
        self.search = RecordingSearch(db)
        self.pictures = Pictures(db, stores, clock, presign_ttl_s=settings.storage.presign_ttl_s)
        self.shared_bucket = SharedBucketCheck(stores.shared)
