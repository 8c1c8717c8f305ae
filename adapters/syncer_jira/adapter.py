"""The contract's methods for Jira Cloud; no HTTP and no JSON of the wire beyond what a verb must say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from pydantic import BaseModel, Field, field_validator

from syncer.adapter import Can, Secret, Traits
from syncer.errors import NotFoundError, RejectedError
from syncer.record import (
    Account,
    Batch,
    Change,
    CollectionInfo,
    Cursor,
    Draft,
    Gone,
    GoneKind,
    Health,
    Lookup,
    Raw,
    Record,
    Ref,
    Schema,
    Tag,
)
from syncer.transport import Transport
from syncer_jira.catalogue import Catalogue, read_catalogue
from syncer_jira.client import SYSTEM, JiraClient
from syncer_jira.wire import PROPERTY, REMOVED, normal_value, read_issue, write_changes, write_tag, write_value

OVERLAP = timedelta(minutes=5)
"""The search index runs seconds to minutes behind (Jira REST v3, search/jql is eventually consistent)."""

FIND_LAG = 120.0
BULK = 100
"""Issues one bulkfetch takes (Jira REST v3, POST /issue/bulkfetch)."""

MARGIN = timedelta(minutes=10)
"""How far our clock and the vendor's may stand apart when we look for what we created."""

PERMISSIONS = ("BROWSE_PROJECTS", "CREATE_ISSUES", "EDIT_ISSUES", "TRANSITION_ISSUES")
RECORD_ITSELF = ("issuetype", "project", "security", "status", "labels", "created", "updated")


class ConnectionSettings(BaseModel, extra="forbid"):
    """How to reach a Jira Cloud site."""

    url: str = Field(description="The site, https://NAME.atlassian.net, or its gateway address for a scoped token")
    user: str = Field(description="The e-mail address of the account")
    token: Secret = Field(description="Where the account's API token is kept")
    site: str = Field(default="", description="The site for links people follow, where `url` is the gateway")

    @field_validator("url")
    @classmethod
    def _is_web(cls, value: str) -> str:
        if not re.match(r"https?://[^/]", value):
            raise ValueError("must begin with https://")
        return value.rstrip("/")


class CollectionSettings(BaseModel, extra="forbid"):
    """Which issues take part."""

    project: str = Field(description="The project's key")
    jql: str = Field(default="", description="A further JQL clause that issues must meet to take part")
    types: list[str] = Field(default_factory=list, description="Names or ids of issue types; empty for all")
    archive_status: str = Field(default="", description="Name or id of the status of removed issues; empty: a label")
    notify: bool = Field(default=True, description="Let Jira e-mail people about our edits; off needs project admin")

    @field_validator("project")
    @classmethod
    def _is_key(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9_]+", value):
            raise ValueError("must be a project key, like ABC")
        return value

    @field_validator("jql")
    @classmethod
    def _is_clause(cls, value: str) -> str:
        if re.search(r"\border\s+by\b", value, re.I):
            raise ValueError("must be a clause without ORDER BY")
        return value


class JiraSystem:
    """Jira Cloud, as `syncer.adapter.System`."""

    name: ClassVar[str] = SYSTEM
    title: ClassVar[str] = "Jira Cloud"
    ConnectionSettings: ClassVar[type[BaseModel]] = ConnectionSettings
    CollectionSettings: ClassVar[type[BaseModel]] = CollectionSettings

    @staticmethod
    def connect(settings: Any, secrets: Mapping[str, str], transport: Transport) -> JiraConnection:
        """See System."""
        return JiraConnection(settings, JiraClient(settings.url, settings.user, secrets["token"], transport))


