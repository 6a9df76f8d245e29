"""From the config file, the environment and the options to one `Settings`."""

from checker.config.load import Loaded, load_settings

__all__ = ["Loaded", "load_settings"]
