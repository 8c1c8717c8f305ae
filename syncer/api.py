"""The typed library. Every command is a thin caller of it.

    import syncer

    with syncer.open("syncer.yaml") as product:
        print(product.check().ok)
        plan = product.plan()
        for action in plan.actions:
            print(action.verb.sign, action.side, action.label)
        done = product.apply(plan)
        print(len(done.report.done), "done,", len(done.plan.held), "held")

Nothing is sent to any system before the first call that needs it. A session is used by one thread.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from syncer.adapter import Adapter, Connection
from syncer.engine import plandoc, resolve
from syncer.engine.apply import Report
from syncer.engine.done import Done
from syncer.engine.observe import Progress
from syncer.engine.plan import Action, Plan, Verb
from syncer.engine.rebuild import Rebuilt
from syncer.engine.run import Engine
from syncer.engine.undo import Undoing
from syncer.errors import (
    AdapterError,
    GuardError,
    PausedError,
    PlanError,
    ReadOnlyError,
    StoreError,
    SyncerError,
    UserError,
)
from syncer.forget import Erasing, Forgetting, elsewhere, former, who
from syncer.learn import Learner
from syncer.lint import Lint, lint
from syncer.mapping.config import Config, load_config
from syncer.mapping.load import nearest
from syncer.mapping.rules import Rules, Value
from syncer.model.kinds import KINDS
from syncer.pause import WHOLE, Pause, asleep, keep, pause, pauses, pauses_in, resume
from syncer.record import Health
from syncer.registry import systems
from syncer.rehearse.play import Play, last_seen, named
from syncer.rehearse.results import Rehearsal
from syncer.rehearse.twin import Twin
from syncer.store.aside import make_room, present
from syncer.store.forget import forget, traces
from syncer.store.forget_side import forget_side, side_traces
from syncer.store.lease import Lease
from syncer.store.pseudonym import pseudonym
from syncer.store.rows import ConflictRow, ItemRow, JournalRow, JournalState, LinkRow, RunRow, RunState
from syncer.store.store import Store
from syncer.store.trim import RULE, begins, trim
from syncer.story.circumstances import circumstances
from syncer.story.desk import Desk, Settled
from syncer.story.reach import known_run
from syncer.story.tell import Deed, export, since_when, story
from syncer.story.waiting import Waiting, waiting
from syncer.story.why import Why, why
from syncer.transport import Bucket, Redactor, Transport

LEASE = 180.0
"""Seconds a lease lives without renewal: longer than the time-out of any request."""

TIMEOUT = 60.0

SOUND = timedelta(hours=24)
"""For how long a state file that was read whole is taken to be sound."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Whom a system would tell of a plan's writes there: how many records, and the people known to be on them."""

    records: int
    people: tuple[str, ...] = ()