class JiraConnection:
    """One account at one site, as `syncer.adapter.Connection`."""

    def __init__(self, settings: ConnectionSettings, client: JiraClient) -> None:
        self._settings, self._client = settings, client

    def check(self) -> Health:
        """See Connection."""
        me = self._client.get("myself")
        asked = self._client.get("mypermissions", {"permissions": ",".join(PERMISSIONS)})["permissions"]
        missing = tuple(p for p in PERMISSIONS if not asked.get(p, {}).get("havePermission"))
        detail = f"{self._settings.url}, account {me['accountId']}, time zone {me.get('timeZone', 'unknown')}"
        return Health(str(me.get("displayName") or self._settings.user), detail, missing_permissions=missing)

    def people(self) -> Sequence[Account]:
        """See Connection. A page may be short because it is filtered after it is cut: only an empty one is the last."""
        found: list[Account] = []
        start = 0
        while page := self._client.get("users/search", {"startAt": start, "maxResults": 1000}):
            start += 1000
            found += [
                Account(
                    u["accountId"], u.get("displayName", ""), u.get("emailAddress") or "", bool(u.get("active", True))
                )
                for u in page
                if u.get("accountType", "atlassian") == "atlassian"
            ]
        return found

    def collections(self) -> Sequence[CollectionInfo]:
        """See Connection."""
        projects = self._client.paged("project/search", "values")
        return [CollectionInfo(f"{p['name']} ({p['key']})", {"project": p["key"]}) for p in projects]

    def open(self, settings: Any) -> JiraAdapter:
        """See Connection."""
        return JiraAdapter(self._client, settings, self._settings.site or self._settings.url)

    def close(self) -> None:
        """See Connection."""
        self._client.close()


