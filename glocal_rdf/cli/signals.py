"""Ends the run on signals: Ctrl-C with exit code 130, SIGTERM with 143; unfinished files are removed.

An interrupt is an exception, so that everything is closed on the way out. While a library computes, Python does not
handle it; then a thread ends the process after a short time.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from types import FrameType
from typing import Final, NoReturn

__all__ = ["hand_over_signals", "ignore_interrupts", "watch_signals"]

GRACE_PERIOD: Final = 1.0
"""Seconds that a run has to end after a signal."""


def watch_signals() -> None:
    """Make signals end the run, if this is the main thread and they are not ignored already."""
    wanted = [signal.SIGINT, signal.SIGTERM]
    if sys.platform != "win32":
        wanted.append(signal.SIGHUP)
    handled = [one for one in wanted if signal.getsignal(one) not in (signal.SIG_IGN, None)]
    if not handled or threading.current_thread() is not threading.main_thread():
        return
    for one in handled:
        signal.signal(one, _end)
    if sys.platform == "win32":
        return
    read, write = os.pipe()
    os.set_blocking(write, False)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    # A process that is forked from this one has signals of its own, and none of our files to remove.
    os.register_at_fork(after_in_child=_forget)
    threading.Thread(target=_wait, args=(read, {int(one) for one in handled}), daemon=True).start()


def ignore_interrupts() -> None:
    """Ignore interrupts in the last steps of a run; a thread that hangs can still be ended."""
    for one in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(one) is _end:
            signal.signal(one, signal.SIG_DFL)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    """Raise the exception that ends the run; further signals are ignored."""
    signal.signal(number, signal.SIG_IGN)
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    raise SystemExit(128 + number)


def _forget() -> None:
    signal.set_wakeup_fd(-1)
    for one in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(one) is _end:
            signal.signal(one, signal.SIG_DFL)


def _wait(pipe: int, numbers: set[int]) -> None:
    """Wait for a signal, give the run time to end, and end it."""
    number = 0
    while number not in numbers:
        number = os.read(pipe, 1)[0]
    time.sleep(GRACE_PERIOD)
    # If it was not imported, nothing was written; to import it now would take too long.
    files = sys.modules.get("glocal_rdf.files")
    if files is not None:
        files.remove_unfinished()
    os._exit(128 + number)


def hand_over_signals() -> None:
    """Leave signals to an event loop that handles them itself: it ends the run in its own time."""
    if threading.current_thread() is threading.main_thread() and sys.platform != "win32":
        signal.set_wakeup_fd(-1)
