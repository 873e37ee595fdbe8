"""A network and mounts of this process' own: ports and paths that a document fixes are free here."""

import ctypes
import fcntl
import os
import socket
import struct
import subprocess

# linux/sched.h, linux/sockios.h, linux/if.h
CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWNET = 0x00020000, 0x10000000, 0x40000000
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1


def enter():
    """Before any thread starts. Raises OSError where the system does not allow it."""
    user, group = os.getuid(), os.getgid()
    flags = CLONE_NEWNS | CLONE_NEWNET | (CLONE_NEWUSER if user != 0 else 0)
    if ctypes.CDLL(None, use_errno=True).unshare(flags) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    if user != 0:
        for path, line in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
            with open(f"/proc/self/{path}", "w") as file:
                file.write(line)
    _mount("--make-rprivate", "/")
    _raise_loopback()


def _raise_loopback():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(any_socket, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | IFF_UP))


def show(folder, below, name):
    """`folder` as `below`/`name`, for this process and its children; what `below` had is hidden."""
    _mount("-t", "tmpfs", "tmpfs", below)
    os.mkdir(f"{below}/{name}")
    _mount("--bind", folder, f"{below}/{name}")


def _mount(*arguments):
    done = subprocess.run(["mount", *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        raise OSError(done.stderr.strip())
