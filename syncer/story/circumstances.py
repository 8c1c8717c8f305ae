"""Who runs something, where, with what and why: kept with the run before it does anything."""

from __future__ import annotations

import getpass
import hashlib
import os
import socket
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from syncer import __version__
from syncer.mapping.config import Config
from syncer.record import canonical_json

ACTOR = "SYNCER_ACTOR"
"""Names who acts, where the operating system's user says little."""

CI_JOBS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("GITHUB_ACTIONS", ("GITHUB_REPOSITORY", "GITHUB_WORKFLOW", "GITHUB_RUN_ID"), ("GITHUB_ACTOR",)),
    ("GITLAB_CI", ("CI_PROJECT_PATH", "CI_JOB_NAME", "CI_JOB_ID"), ("GITLAB_USER_LOGIN",)),
    ("JENKINS_URL", ("BUILD_TAG",), ("BUILD_USER_ID",)),
    ("TF_BUILD", ("BUILD_DEFINITIONNAME", "BUILD_BUILDID"), ("BUILD_REQUESTEDFOR",)),
    ("BUILDKITE", ("BUILDKITE_PIPELINE_SLUG", "BUILDKITE_BUILD_NUMBER"), ("BUILDKITE_BUILD_CREATOR",)),
    ("CIRCLECI", ("CIRCLE_PROJECT_REPONAME", "CIRCLE_JOB", "CIRCLE_BUILD_NUM"), ("CIRCLE_USERNAME",)),
    ("CI", ("CI_JOB", "CI_BUILD_ID"), ()),
)
"""For each build service: the variable that tells it, those that name the job, those that name who started it."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Who ran something, where, with what and why.

    `config` and `mapping` are digests of what decided. `reason` is what a person said; `allowed` are the guards that
    person let pass.
    """

    actor: str
    host: str
    version: str
    config: str
    mapping: str
    trigger: str
    reason: str = ""
    allowed: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return what is kept: what was not said is left out."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items() if v}


def circumstances(
    config: Config,
    *,
    trigger: str = "",
    reason: str = "",
    allowed: Collection[str] = (),
    environment: Mapping[str, str] | None = None,
) -> Circumstances:
    """Return who runs this now, where, and with what. Without a `trigger` it is a build's job, or a command."""
    known = os.environ if environment is None else environment
    job = ci_job(known)
    return Circumstances(
        actor=known.get(ACTOR, "").strip() or job or _user(),
        host=socket.gethostname(),
        version=__version__,
        config=config.fingerprint,
        mapping=mapping_hash(config),
        trigger=trigger or ("ci" if job else "command"),
        reason=reason,
        allowed=tuple(sorted(flag.removeprefix("--allow ") for flag in allowed)),
    )


def ci_job(known: Mapping[str, str]) -> str:
    """Return the build's job we run in, and who started it; "" outside of one."""
    for sign, job, people in CI_JOBS:
        if known.get(sign, "").lower() in ("", "false", "0"):
            continue
        named = " ".join(value for name in job if (value := known.get(name)))
        by = next((f" (started by {value})" for name in people if (value := known.get(name))), "")
        return f"ci job {named}".rstrip() + by
    return ""


def mapping_hash(config: Config) -> str:
    """Return a digest of the mappings alone."""
    parts = [[c.name, c.mapping.model_dump(mode="json", by_alias=True)] for c in config.collections.values()]
    return hashlib.blake2b(canonical_json(parts).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"
