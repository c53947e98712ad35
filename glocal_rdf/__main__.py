"""Starts the command, so that an interrupt ends it with exit code 130 from its first moment on."""

from __future__ import annotations

import os

__all__ = ["main"]


def main() -> None:
    """Import the command and run it; Ctrl-C meanwhile ends the process at once, as there is nothing to clean up."""
    try:
        import signal  # noqa: PLC0415

        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, lambda *_: os._exit(130))
        from glocal_rdf.cli import main as run  # noqa: PLC0415
    except KeyboardInterrupt:
        os._exit(130)
    run()


if __name__ == "__main__":
    main()
