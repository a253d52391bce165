"""For every test, of a room or of the house: the database, the browser, and the rule that nothing is skipped."""

from hypothesis import settings

pytest_plugins = ["tests.plugin_honest", "tests.plugin_database", "tests.plugin_browser", "tests.plugin_demo"]

settings.register_profile("yulan", deadline=None, derandomize=True)
settings.load_profile("yulan")
