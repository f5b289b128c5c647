"""What the server's own process leaves behind: no image of its memory, should it crash."""

from __future__ import annotations


def no_core_files() -> None:
    """Never write this process's memory, or a worker's, to disk when it crashes: it holds participants' data.

    A system that hands crashes to a program instead of a file (``|`` in ``/proc/sys/kernel/core_pattern``) may not ask
    for this limit: docs/deploy.md.
    """
    try:
        import resource
    except ImportError:  # Windows writes none by itself
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
