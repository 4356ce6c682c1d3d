"""Looks at everything, page by page."""

from rtcstack.services.reconcile.check import Check


async def look_at_all(check: Check) -> tuple[list[str], int]:
    """Return the subjects of what was found, each within the page that it was found on, and how many looks that took."""
    cursor, found, looks = "", [], 0
    while cursor or not looks:
        looks += 1
        assert looks < 9
        look = await check.look(cursor)
        found += [finding.subject for finding in look.findings]
        assert all(look.after < finding.subject <= look.up_to for finding in look.findings)
        cursor = look.cursor
    return found, looks
