"""The line a filter is typed into: hidden until `/`, gone with esc, kept while it narrows something."""

from typing import Any

from textual.widgets import Input


class FilterBar(Input):
    """One line, no frame. Enter gives the focus back and keeps the filter; esc is the screen's to handle."""

    DEFAULT_CSS = """
    FilterBar { display: none; height: 1; border: none; padding: 0 1; }
    FilterBar:focus { border: none; }
    FilterBar.shown { display: block; }
    """

    def __init__(self, placeholder: str, **options: Any) -> None:
        super().__init__(placeholder=placeholder, compact=True, **options)

    @property
    def is_shown(self) -> bool:
        return self.has_class("shown")

    def open(self) -> None:
        """Shows the line and takes the focus."""
        self.add_class("shown")
        self.focus()

    def close(self) -> None:
        """Empties and hides it."""
        self.value = ""
        self.remove_class("shown")
