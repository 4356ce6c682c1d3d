"""Fixtures that every test may use; the servers behind them are the real ones."""

pytest_plugins = ["tests.support.servers", "tests.support.appliance"]
