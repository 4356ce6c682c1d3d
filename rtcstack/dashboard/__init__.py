"""The pages for people: a surface beside `rtcstack/api`, over the same services."""
