"""A subtree of our own in every cgroup hierarchy: the host's limits hold, and one list names all our processes."""

import contextlib
import os
import pathlib

ROOT = "lab-account"


def hierarchies():
    """Folders of the cgroup that this process is in, one per mounted hierarchy."""
    mounts = {}
    with open("/proc/self/mountinfo", encoding="ascii") as file:
        for line in file:
            fields = line.split()
            kind = fields[fields.index("-") + 1]
            options = fields[fields.index("-") + 3].split(",")
            if kind == "cgroup2":
                mounts[""] = (fields[3], fields[4])
            elif kind == "cgroup":
                for option in options:
                    mounts[option] = (fields[3], fields[4])
    found = []
    only_v2 = set(mounts) == {""}
    with open("/proc/self/cgroup", encoding="ascii") as file:
        for line in file:
            _, controllers, path = line.rstrip("\n").split(":", 2)
            name = controllers.split(",")[0]
            if name not in mounts:
                continue
            root, point = mounts[name]
            # Version 2 allows processes in a leaf only, except at the root; under the root a leaf is always possible.
            inner = "" if only_v2 else os.path.relpath(path, root)
            found.append(pathlib.Path(point, inner))
    return found


def make(parents, name, hands_down=False):
    """Makes a child cgroup in every hierarchy. One that hands its controllers down holds no processes in version 2."""
    children = []
    for parent in parents:
        child = parent / name
        child.mkdir(exist_ok=True)
        for file in ("cpuset.cpus", "cpuset.mems"):
            # A new cpuset of version 1 is empty, and nothing can run in it.
            if (child / file).exists() and not (child / "cgroup.controllers").exists():
                (child / file).write_text((parent / file).read_text())
        if hands_down and (child / "cgroup.subtree_control").exists():
            for controller in (child / "cgroup.controllers").read_text().split():
                # A controller that cannot be handed down is the host's decision.
                with contextlib.suppress(OSError):
                    (child / "cgroup.subtree_control").write_text("+" + controller)
        children.append(child)
    return children


def move_in(folders):
    for folder in folders:
        (folder / "cgroup.procs").write_text(str(os.getpid()))


def processes(folders):
    """Every process below these cgroups."""
    found = set()
    for folder in folders:
        for path in folder.rglob("cgroup.procs"):
            try:
                found.update(int(pid) for pid in path.read_text().split())
            except OSError:
                continue
    return found


def remove(folders):
    """Removes cgroups that have no processes left, innermost first."""
    for folder in folders:
        for path, _, _ in os.walk(folder, topdown=False):
            try:
                os.rmdir(path)
            except FileNotFoundError:
                continue
