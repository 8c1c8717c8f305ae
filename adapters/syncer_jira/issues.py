"""One project's issues: its schema kept at hand, and Jira's answers turned into records with the tag they carry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from typing import Any

from syncer.adapter import Memory
from syncer.errors import RejectedError
from syncer.record import Record, Ref, Tag
from syncer_jira import catalogue
from syncer_jira.catalogue import Catalogue
from syncer_jira.client import SYSTEM, JiraClient
from syncer_jira.history import editors
from syncer_jira.settings import CollectionSettings
from syncer_jira.wire import read_issue

RECORD_ITSELF = ("issuetype", "project", "security", "status", "labels", "created", "updated")


class Issues:
    """Reads issues of one project."""

    def __init__(self, client: JiraClient, settings: CollectionSettings, site: str, memory: Memory) -> None:
        self._client, self._settings, self._site, self._memory = client, settings, site, memory
        self._known: Catalogue | None = None
        self._tags: dict[Ref, Tag] = {}
        self.live = False
        """Whether the schema was read in this very process."""

    def refresh(self) -> Catalogue:
        """Read the schema anew. Raises NotFoundError."""
        self._known = catalogue.read_catalogue(self._client, self._settings.project, self._settings.types)
        self._memory.keep(catalogue.shapes(self._known), self._known.schema)
        self.live = True
        return self._known

    def known(self) -> Catalogue:
        """Return the schema as last read, in this run or in one before."""
        if self._known is None and (kept := self._memory.recall()) is not None:
            self._known = catalogue.restored(kept.value, kept.schema)
        return self._known or self.refresh()

    def project(self) -> str:
        """Return the JQL of the project alone."""
        return f'project = "{self._settings.project}"'

    def filter(self) -> str:
        """Return the JQL that issues of the project must meet to be born, or ""."""
        clauses = []
        if self._settings.types:
            clauses.append(f"issuetype in ({', '.join(sorted(self.known().types))})")
        if self._settings.jql:
            clauses.append(f"({self._settings.jql})")
        return " AND ".join(clauses)

    def wanted(self, fields: Set[str] | None) -> list[str]:
        """Return the fields to ask for."""
        every = self.known().every
        asked = every.keys() if fields is None else fields & every.keys()
        return sorted({*asked, *RECORD_ITSELF})

    def archive_status(self) -> str:
        """Return the id of the status of removed issues, or "" where a label marks them."""
        wanted = self._settings.archive_status
        if not wanted:
            return ""
        for id, name in self.known().statuses().items():
            if wanted in (id, name):
                return id
        raise RejectedError(f"no status {wanted!r} in the project", fields={"status": ""}, system=SYSTEM)

    def record(self, issue: Mapping[str, Any], fields: Set[str] | None = None) -> Record:
        """Return the record of an issue."""
        shown = issue.get("fields") or {}
        kind = str((shown.get("issuetype") or {}).get("id", ""))
        known = self.known().types.get(kind, self.known().every)
        if fields is not None:
            known = {f: x for f, x in known.items() if f in fields}
        record = read_issue(issue, known, site=self._site, archive_status=self.archive_status())
        if fields is not None and (told := editors(known, issue)):
            record = replace(record, editors=told)
        project = shown.get("project") or {}
        outside = bool(project) and self._settings.project not in (project.get("key"), project.get("id"))
        outside = outside or bool(self._settings.types and kind not in self.known().types)
        if "properties" not in issue:
            # the answer to a write does not carry properties: the tag is the one we read last
            return replace(record, outside=outside, tag=self._tags.get(record.ref))
        self.tag(record.ref, record.tag)
        return replace(record, outside=outside)

    def sifted(self, records: Sequence[Record]) -> tuple[Record, ...]:
        """Mark those that do not meet the collection's own JQL, as the index knows them: one request, or none without.

        Jira matches issues against a query by id (REST v3, POST /jql/match), so that a deleted one does no harm.
        """
        inside = [int(r.ref) for r in records if not r.outside]
        if not self._settings.jql or not inside:
            return tuple(records)
        answer = self._client.post("jql/match", {"issueIds": inside, "jqls": [self._settings.jql]})["matches"][0]
        if answer["errors"]:
            raise RejectedError(f"jira: jql: {'; '.join(answer['errors'])}", system=SYSTEM)
        met = {str(id) for id in answer["matchedIssues"]}
        return tuple(r if r.outside or r.ref in met else replace(r, outside=True) for r in records)

    def tag(self, ref: Ref, tag: Tag | None) -> None:
        """Remember the tag that an issue was last seen with."""
        if tag is not None:
            self._tags[ref] = tag
        else:
            self._tags.pop(ref, None)

    def tagged(self, ref: Ref) -> bool:
        """Say whether the issue's tag is known: the answer to a write need not be read again for it."""
        return ref in self._tags
