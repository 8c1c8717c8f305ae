"""The contract's methods for Jira Cloud; no HTTP and no JSON of the wire beyond what a verb must say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel

from syncer.adapter import EVER, NO_MEMORY, Can, Memory, Traits
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
from syncer_jira.client import SYSTEM, JiraClient
from syncer_jira.fields import Field
from syncer_jira.history import EXPAND, Histories, overwritten
from syncer_jira.issues import Issues
from syncer_jira.settings import CollectionSettings, ConnectionSettings
from syncer_jira.wire import PROPERTY, REMOVED, normal_value, write_changes, write_tag, write_value
from syncer_jira.workflow import before, move

__all__ = ["CollectionSettings", "ConnectionSettings", "JiraAdapter", "JiraConnection", "JiraSystem"]

T = TypeVar("T")

OVERLAP = timedelta(minutes=5)
"""The search index runs seconds to minutes behind (Jira REST v3, search/jql is eventually consistent)."""

FIND_LAG = 120.0
BULK = 100
"""Issues one bulkfetch takes (Jira REST v3, POST /issue/bulkfetch)."""

MARGIN = timedelta(minutes=10)
"""How far our clock and the vendor's may stand apart when we look for what we created."""

PERMISSIONS = ("BROWSE_PROJECTS", "CREATE_ISSUES", "EDIT_ISSUES", "TRANSITION_ISSUES")


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

    def open(self, settings: Any, memory: Memory = NO_MEMORY) -> JiraAdapter:
        """See Connection."""
        return JiraAdapter(self._client, settings, self._settings.site or self._settings.url, memory)

    def close(self) -> None:
        """See Connection."""
        self._client.close()