@dataclass(slots=True)
class Check:
    """What `check` found: a line per connection and side, and every problem with its position."""

    healths: dict[str, Health] = field(default_factory=dict)
    problems: list[SyncerError] = field(default_factory=list)
    gaps: dict[str, str] = field(default_factory=dict)
    records: dict[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Say whether nothing stands in the way."""
        return not self.problems and not any(h.missing_permissions for h in self.healths.values())


class Session:
    """One product, opened."""

    def __init__(
        self,
        config: Config,
        *,
        progress: Progress | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.config = config
        self.progress = progress
        self._now = now
        self._store: Store | None = None
        self._connections: dict[str, Connection] = {}
        self._transports: dict[str, Transport] = {}
        self._adapters: dict[str, Adapter] = {}
        self._lease: Lease | None = None

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close connections and the store."""
        for connection in self._connections.values():
            connection.close()
        if self._store is not None:
            self._store.close()

    @property
    def store(self) -> Store:
        """The product's memory, made at its first use."""
        if self._store is None:
            self._store = Store.open(self.config.store, self.config.product, now=self._now)
        return self._store

    # looking

    def check(self) -> Check:
        """Log in everywhere, and hold the mappings against the live schemas."""
        found = Check()
        for name in self.config.connections:
            try:
                found.healths[name] = self.connection(name).check()
            except (AdapterError, UserError) as error:
                found.problems.append(error)
        for side, collection in self.config.collections.items():
            if collection.connection not in found.healths:
                continue
            try:
                schema = self._learner.schema(side)
                found.gaps[side] = self.adapter(side).traits.gap
            except (AdapterError, UserError) as error:
                found.problems.append(error)
                continue
            found.problems += self._learner.fitted(side, schema)[1]
        return found

    def plan(self, *, full: bool = False) -> Plan:
        """Observe and decide; write nothing anywhere."""
        return self._engine(full).plan(full=full)

    def notified(self, plan: Plan) -> dict[str, Notice]:
        """Return the sides whose system tells people of changes by itself, and whom it would tell of this plan."""
        found = {}
        for side in dict.fromkeys(action.side for action in plan.actions):
            if not self.adapter(side).traits.sends_notifications:
                continue
            written = [a for a in plan.actions if a.side == side and a.verb is not Verb.LINK]
            known = (plan.decisions[a.item].fields for a in written if a.item in plan.decisions)
            people = {str(fields[role]) for fields in known for role in ("owner", "reporter") if fields.get(role)}
            if written:
                found[side] = Notice(len(written), tuple(sorted(people)))
        return found

    def plan_document(self, plan: Plan) -> dict[str, Any]:
        """Return a plan as JSON, ready to be saved and reviewed."""
        return plandoc.to_json(plan, self._now().isoformat(timespec="seconds"))

    # doing

    def sync(self, *, full: bool = False, allow: Collection[str] = (), trigger: str = "", because: str = "") -> Done:
        """Plan and apply under the guards. What is behind `access: read` is planned for, and not written.

        `trigger` says what started it, `because` why a person did; both are kept with the run.
        Raises GuardError, BusyError; ReadOnlyError where no side may be written.
        """
        self._may_write()
        with self._run("sync", trigger=trigger, because=because, allow=allow) as (lease, run):
            plan, report = self._engine(full).sync(lease, run.id, full=full, allow=allow)
            return self._finish(lease, run, Done(run.id, plan, report))

    def apply(
        self,
        plan: Plan | Mapping[str, Any] | Path | str,
        *,
        allow: Collection[str] = (),
        limit: int | None = None,
        kind: str | None = None,
        item: str | None = None,
        because: str = "",
    ) -> Done:
        """Do what was reviewed, or a part of it: the first `limit` actions, those of a kind, those of an item.

        Every side is read again; an action that would no longer do exactly what was reviewed is skipped and listed.
        Raises PlanError where the plan is not for this product, configuration and state, or is applied already.
        """
        self._may_write()
        document = plandoc.check_document(self._document(plan), self.config.product, self.rules.fingerprint)
        if (before := self.store.applied(document["id"])) is not None:
            raise PlanError(f"this plan was applied already, by run {before}", hint="plan anew: `syncer plan`")
        earlier = set(self.store.memo(f"part:{document['id']}") or ())
        left = [action for action in document["actions"] if action["id"] not in earlier]
        if kind is not None and kind not in KINDS:
            raise UserError(f"no kind is called {kind!r}", hint=nearest(kind, KINDS))
        wanted = _narrow(left, limit, kind, None if item is None else self._meant(item, left))
        reviewed = {action["id"] for action in wanted}
        command = "undo" if document.get("undoes") else "apply"
        with self._run(command, because=because, allow=allow) as (lease, run):
            plan, report = self._done(document, lease, run.id, allow, lambda a: a.id in reviewed)
            now = {a.id for a in plan.actions}
            skipped = [f"{a['verb']} {a['label']} on {a['side']}" for a in wanted if a["id"] not in now]
            if len(wanted) < len(left):
                self.store.put_memo(f"part:{document['id']}", sorted(earlier | {a.id for a in report.done}))
            else:
                with self.store.commit(lease, "applied") as work:
                    work.mark_applied(document["id"], run.id)
            return self._finish(lease, run, Done(run.id, plan, report, skipped))

    def _done(
        self,
        document: Mapping[str, Any],
        lease: Lease,
        run: str,
        allow: Collection[str],
        only: Callable[[Action], bool],
    ) -> tuple[Plan, Report]:
        """Do a reviewed plan, of a sync or of an undo."""
        if undoes := document.get("undoes"):
            return self._engine().undo(lease, run, Undoing(**undoes), only)
        return self._engine().sync(lease, run, allow=allow, only=only)

    def rehearse(self, *, allow: Collection[str] = ()) -> Rehearsal:
        """Play a sync, a second one and an undo on in-memory twins of the collections, over a copy of the store.

        Nothing is written anywhere: the collections are opened so that they cannot be. What is behind `access: read` is
        left alone as in a sync; where nothing may be written yet, all is rehearsed as if it might be.
        Raises GuardError as a sync does, UnreachableError where a collection cannot be read, BusyError, PausedError.
        """
        connections = {name: replace(c, access="read") for name, c in self.config.connections.items()}
        with tempfile.TemporaryDirectory(prefix="syncer-") as folder:
            config = replace(self.config, connections=connections, keep=None)
            with Session(config, progress=named(self.progress), now=self._now) as stage:
                stage._store = self._copy(Path(folder) / "copy.db")
                return stage._play(self._closed(), allow)

    def _copy(self, path: Path) -> Store:
        """Return a store that holds what this session's does. Where there is none yet, none is made."""
        if self._store is None and not present(self.config.store):
            return Store.open(path, self.config.product, now=self._now, fleeting=True)
        return self.store.copy(path)

    def _play(self, closed: frozenset[str], allow: Collection[str]) -> Rehearsal:
        """Rehearse in this session, which holds a copy of the store and can write nowhere. `closed`: see Engine."""
        self._awake()
        twins = {s: Twin(s, self.adapter(s), self._now, last_seen(self.store, s)) for s in self.config.collections}
        self._adapters |= twins
        engine = self._engine(full=True)
        pretended = closed if closed == set(twins) else frozenset()
        engine.closed = closed - pretended
        play = Play(engine, twins)
        play.read()
        with self._run("rehearse", allow=allow) as (lease, run):
            result = play.whole(lease, run.id, allow)
        return replace(result, pretended=sorted(pretended), names=self.names())

    def rebuild(
        self, *, aside: bool = False, because: str = ""
    ) -> tuple[Rebuilt, Path | None, Mapping[str, Pause] | None]:
        """Fill a new store from what the systems show; return what it took, where a damaged file was moved to, and
        what is still paused: None where the former state cannot say.

        Nothing is written to any system: what would be is the next plan. `aside`: move also a sound file aside. What
        is paused is read this once, or its records would get twins.
        Raises StoreError where a sound file is in the way, BusyError, and what kept a side from being listed whole.
        """
        if self._store is not None:
            raise RuntimeError("a session that has used its store cannot replace it")
        paused = pauses_in(self.config.store, self.config.product)
        moved = make_room(self.config.store, self.config.product, self._now, whole=aside)
        with self._run("rebuild", because=because) as (lease, run):
            keep(self.store, paused or {}, run)  # before anything can fail: the former file is aside already
            rebuilt = self._engine(full=True, awake=True).rebuild(lease, run.id)
            counted = {"by_tag": rebuilt.by_tag, "matched": rebuilt.matched, "alone": rebuilt.alone}
            with self.store.commit(lease, "run") as work:
                work.finish_run(_ended(run, RunState.DONE, counted))
        return rebuilt, moved, paused

    def forgetting(self, person: str, also: Sequence[str] = ()) -> Forgetting:
        """Return what forgetting a person comes to, and do nothing. `also`: more names of theirs.

        Raises UserError where the name is nobody's, or several people's.
        """
        meant = who(self.store, self.config, person, also)
        return Forgetting(meant, traces(self.store, meant.spoken), elsewhere(self.config, meant))

    def forget(self, person: str, also: Sequence[str] = (), *, because: str = "") -> Forgetting:
        """Call a person by a pseudonym wherever the past is remembered; see `forgetting`. Writes to no system."""
        meant, name = self.forgetting(person, also).person, pseudonym()
        with self._run("forget", because=because) as (lease, run):
            self._note(lease, run, f"somebody is called {name} from now on")
            found = forget(self.store, lease, meant.spoken, name)
            self._forgot(lease, run.id, found.rows)
        self.store.compact()
        return Forgetting(meant, found, elsewhere(self.config, meant), name)

    def erasing(self, collection: str) -> Erasing:
        """Return what erasing a collection comes to, and do nothing. Raises UserError where it still takes part."""
        return Erasing(collection, side_traces(self.store, former(self.store, self.config, collection)))

    def erase(self, collection: str, *, because: str = "") -> Erasing:
        """Erase what is remembered of a collection that takes no part any more; see `erasing`."""
        former(self.store, self.config, collection)
        with self._run("forget", because=because) as (lease, run):
            found = forget_side(self.store, lease, collection, self.config.connections.keys())
            self._note(lease, run, f"what was remembered of {collection} was erased")
            self._forgot(lease, run.id, found.rows)
        self.store.compact()
        return Erasing(collection, found, done=True)

    def _note(self, lease: Lease, run: RunRow, what: str) -> None:
        told = {"rule": what, "why": run.circumstances.get("reason", ""), "at": self._now(), "finished_at": self._now()}
        with self.store.commit(lease, "forget") as work:
            work.journal(JournalRow(run.id, "forget", state=JournalState.DONE, **told))

    def _forgot(self, lease: Lease, run: str, rows: Mapping[str, int]) -> None:
        """End a run as the store has it by now: whoever ran it may be who was forgotten."""
        kept = self.store.run(run)
        assert kept is not None
        with self.store.commit(lease, "run") as work:
            work.finish_run(_ended(kept, RunState.DONE, rows))

    def undo(self, run: str, *, item: str = "", field: str = "") -> Plan:
        """Plan to put back what a run did, or only what it did to an item or a field. `apply` does it.

        What people edited since is left alone, and listed in the plan's notes. Raises UserError for an unknown run.
        """
        known_run(self.store, run)
        return self._engine().undoer(Undoing(run, item and self.item(item).id, field)).plan()

    def item(self, text: str) -> ItemRow:
        """Return the one item that a person means by an id, a key or a part of a title. Raises UserError."""
        found = self.items(text)
        if len(found) != 1:
            some = "; ".join(str(i.fields.get("title") or i.id) for i in found[:5])
            what = f"{len(found)} items match {text!r}: {some}" if found else f"no item is called {text!r}"
            raise UserError(what, hint="give its id, its key, or more of its title")
        return found[0]

    def _meant(self, word: str, actions: Sequence[Mapping[str, Any]]) -> str:
        """Return the one item a person means by an id, a ref, a title or a part of one. Raises UserError."""
        titles = {str(a["item"]): str(a["label"]) for a in actions}
        exact = {str(a["item"]) for a in actions if word in (a["item"], a["ref"], a["label"])}
        part = {i for i, title in titles.items() if word.casefold() in title.casefold()}
        found = exact or part or {item.id for item in self.items(word)}
        if not found:
            raise UserError(f"no item is called {word!r}", hint=nearest(word, titles.values()))
        if len(found) > 1:
            some = "; ".join(sorted(titles.get(i, i) for i in found)[:5])
            raise UserError(f"{len(found)} items match {word!r}: {some}", hint="be more exact")
        return found.pop()

    def conflicts(self, *, all: bool = False) -> list[ConflictRow]:
        """Return open conflicts and questions; with `all`, settled ones too."""
        return self.store.conflicts(state=None) if all else self.store.conflicts()

    def waiting(self, *, all: bool = False) -> list[Waiting]:
        """Return conflicts and questions with the kind and title of their items; with `all`, settled ones too."""
        rows = self.conflicts(all=all)
        return waiting(rows, self.store.items({row.item for row in rows}))

    def desk(self) -> Desk:
        """Return what reads, for a person, all that an open conflict needs to be settled."""
        people = self._learner.people()
        return Desk(
            self.store,
            self.config,
            self.rules,
            self._learner.directory(),
            people,
            lambda text: self.item(text).id,
        )

    def resolve(self, conflict: int, *, take: str = "", value: Value = None, because: str = "") -> Value:
        """Settle a conflict by a side's word or a value, or answer a question (`take` is then the answer).

        Nothing is sent; the next sync writes it. Raises UserError where there is no such open conflict.
        """
        return self.settle([conflict], take=take, value=value, because=because).done[conflict]

    def settle(
        self,
        conflicts: Collection[int],
        *,
        take: str = "",
        value: Value = None,
        because: str = "",
        always: bool = False,
    ) -> Settled:
        """Settle several conflicts alike, in one run. Nothing is sent; the next sync writes it.

        `always`: the choice becomes a rule in `syncer.yaml`, for the first conflict's field and kind. Raises UserError
        where the choice fits none of them, ConfigError where the rule cannot be written.
        """
        desk, choice = self.desk(), resolve.Choice(take, value, because)
        numbers = list(dict.fromkeys(conflicts))
        for number in numbers[:1]:
            desk.open(number)
        rule = desk.rule(numbers[0], choice) if always else None
        with self._run("resolve", because=because) as (lease, run):
            settled = desk.settle(lease, run.id, numbers, choice, self._now())
            if rule is not None:
                settled.rule = desk.keep_rule(lease, *rule)
                run = replace(run, circumstances={**run.circumstances, RULE: settled.rule})
            with self.store.commit(lease, "run") as work:
                work.finish_run(_ended(run, RunState.DONE, {"resolved": len(settled.done)}))
        return settled

    def pauses(self) -> dict[str, Pause]:
        """Return what is paused, by collection; a pause of the whole product under ""."""
        return pauses(self.store)

    def pause(self, collection: str = "", *, because: str = "") -> Pause:
        """Neither read nor write a collection, or anything, from the next run on; what it showed stands.

        Raises UserError where there is no such collection.
        """
        return pause(self.store, self.config.collections, collection, self._begun("pause", because=because))

    def resume(self, collection: str = "", *, because: str = "") -> list[Pause]:
        """End a collection's pause, or every pause; return what ended. Raises UserError where it is not paused."""
        return resume(self.store, collection, self._begun("resume", because=because))

    # remembering

    def items(self, text: str = "") -> list[ItemRow]:
        """Return the items a person may mean by an id, key, title or part of one; all without a text."""
        return self.store.find_items(text) if text else list(self.store.items().values())

    def names(self) -> dict[str, str]:
        """Return what people call items (by id), people (by key) and accounts (by id), for showing."""
        items = {item.id: str(title) for item in self.items() if (title := item.fields.get("title"))}
        return {**self._learner.people(), **items}

    def links(self, item: str) -> Mapping[str, LinkRow]:
        """Return an item's record on every side."""
        return self.store.links([item]).get(item, {})

    def log(self, item: str | None = None, run: str | None = None) -> list[JournalRow]:
        """Return what was decided and written, oldest first."""
        return self.store.journal(item=item, run=run)

    def story(self, item: str = "", *, run: str = "", since: str = "") -> list[Deed]:
        """Return what was decided and written, oldest first, field by field: of an item, a run, since a time, or all.

        Raises UserError for an item, run or time (`7d`, `2026-11-01`) that there is none of.
        """
        return story(self.store, *self._asked(item, run, since))

    def audit(self, item: str = "", *, run: str = "", since: str = "") -> list[dict[str, Any]]:
        """Return the story as JSON for an audit: every row with its run's actor, place, configuration and reason."""
        asked = self._asked(item, run, since)
        return export(self.store, story(self.store, *asked), asked[2], whole=not (item or run))

    def why(self, item: str, field: str) -> Why:
        """Tell why an item's field is what it is. Raises UserError for an item or field that there is none of."""
        return why(self.store, self.item(item), field)

    def _asked(self, item: str, run: str, since: str) -> tuple[str | None, str | None, datetime | None]:
        if run:
            known_run(self.store, run)
        at = since_when(since, self._now()) if since else None
        return self.item(item).id if item else None, run or None, at

    def begins(self) -> datetime | None:
        """Return where the story begins: what was before is no longer kept. None where all is."""
        return begins(self.store)

    def lint(self) -> Lint:
        """Return what is inconsistent in the product as remembered. Asks no system."""
        return lint(self.config, self.store)

    def runs(self, limit: int = 20) -> list[RunRow]:
        """Return the last runs, newest first."""
        return self.store.runs(limit)

    # the parts

    def connection(self, name: str) -> Connection:
        """Return a connection; it is made at its first use, and no request is sent."""
        if name not in self._connections:
            settings = self.config.connections[name]
            values = self.config.secrets(name)
            transport = Transport(
                name=name,
                write=settings.access == "write",
                bucket=_bucket(settings.rate),
                redact=Redactor(values.values()),
                timeout=TIMEOUT,
                allowed=self._allowed,
            )
            self._transports[name] = transport
            self._connections[name] = systems()[settings.system].connect(settings.settings, values, transport)
        return self._connections[name]

    def adapter(self, side: str) -> Adapter:
        """Return a side's adapter."""
        if side not in self._adapters:
            collection = self.config.collections[side]
            self._adapters[side] = self.connection(collection.connection).open(
                collection.settings, self._learner.memory(side)
            )
        return self._adapters[side]

    @property
    def rules(self) -> Rules:
        """The compiled mappings. Raises ConfigError naming every place that does not fit the live schemas."""
        return self._learner.rules()

    @cached_property
    def _learner(self) -> Learner:
        return Learner(self.config, self.store, self.connection, self.adapter, self._now)

    def _engine(self, full: bool = False, *, awake: bool = False) -> Engine:
        paused = frozenset() if awake else asleep(self.store, self.config.collections)
        self._learner.begin(full=full, paused=paused)
        rules = self.rules
        adapters = {side: self.adapter(side) for side in self.config.collections}
        engine = Engine(self.store, rules, adapters, self._learner.directory, self._now, TIMEOUT, self.progress)
        engine.learn = self._learner.learn
        engine.closed = self._closed()
        engine.paused = paused
        return engine

    def _closed(self) -> frozenset[str]:
        """Return the sides behind `access: read`."""
        may = {name for name, connection in self.config.connections.items() if connection.access == "write"}
        return frozenset(s for s, collection in self.config.collections.items() if collection.connection not in may)

    def _awake(self) -> None:
        if (whole := self.pauses().get(WHOLE)) is not None:
            raise PausedError(f"{whole}: nothing was read, and nothing written", hint="`syncer resume` goes on")

    def _may_write(self) -> None:
        self._awake()
        if self._closed() == set(self.config.collections):
            raise ReadOnlyError(
                "every connection is `access: read`: nothing was written",
                hint="`syncer plan` shows what would be; set `access: write` where it looks right",
            )
        self.store.look_through(SOUND)

    def _allowed(self) -> None:
        """Let a write through only while the lease outlives its time-out."""
        if self._lease is not None:
            self._lease.check(TIMEOUT)

    def _begun(self, command: str, *, trigger: str = "", because: str = "", allow: Collection[str] = ()) -> RunRow:
        """Return a run that begins now, with who runs it, where, with what and why."""
        told = circumstances(self.config, trigger=trigger, reason=because, allowed=allow)
        return RunRow(_run_id(self._now()), command, self._now(), circumstances=told.to_json())

    @contextlib.contextmanager
    def _run(
        self, command: str, *, trigger: str = "", because: str = "", allow: Collection[str] = ()
    ) -> Iterator[tuple[Lease, RunRow]]:
        run = self._begun(command, trigger=trigger, because=because, allow=allow)
        owner = f"{run.id} on {socket.gethostname()} (process {os.getpid()})"
        with self.store.lease(owner, LEASE) as lease:
            self._lease = lease
            with self.store.commit(lease, "run") as work:
                work.start_run(run)
            try:
                yield lease, run
            except GuardError as error:
                self._fail(lease, run, RunState.STOPPED, error)
                raise
            except SyncerError as error:
                self._fail(lease, run, RunState.FAILED, error)
                raise
            finally:
                self._lease = None

    def _fail(self, lease: Lease, run: RunRow, state: RunState, error: SyncerError) -> None:
        with contextlib.suppress(SyncerError), self.store.commit(lease, "run") as work:
            work.finish_run(_ended(run, state, {}, error.message))

    def _finish(self, lease: Lease, run: RunRow, done: Done) -> Done:
        counted = {
            "done": len(done.report.done),
            "failed": len(done.report.failed),
            "refused": len(done.report.refused),
            "stale": len(done.report.stale) + len(done.skipped),
            "waiting": len(done.report.waiting),
            "held": len(done.plan.held),
            "questions": len(done.plan.questions),
        }
        allowed = run.circumstances.get("allowed", ())
        if passed := [saw for saw, flag in done.plan.guards if flag.removeprefix("--allow ") in allowed]:
            run = replace(run, circumstances={**run.circumstances, "passed": passed})
        with self.store.commit(lease, "run") as work:
            work.finish_run(_ended(run, RunState.DONE, counted))
        if self.config.keep is not None:
            trim(self.store, lease, self.config.keep, self._now())
        return done

    def _document(self, plan: Plan | Mapping[str, Any] | Path | str) -> Any:
        if isinstance(plan, Plan):
            return self.plan_document(plan)
        if isinstance(plan, Mapping):
            return plan
        try:
            return json.loads(Path(plan).read_text(encoding="utf-8"))
        except OSError as error:
            raise PlanError(
                f"cannot read {plan}: {error.strerror}", hint="make one: `syncer plan --out plan.json`"
            ) from error
        except ValueError as error:
            raise PlanError(f"{plan} is not a plan file", hint="make one: `syncer plan --out plan.json`") from error


def open(
    path: str | Path = "syncer.yaml",
    *,
    profile: str | None = None,
    progress: Progress | None = None,
) -> Session:
    """Open the product that a configuration describes. Raises ConfigError with file, line and column."""
    return Session(load_config(Path(path), profile), progress=progress)


def _narrow(
    actions: Sequence[Mapping[str, Any]], limit: int | None, kind: str | None, item: str | None
) -> list[Mapping[str, Any]]:
    kept = [a for a in actions if (kind is None or a["kind"] == kind) and (item is None or item == a["item"])]
    return kept if limit is None else kept[:limit]


def _bucket(rate: float | None) -> Bucket:
    """Return the limiter for so many requests a minute; a burst of a tenth is let through."""
    return Bucket(rate / 60, max(1.0, rate / 10)) if rate else Bucket(0, 1)


def _run_id(now: datetime) -> str:
    return f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def _ended(run: RunRow, state: RunState, counted: Mapping[str, Any], error: str = "") -> RunRow:
    return replace(run, state=state, counts={**run.counts, **counted}, error=error)


__all__ = ["Action", "Check", "Done", "Notice", "Plan", "Report", "Session", "StoreError", "open"]
