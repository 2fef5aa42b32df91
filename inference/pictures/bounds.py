"""Resource limits of child processes that decode pictures."""

MEMORY = 4 * 2**30
"""Limit of address space in bytes, most of which the libraries only reserve."""


def bound_process() -> None:
    """Limit this process's memory, and forbid writing files and core dumps."""
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
