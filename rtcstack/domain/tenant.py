from dataclasses import dataclass


@dataclass(frozen=True)
class Tenant:
    id: str
    plan: str
    created_at_ms: int
