"""Ctrl-C that waits for the end of a step."""

import signal


class Interrupt:
    """Note a first Ctrl-C instead of dying of it; a second one acts as usual.

    `came` says whether there was one.
    """

    def __enter__(self) -> "Interrupt":
        self.came = False
        self.usual = signal.signal(signal.SIGINT, self.note)
        return self

    def note(self, *_: object) -> None:
        """Handle the signal."""
        self.came = True
        signal.signal(signal.SIGINT, self.usual)

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self.usual)
