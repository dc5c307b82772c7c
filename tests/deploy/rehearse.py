"""Build the Dockerfile without a Docker engine: every step runs for real, over this machine's own system.

No engine and no registry of images is needed: in place of a base image stands this machine's Debian, under an overlay
that takes all writes, in a mount namespace that ends with the process. So the commands, the copies, the rights and the
user are proven; the base images are not.

``rehearse.py DOCKERFILE CHECK``: builds the last stage, then runs CHECK (a shell script) in it, as its user and with
its variables, its root file system read-only but for its volumes and /tmp. Needs root and ``unshare``.
"""

from __future__ import annotations

import fnmatch
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

SYSTEM = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "DEBIAN_FRONTEND": "noninteractive",
    "NEEDRESTART_SUSPEND": "1",
}
"""Variables at the begin of every stage."""


@dataclass
class Stage:
    """One stage: where its files are, and what its instructions have set."""

    root: Path
    directory: str = "/"
    user: str = "root"
    volumes: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=SYSTEM.copy)

    def run(self, command: str) -> None:
        """Run a shell command inside, and stop the rehearsal where it fails."""
        words = ["chroot", f"--userspec={self.user}", str(self.root), "/bin/sh", "-ec"]
        done = subprocess.run([*words, f"cd {self.directory}; {command}"], env=self.variables, check=False)
        if done.returncode:
            sys.exit(f"rehearsal: exit status {done.returncode} of: {command}")

    def path(self, inside: str) -> Path:
        """Return where a path of the stage lies outside of it."""
        return self.root / os.path.normpath(os.path.join(self.directory, inside)).lstrip("/")  # noqa: PTH118  # inner paths


def mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True)


def new_stage(folder: Path) -> Stage:
    """Return a stage over this machine's system; ``python`` is Debian's."""
    for name in ("upper", "work", "root"):
        (folder / name).mkdir(parents=True)
    root = folder / "root"
    mount("-t", "overlay", "overlay", "-o", f"lowerdir=/,upperdir={folder}/upper,workdir={folder}/work", str(root))
    mount("--rbind", "/dev", str(root / "dev"))
    mount("--rbind", "/proc", str(root / "proc"))
    for name in ("python", "python3"):
        link = root / "usr/local/bin" / name
        link.unlink(missing_ok=True)
        link.symlink_to("/usr/bin/python3")
    return Stage(root)


def instructions(file: Path) -> list[tuple[str, str]]:
    """Return the Dockerfile's instructions with their arguments, lines that go on joined."""
    text = "\n".join(line for line in file.read_text().splitlines() if not line.lstrip().startswith("#"))
    lines = text.replace("\\\n", " ").splitlines()
    return [(word.upper(), rest.strip()) for word, _, rest in (line.strip().partition(" ") for line in lines) if word]


def ignored(context: Path) -> list[str]:
    return [line.rstrip("/") for line in (context / ".dockerignore").read_text().splitlines() if line.strip()]


def copy_tree(source: Path, target: Path, patterns: list[str], context: Path) -> None:
    """Copy a file or a folder's content, without what the patterns name."""

    def left_out(path: Path) -> bool:
        name = path.relative_to(context).as_posix()
        return any(fnmatch.fnmatch(name, p) or fnmatch.fnmatch(name, p.removeprefix("**/")) for p in patterns)

    if source.is_dir():
        shutil.copytree(
            source,
            target,
            symlinks=True,
            dirs_exist_ok=True,
            ignore=lambda folder, names: {name for name in names if patterns and left_out(Path(folder) / name)},
        )
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target / source.name if target.is_dir() else target)


def build(file: Path, folder: Path) -> Stage:
    """Run all stages; return the last one."""
    stages: dict[str, Stage] = {}
    stage: Stage | None = None
    for word, rest in instructions(file):
        print(f"rehearsal: {word} {rest}", flush=True)
        if word == "FROM":
            name = rest.partition(" AS ")[2] or "last"
            stage = stages[name] = new_stage(folder / name)
        elif stage is None:
            sys.exit(f"rehearsal: {word} before FROM")
        elif word == "COPY":
            copy(shlex.split(rest), stage, stages, file.parent)
        else:
            STEPS[word](stage, rest)
    assert stage is not None
    return stage


def copy(words: list[str], stage: Stage, stages: dict[str, Stage], context: Path) -> None:
    other = stages[words.pop(0).removeprefix("--from=")] if words[0].startswith("--from=") else None
    *sources, target = words
    for source in sources:
        place = other.path(source) if other else context / source
        copy_tree(place, stage.path(target), [] if other else ignored(context), context)


def set_directory(stage: Stage, rest: str) -> None:
    stage.directory = rest
    stage.path("").mkdir(parents=True, exist_ok=True)


def set_variables(stage: Stage, rest: str) -> None:
    for pair in shlex.split(rest):
        name, _, value = pair.partition("=")
        stage.variables[name] = value.replace("$PATH", stage.variables["PATH"])


def set_check(stage: Stage, rest: str) -> None:
    stage.variables["HEALTHCHECK"] = shlex.join(json.loads(rest[rest.index("CMD") + 3 :]))


STEPS: dict[str, Callable[[Stage, str], object]] = {
    "RUN": Stage.run,
    "WORKDIR": set_directory,
    "ENV": set_variables,
    "USER": lambda stage, rest: setattr(stage, "user", rest),
    "VOLUME": lambda stage, rest: stage.volumes.append(rest),
    "HEALTHCHECK": set_check,
    "EXPOSE": lambda stage, rest: None,
    "ENTRYPOINT": lambda stage, rest: None,
    "CMD": lambda stage, rest: None,
}
"""The instructions the Dockerfile uses; the last three say how the image is started, which CHECK does."""


def freeze(stage: Stage) -> None:
    """Make the stage read-only, but for its volumes and /tmp, as docker-compose.yml does."""
    for inside in [*stage.volumes, "/tmp"]:  # of the stage
        found = stage.path(inside).stat()
        rights = f"mode={found.st_mode & 0o7777:o},uid={found.st_uid},gid={found.st_gid}"
        mount("-t", "tmpfs", "-o", rights, "tmpfs", str(stage.path(inside)))
    mount("-o", "remount,ro", str(stage.root))


def main() -> None:
    file, check = Path(sys.argv[1]).resolve(), sys.argv[2]
    if "ARGUS_REHEARSAL" not in os.environ:
        os.environ["ARGUS_REHEARSAL"] = tempfile.mkdtemp(prefix="argus-rehearsal-")
        try:
            done = subprocess.run(["unshare", "--mount", sys.executable, *sys.argv], check=False)
        finally:
            shutil.rmtree(os.environ["ARGUS_REHEARSAL"], ignore_errors=True)
        sys.exit(done.returncode)
    stage = build(file, Path(os.environ["ARGUS_REHEARSAL"]))
    freeze(stage)
    stage.run(check)


if __name__ == "__main__":
    main()