class JiraAdapter:
    """The issues of one project, as `syncer.adapter.Adapter`."""

    def __init__(self, client: JiraClient, settings: CollectionSettings, site: str = "") -> None:
        self._client, self._settings, self._site = client, settings, site
        self._found: Catalogue | None = None
        self._tags: dict[Ref, Tag] = {}

    @property
    def traits(self) -> Traits:
        """See Adapter."""
        can = Can.ALL & ~Can.TELLS_EDITOR
        gap = "Jira has no conditional write: an edit made between our last read and our write is overwritten"
        return Traits(can, find_lag=FIND_LAG, gap=gap, sends_notifications=self._settings.notify)

    def schema(self) -> Schema:
        """See Adapter."""
        return self._catalogue().schema

    def list(self, since: Cursor | None = None) -> Iterator[Batch]:
        """See Adapter."""
        moment = int(since) if since is not None and since.isdigit() else None
        clauses = [self._scope()]
        if moment is not None:
            clauses.append(f"updated >= {moment}")
        order = "key ASC" if moment is None else "updated ASC, key ASC"
        jql = f"{' AND '.join(clauses)} ORDER BY {order}"
        started: datetime | None = None
        notes: list[str] = []
        for page in self._client.search(jql, self._wanted(None), [PROPERTY]):
            started = started or self._client.served
            notes += [f"jira: {warning}" for warning in page.get("warnings") or ()]
            records = tuple(self._record(issue) for issue in page["issues"])
            if page.get("nextPageToken"):
                yield Batch(records)
                continue
            # a warning can mean that rows are missing: then nothing may be concluded from this listing
            well = not notes
            cursor = Cursor(str(int((started - OVERLAP).timestamp() * 1000))) if well else None
            yield Batch(records, complete=well and moment is None, cursor=cursor, notes=tuple(notes))

    def get(self, refs: Sequence[Ref], fields: Set[str] | None = None) -> Mapping[Ref, Record | Gone]:
        """See Adapter."""
        found: dict[Ref, Record | Gone] = {}
        for start in range(0, len(refs), BULK):
            body = {
                "issueIdsOrKeys": list(refs[start : start + BULK]),
                "fields": self._wanted(fields),
                "properties": [PROPERTY],
            }
            for issue in self._client.post("issue/bulkfetch", body)["issues"]:
                found[Ref(str(issue["id"]))] = self._record(issue, fields)
        for ref in refs:
            if ref not in found:
                found[ref] = self._alone(ref, fields)
        return found

    def find(self, tags: Sequence[Tag], since: datetime) -> Lookup:
        """See Adapter. Jira cannot search a property of ours: what we created since then is read through."""
        moment = int((since.astimezone(UTC) - MARGIN).timestamp() * 1000)
        jql = (
            f'project = "{self._settings.project}" AND creator = currentUser() AND created >= {moment} ORDER BY key ASC'
        )
        found: dict[Tag, Record] = {}
        warned = False
        for page in self._client.search(jql, self._wanted(None), [PROPERTY]):
            warned = warned or bool(page.get("warnings"))
            for issue in page["issues"]:
                record = self._record(issue)
                if record.tag in tags and record.tag is not None:
                    found[record.tag] = record
        return Lookup(found, proves_absence=not warned)

    def create(self, draft: Draft) -> Record:
        """See Adapter."""
        known = self._catalogue().types[draft.type]
        carried = {f: v for f, v in draft.fields.items() if f in known and known[f].spec.on_create and v is not None}
        fields = {f: write_value(known[f], v) for f, v in carried.items()}
        fields |= {"project": {"key": self._settings.project}, "issuetype": {"id": draft.type}}
        made = self._client.post(
            "issue", {"fields": fields, "properties": [{"key": PROPERTY, "value": write_tag(draft.tag)}]}
        )
        return self._read(Ref(str(made["id"])))

    def groups(self, fields: Set[str]) -> Sequence[frozenset[str]]:
        """See Adapter: a status is changed by a transition, on its own."""
        alone = frozenset(fields & {"status"})
        return [group for group in (frozenset(fields) - alone, alone) if group]

    def update(self, ref: Ref, record_type: str, changes: Mapping[str, Change]) -> Record:
        """See Adapter."""
        if "status" in changes:
            self._move(ref, str(changes["status"].now))
            return self._read(ref)
        known = self._catalogue().types.get(record_type, self._catalogue().every)
        return self._put(ref, write_changes(known, changes))

    def archive(self, ref: Ref) -> None:
        """See Adapter: a status, where the collection names one, else a label. Never a deletion."""
        if status := self._archive_status():
            self._move(ref, status)
        else:
            self._put(ref, {"update": {"labels": [{"add": REMOVED}]}})

    def restore(self, ref: Ref) -> Record:
        """See Adapter: back to the status before, or the label off."""
        status = self._archive_status()
        if not status:
            return self._put(ref, {"update": {"labels": [{"remove": REMOVED}]}})
        for entry in reversed(self._client.paged(f"issue/{ref}/changelog", "values")):
            for item in entry["items"]:
                if item.get("fieldId", item["field"]) == "status" and str(item["to"]) == status:
                    self._move(ref, str(item["from"]))
                    return self._read(ref)
        raise RejectedError("the status before the removal is not known", fields={"status": ""}, system=SYSTEM, ref=ref)

    def mark(self, ref: Ref, tag: Tag) -> Ref:
        """See Adapter."""
        self._client.put(f"issue/{ref}/properties/{PROPERTY}", write_tag(tag, ref))
        self._tags[ref] = tag
        return ref

    def normal(self, field: str, raw: Raw) -> Raw:
        """See Adapter."""
        known = self._catalogue().every.get(field)
        return normal_value(known, raw) if known else raw

    def _catalogue(self) -> Catalogue:
        if self._found is None:
            self._found = read_catalogue(self._client, self._settings.project, self._settings.types)
        return self._found

    def _scope(self) -> str:
        clauses = [f'project = "{self._settings.project}"']
        if self._settings.types:
            clauses.append(f"issuetype in ({', '.join(sorted(self._catalogue().types))})")
        if self._settings.jql:
            clauses.append(f"({self._settings.jql})")
        return " AND ".join(clauses)

    def _wanted(self, fields: Set[str] | None) -> list[str]:  # type: ignore[valid-type]
        every = self._catalogue().every
        asked = every.keys() if fields is None else fields & every.keys()
        return sorted({*asked, *RECORD_ITSELF})

    def _archive_status(self) -> str:
        wanted = self._settings.archive_status
        if not wanted:
            return ""
        status = self._catalogue().every["status"].spec
        for fields in self._catalogue().types.values():
            for option in fields["status"].spec.options:
                if wanted in (option.id, option.name):
                    return option.id
        raise RejectedError(f"no status {wanted!r} in the project", fields={status.id: ""}, system=SYSTEM)

    def _record(self, issue: Mapping[str, Any], fields: Set[str] | None = None) -> Record:
        catalogue = self._catalogue()
        shown = issue.get("fields") or {}
        kind = str((shown.get("issuetype") or {}).get("id", ""))
        known = catalogue.types.get(kind, catalogue.every)
        if fields is not None:
            known = {f: x for f, x in known.items() if f in fields}
        record = read_issue(issue, known, site=self._site, archive_status=self._archive_status())
        project = shown.get("project") or {}
        outside = bool(project) and self._settings.project not in (project.get("key"), project.get("id"))
        outside = outside or bool(self._settings.types and kind not in catalogue.types)
        if "properties" not in issue:
            # the answer to a write does not carry properties: the tag is the one we read last
            return replace(record, outside=outside, tag=self._tags.get(record.ref))
        if record.tag is not None:
            self._tags[record.ref] = record.tag
        else:
            self._tags.pop(record.ref, None)
        return replace(record, outside=outside)

    def _read(self, ref: Ref, fields: Set[str] | None = None) -> Record:
        params = {"fields": ",".join(self._wanted(fields)), "properties": PROPERTY}
        return self._record(self._client.get(f"issue/{ref}", params), fields)

    def _alone(self, ref: Ref, fields: Set[str] | None) -> Record | Gone:
        """A bulk read leaves out what it cannot show, without saying why: ask for that one."""
        try:
            return self._read(ref, fields)
        except NotFoundError:
            return Gone(ref, GoneKind.HIDDEN, "deleted, or hidden from this account")

    def _put(self, ref: Ref, body: Mapping[str, Any]) -> Record:
        params = {} if self._settings.notify else {"notifyUsers": "false"}
        if ref not in self._tags:
            self._client.put(f"issue/{ref}", body, params)
            return self._read(ref)
        answer = self._client.put(f"issue/{ref}", body, {**params, "returnIssue": "true"})
        return self._record(answer) if answer else self._read(ref)

    def _move(self, ref: Ref, status: str) -> None:
        """Change the status by the transition that leads to it: names repeat and are translated, ids do not."""
        params = {"expand": "transitions.fields"}
        ways = self._client.get(f"issue/{ref}/transitions", params)["transitions"]
        ways = [w for w in ways if w.get("isAvailable", True)]
        fitting = [w for w in ways if str(w["to"]["id"]) == status]
        if not fitting:
            names = {o.id: o.name for f in self._catalogue().types.values() for o in f["status"].spec.options}
            reachable = ", ".join(sorted(str(w["to"]["name"]) for w in ways)) or "nothing"
            told = f"no transition to {names.get(status, status)}; reachable: {reachable}"
            raise RejectedError(f"jira: issue {ref}: {told}", fields={"status": told}, system=SYSTEM, ref=ref)
        way = min(fitting, key=lambda w: len(_required(w)))
        if needs := _required(way):
            told = f"the transition {way['name']!r} asks for {', '.join(needs)}"
            raise RejectedError(f"jira: issue {ref}: {told}", fields={"status": told}, system=SYSTEM, ref=ref)
        self._client.post(f"issue/{ref}/transitions", {"transition": {"id": way["id"]}})


def _required(way: Mapping[str, Any]) -> list[str]:
    fields = way.get("fields") or {}
    return [str(f.get("name", k)) for k, f in fields.items() if f.get("required") and not f.get("hasDefaultValue")]