class JiraAdapter:
    """The issues of one project, as `syncer.adapter.Adapter`."""

    def __init__(
        self, client: JiraClient, settings: CollectionSettings, site: str = "", memory: Memory = NO_MEMORY
    ) -> None:
        self._client, self._settings = client, settings
        self._issues = Issues(client, settings, site, memory)
        self._histories = Histories()

    @property
    def traits(self) -> Traits:
        """See Adapter."""
        can = Can.ALL & ~Can.TELLS_EDITOR
        gap = (
            "Jira has no conditional write: an edit made between our last read and our write is overwritten, found in "
            "the issue's history, put back and held as a conflict; of a text with formatting only its words come back"
        )
        return Traits(can, find_lag=FIND_LAG, gap=gap, sends_notifications=self._settings.notify)

    def schema(self) -> Schema:
        """See Adapter."""
        return self._issues.refresh().schema

    def list(self, since: Cursor | None = None) -> Iterator[Batch]:
        """See Adapter. What changed is listed whether or not it meets the filter: an edit may have led out of it."""
        moment = int(since) if since is not None and since.isdigit() else None
        clauses, order = [self._issues.project()], "key ASC"
        if moment is not None:
            clauses, order = [*clauses, f"updated >= {moment}"], "updated ASC, key ASC"
        elif filter := self._issues.filter():
            clauses.append(filter)
        jql = f"{' AND '.join(clauses)} ORDER BY {order}"
        started: datetime | None = None
        notes: list[str] = []
        for page in self._client.search(jql, self._issues.wanted(None), [PROPERTY]):
            started = started or self._client.served
            notes += [f"jira: {warning}" for warning in page.get("warnings") or ()]
            records = tuple(self._issues.record(issue) for issue in page["issues"])
            records = self._issues.sifted(records) if moment is not None else records
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
            part = refs[start : start + BULK]
            body = {"issueIdsOrKeys": list(part), "fields": self._issues.wanted(fields), "properties": [PROPERTY]}
            if len(part) == 1 and fields is not None:
                # some fields of one record are read to be written: what is in its history now was not overwritten
                body["expand"] = [EXPAND]
            issues = self._client.post("issue/bulkfetch", body)["issues"]
            for issue in issues:
                self._histories.note(issue)
            read = {Ref(str(issue["id"])): self._issues.record(issue, fields) for issue in issues}
            alone = {ref: self._alone(ref, fields) for ref in part if ref not in read}
            found |= {ref: answer for ref, answer in alone.items() if isinstance(answer, Gone)}
            read |= {ref: answer for ref, answer in alone.items() if isinstance(answer, Record)}
            found |= dict(zip(read, self._issues.sifted([*read.values()]), strict=True))
        return found

    def find(self, tags: Sequence[Tag], since: datetime) -> Lookup:
        """See Adapter. Jira cannot search a property of ours: what we created since then is read through."""
        clauses = [self._issues.project()]
        if since > EVER:
            moment = int((since.astimezone(UTC) - MARGIN).timestamp() * 1000)
            clauses += ["creator = currentUser()", f"created >= {moment}"]
        jql = f"{' AND '.join(clauses)} ORDER BY key ASC"
        found: dict[Tag, Record] = {}
        warned = False
        for page in self._client.search(jql, self._issues.wanted(None), [PROPERTY]):
            warned = warned or bool(page.get("warnings"))
            for issue in page["issues"]:
                record = self._issues.record(issue)
                if record.tag in tags and record.tag is not None:
                    found[record.tag] = record
        return Lookup(found, proves_absence=not warned)

    def create(self, draft: Draft) -> Record:
        """See Adapter."""
        tag = [{"key": PROPERTY, "value": write_tag(draft.tag)}]

        def body() -> dict[str, Any]:
            known = self._issues.known().types.get(draft.type, {})
            carried = [f for f, v in draft.fields.items() if f in known and known[f].spec.on_create and v is not None]
            fields = {f: write_value(known[f], draft.fields[f]) for f in carried}
            fields |= {"project": {"key": self._settings.project}, "issuetype": {"id": draft.type}}
            return {"fields": fields, "properties": tag}

        made = self._written(body, lambda ready: self._client.post("issue", ready))
        return self._shown(self._read(Ref(str(made["id"]))))

    def groups(self, fields: Set[str]) -> Sequence[frozenset[str]]:
        """See Adapter: a status is changed by a transition, on its own."""
        alone = frozenset(fields & {"status"})
        return [group for group in (frozenset(fields) - alone, alone) if group]

    def update(self, ref: Ref, record_type: str, changes: Mapping[str, Change]) -> Record:
        """See Adapter."""

        def known() -> Mapping[str, Field]:
            return self._issues.known().types.get(record_type, self._issues.known().every)

        if "status" in changes:
            issue = self._moved(ref, str(changes["status"].now))
        else:
            issue = self._written(lambda: write_changes(known(), changes), lambda ready: self._put(ref, ready))
        lost = overwritten(known(), changes, self._histories.gap(issue), self._client.account)
        return replace(self._shown(issue), overwritten=lost)

    def archive(self, ref: Ref) -> None:
        """See Adapter: a status, where the collection names one, else a label. Never a deletion."""
        if status := self._issues.archive_status():
            move(self._client, ref, status, self._issues.known().statuses())
        else:
            self._put(ref, {"update": {"labels": [{"add": REMOVED}]}})

    def restore(self, ref: Ref) -> Record:
        """See Adapter: back to the status before, or the label off."""
        if status := self._issues.archive_status():
            return self._shown(self._moved(ref, before(self._client, ref, status)))
        return self._shown(self._put(ref, {"update": {"labels": [{"remove": REMOVED}]}}))

    def mark(self, ref: Ref, tag: Tag) -> Ref:
        """See Adapter."""
        self._client.put(f"issue/{ref}/properties/{PROPERTY}", write_tag(tag, ref))
        self._issues.tag(ref, tag)
        return ref

    def normal(self, field: str, raw: Raw) -> Raw:
        """See Adapter."""
        known = self._issues.known().every.get(field)
        return normal_value(known, raw) if known else raw

    def _read(self, ref: Ref, fields: Set[str] | None = None) -> Any:
        params = {"fields": ",".join(self._issues.wanted(fields)), "properties": PROPERTY, "expand": EXPAND}
        return self._client.get(f"issue/{ref}", params)

    def _shown(self, issue: Mapping[str, Any], fields: Set[str] | None = None) -> Record:
        self._histories.note(issue)
        return self._issues.record(issue, fields)

    def _alone(self, ref: Ref, fields: Set[str] | None) -> Record | Gone:
        """A bulk read leaves out what it cannot show, without saying why: ask for that one."""
        try:
            return self._shown(self._read(ref, fields), fields)
        except NotFoundError:
            return Gone(ref, GoneKind.HIDDEN, "deleted, or hidden from this account")

    def _written(self, body: Callable[[], dict[str, Any]], send: Callable[[dict[str, Any]], T]) -> T:
        """Send a body; where a field of it is refused, look whether the schema has moved on and ask for another body.

        Nothing was written by a request that was refused, so the second one doubles nothing.
        """
        ready = None
        try:
            ready = body()
            return send(ready)
        except RejectedError as error:
            if not error.fields or self._issues.live:
                raise
            self._issues.refresh()
            if (anew := body()) == ready:
                raise
            return send(anew)

    def _put(self, ref: Ref, body: Mapping[str, Any]) -> Any:
        params = {} if self._settings.notify else {"notifyUsers": "false"}
        if not self._issues.tagged(ref):
            self._client.put(f"issue/{ref}", body, params)
            return self._read(ref)
        return self._client.put(
            f"issue/{ref}", body, {**params, "returnIssue": "true", "expand": EXPAND}
        ) or self._read(ref)

    def _moved(self, ref: Ref, status: str) -> Any:
        move(self._client, ref, status, self._issues.known().statuses())
        return self._read(ref)
