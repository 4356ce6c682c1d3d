"""Fixtures that every test may use; the servers behind them are the real ones."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.support.servers", "tests.support.appliance"]

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")
