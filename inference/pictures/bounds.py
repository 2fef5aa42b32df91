"""Bounds on what a child process that decodes pictures may use."""

MEMORY = 4 * 2**30
"""Bytes of address space, most of which the libraries reserve and never touch."""


def bound_process() -> None:
    """Limit this process's memory, and forbid it to write files and core dumps."""
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
