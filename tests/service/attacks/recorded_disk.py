"""Simulates power cuts: replays a program's system calls onto a disk that keeps only what was synced.

The disk is stricter than any real one: content survives as it was when ``fsync`` or ``fdatasync`` began, a
name only through an ``fsync`` of its folder.
"""

import codecs
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

_CALLS = (
    "openat,creat,write,pwrite64,writev,ftruncate,fsync,fdatasync,rename,renameat,renameat2,link,linkat,"
    "unlink,unlinkat,rmdir,mkdir,mkdirat,sendto,sendmsg"
)
_LINE = re.compile(r"^(\d+) +(?:(\w+)\(|<\.\.\. \w+ resumed>)(.*)$", re.DOTALL)
_END = re.compile(r"^(.*)\) += (-?\d+)(?:<([^>]*)>)?(?:\(deleted\)| E[A-Z0-9]+ \([^)]*\))?$", re.DOTALL)
_UNFINISHED = " <unfinished ...>"
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
_FILE = re.compile(r"^\d+<([^>]*)>")
_SYNCS = ("fsync", "fdatasync")


def strace(recording: Path) -> list[str]:
    """Return the strace command to put before the program's; skips the test without strace."""
    if shutil.which("strace") is None:
        pytest.skip("needs Debian's strace")
    options = ["-f", "-qq", "-y", "-x", "-s", "4194304", "--seccomp-bpf", "--signal=none"]
    return ["strace", *options, "-e", f"trace={_CALLS}", "-o", str(recording)]


def kill(process: "subprocess.Popen[Any]") -> None:
    """Send SIGKILL to the recorded program; returns when the recording is complete."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    os.kill(int(children.split()[0]), signal.SIGKILL)
    assert process.wait(60) == -signal.SIGKILL


@dataclass
class _Call:
    thread: str
    name: str
    arguments: str
    result: int | None = None
    """``None`` for a call that has only begun."""
    path: str = ""
    """Of the file that was opened."""

    @property
    def file(self) -> str:
        """Return the path of the first argument, a descriptor."""
        found = _FILE.match(self.arguments)
        return found[1] if found else ""

    @property
    def texts(self) -> list[bytes]:
        found = _TEXT.findall(self.arguments)
        return [codecs.escape_decode(text)[0] for text in found]  # type: ignore[attr-defined]

    @property
    def number(self) -> int:
        """Return the last argument."""
        return int(self.arguments.rpartition(",")[2])


@dataclass
class _File:
    content: bytearray = field(default_factory=bytearray)
    synced: bytes = b""
    is_folder: bool = False


_State = tuple[_File, bytes] | tuple[str, dict[str, _File]]


class RecordedDisk:
    """The files below ``root``, starting from their present state."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.names: dict[str, _File] = {}
        for path in root.rglob("*"):
            content = b"" if path.is_dir() else path.read_bytes()
            self.names[str(path)] = _File(bytearray(content), content, path.is_dir())
        self.synced_names = dict(self.names)
        self._begun: dict[str, _State] = {}

    def replay(self, recording: Path) -> Iterator[list[bytes]]:
        """Replay the recorded calls; yields what each sent or printed, or nothing after a sync."""
        for call in _calls(recording):
            if call.name in _SYNCS:
                if call.result is None:
                    self._begun[call.thread] = self._state(call.file)
                    continue
                begun = self._begun.pop(call.thread) if call.thread in self._begun else None
                self._sync(begun or self._state(call.file))
                yield []
            elif call.result is not None and call.result >= 0:
                if call.name in ("sendto", "sendmsg") or call.arguments.startswith("1<"):
                    yield call.texts
                else:
                    self._apply(call)

    def leave(self, folder: Path) -> Path:
        """Write what a power cut at this point leaves to ``folder``."""
        folder.mkdir()
        for name, file in sorted(self.synced_names.items()):
            path = folder / Path(name).relative_to(self.root)
            if path.parent.is_dir():  # Otherwise its folder is lost, and the file with it.
                path.mkdir() if file.is_folder else path.write_bytes(file.synced)
        return folder

    def _state(self, name: str) -> _State:
        file = self.names.get(name)
        if file is not None and not file.is_folder:
            return file, bytes(file.content)
        return name, {known: x for known, x in self.names.items() if str(Path(known).parent) == name}

    def _sync(self, state: _State) -> None:
        if isinstance(state[0], _File):
            state[0].synced = state[1]  # type: ignore[assignment]
            return
        folder, here = state
        self.synced_names = {
            name: x for name, x in self.synced_names.items() if str(Path(name).parent) != folder
        } | here  # type: ignore[operator]

    def _apply(self, call: _Call) -> None:
        if call.name == "openat":
            if call.path.startswith(f"{self.root}/"):
                self._open(call)
        elif call.name in ("write", "writev", "pwrite64"):
            if (file := self.names.get(call.file)) is not None:
                data = b"".join(call.texts)[: call.result]
                at = call.number if call.name == "pwrite64" else len(file.content)
                file.content.extend(bytes(max(0, at - len(file.content))))
                file.content[at : at + len(data)] = data
        elif call.name == "ftruncate":
            if (file := self.names.get(call.file)) is not None:
                del file.content[call.number :]
                file.content.extend(bytes(call.number - len(file.content)))
        else:
            self._rename([text.decode() for text in call.texts], call.name)

    def _open(self, call: _Call) -> None:
        if "O_CREAT" in call.arguments and call.path not in self.names:
            self.names[call.path] = _File()
        if "O_TRUNC" in call.arguments:
            self.names[call.path].content.clear()

    def _rename(self, paths: list[str], call: str) -> None:
        if not paths[-1].startswith(f"{self.root}/"):
            return
        if call.startswith("mkdir"):
            self.names[paths[0]] = _File(is_folder=True)
        elif call.startswith("link"):
            self.names[paths[1]] = self.names[paths[0]]
        elif call.startswith("rename"):
            below = [name for name in self.names if name.startswith(f"{paths[0]}/")]
            for name in (paths[0], *below):
                self.names[paths[1] + name.removeprefix(paths[0])] = self.names.pop(name)
        else:
            self.names.pop(paths[0], None)


def _calls(recording: Path) -> Iterator[_Call]:
    begun: dict[str, tuple[str, str]] = {}
    with recording.open(encoding="ascii", errors="replace", newline="\n") as lines:
        for line in lines:
            found = _LINE.match(line.rstrip("\n"))
            if found is None:
                continue
            thread, name, rest = found.groups()
            if rest.endswith(_UNFINISHED):
                begun[thread] = name, rest.removesuffix(_UNFINISHED)
                yield _Call(thread, *begun[thread])
                continue
            if name is None:
                name, head = begun.pop(thread)
                rest = head + rest
            if (end := _END.match(rest)) is not None:
                yield _Call(thread, name, end[1], int(end[2]), end[3] or "")
