"""Let a Python process reach this machine only.

Python imports `sitecustomize` when it starts. The root conftest.py puts this folder on PYTHONPATH,
so the kernels of notebooks and the commands that tests start are held to it too.
"""

import socket


class NetworkBlocked(OSError):
    """A test or notebook tried to leave this machine."""


def _is_here(host) -> bool:
    if host is None or isinstance(host, int):  # an interface of this machine, not an address
        return True
    host = host.decode() if isinstance(host, bytes) else host
    names = {"", "localhost", "0.0.0.0", "::", "::1", socket.gethostname()}
    return host in names or host.startswith(("127.", "::ffff:127."))


def _refuse_far(address) -> None:
    # Unix sockets have a path for an address; all others a tuple that starts with the host.
    if isinstance(address, tuple) and not _is_here(address[0]):
        raise NetworkBlocked(f"the network is blocked in tests: {address[0]!r} is not this machine")


def _guard(name: str, position: int) -> None:
    original = getattr(socket.socket, name)

    def guarded(self, *args):
        if len(args) > position or position == -1:
            _refuse_far(args[position])
        return original(self, *args)

    setattr(socket.socket, name, guarded)


def _guard_names() -> None:
    original = socket.getaddrinfo

    def guarded(host, *args, **kwargs):
        if not _is_here(host):
            raise socket.gaierror(socket.EAI_NONAME, f"the network is blocked in tests: {host!r}")
        return original(host, *args, **kwargs)

    socket.getaddrinfo = guarded


if not getattr(socket, "blocked_by_the_workshop", False):
    _guard("connect", 0)
    _guard("connect_ex", 0)
    _guard("sendto", -1)  # (data, address) or (data, flags, address)
    if hasattr(socket.socket, "sendmsg"):
        _guard("sendmsg", 3)  # (buffers, ancillary data, flags, address)
    _guard_names()
    socket.blocked_by_the_workshop = True
