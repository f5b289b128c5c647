"""Build hook: a wheel carries the app inside the package, where `ketadash.core.paths.home` finds it."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

APP = ("app.py", "pages", "sample_data", "examples", ".streamlit/config.toml", "docs/methods", "docs/data-format.md")


class BundleApp(BuildHookInterface):
    """Copies what lies beside the package in a checkout to ``ketadash/_app``."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the app to a wheel; an editable install ("editable") has it in the checkout already."""
        if version == "standard":
            build_data["force_include"].update({path: f"ketadash/_app/{path}" for path in APP})
