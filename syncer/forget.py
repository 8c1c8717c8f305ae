"""Who is meant by a name, and forgetting them, or a collection. Shown first; nothing is asked of any system."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from syncer.errors import UserError
from syncer.mapping.config import Config
from syncer.mapping.load import nearest
from syncer.store.forget import PEOPLE, Traces, traces
from syncer.store.forget_side import SideTraces, sides
from syncer.store.pseudonym import Words
from syncer.store.store import Store


@dataclass(frozen=True, slots=True)
class Person:
    """One human, by everything they are called: account ids, e-mail addresses, names."""

    words: tuple[str, ...]
    key: str = ""
    """The person's key in syncer.yaml, "" where they are not in it."""

    @property
    def spoken(self) -> Words:
        """Return the words, ready to be looked for."""
        return Words(self.words)


@dataclass(frozen=True, slots=True)
class Forgetting:
    """What forgetting a person comes to: who is meant, where they are, what is left for people to do.

    `name` is the pseudonym, "" as long as nothing was done. `files`: where the name is besides, for a person to erase.
    """

    person: Person
    traces: Traces
    files: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Erasing:
    """What forgetting a collection comes to. `done`: it is done."""

    collection: str
    traces: SideTraces
    done: bool = False


def who(store: Store, config: Config, text: str, also: Sequence[str] = ()) -> Person:
    """Return the one person that a text is a name of; `also` are more names of theirs.

    Raises UserError where it names nobody that is remembered, or several.
    """
    known = _people(store, config)
    meant = [one for one in known if text.strip().casefold() in _folded(one.words)]
    if len(meant) > 1:
        told = "; ".join(", ".join(one.words) for one in meant)
        raise UserError(f"{len(meant)} people are called {text!r}: {told}", hint="give an account id or e-mail address")
    if not meant and traces(store, Words([text])).none:
        names = [word for one in known for word in one.words]
        raise UserError(f"nobody is remembered as {text!r}", hint=nearest(text, names))
    person = meant[0] if meant else Person((text.strip(),))
    others = {word for one in known if one is not person for word in _folded(one.words)}
    # a name that two people bear cannot be told apart where it stands alone
    own = [word for word in person.words if word.casefold() not in others]
    return Person(tuple(dict.fromkeys([*own, *also])), person.key)


def _folded(words: Iterable[str]) -> set[str]:
    return {word.casefold() for word in words}


def _people(store: Store, config: Config) -> list[Person]:
    """Return everybody that the configuration, and what is remembered of the systems, knows apart."""
    groups: list[tuple[set[str], list[str], str]] = []
    for key, person in config.people.items():
        words = [key, person.name, *person.aliases, *person.accounts.values()]
        groups.append((_folded(w for w in words if w), [w for w in words if w], key))
    for name in config.connections:
        for account, called, email, *_ in (store.memo(f"{PEOPLE}{name}") or {}).get("answer", ()):
            # an e-mail address or an id tells who it is; a name only where syncer.yaml says so
            telling = _folded(w for w in (account, email) if w)
            found = next((g for g in groups if telling & g[0] or (g[2] and called.casefold() in g[0])), None)
            if found is None:
                found = (set(), [], "")
                groups.append(found)
            found[0].update(telling)
            found[1].extend(w for w in (account, email, called) if w)
    return [Person(tuple(dict.fromkeys(words)), key) for _, words, key in groups]


def elsewhere(config: Config, person: Person) -> tuple[str, ...]:
    """Return where the person is named in files of ours that no command rewrites."""
    found = [f"{config.source.at(('people', person.key), key=True)}: people"] if person.key else []
    return (*found, *(str(path) for path in _aside(config.store)))


def _aside(store: Path) -> list[Path]:
    """Return former state files that were moved aside, their logs left out."""
    return sorted(
        path for path in store.parent.glob(f"{store.name}.aside-*") if not path.name.endswith(("-wal", "-shm"))
    )


def former(store: Store, config: Config, name: str) -> str:
    """Return the name of a collection that is remembered and no longer configured. Raises UserError."""
    if name in config.collections:
        raise UserError(
            f"{name} still takes part: it would be read again",
            hint=f"take it out of {config.path} (collections.{name}) first; its mapping file may stay",
        )
    known = sides(store)
    if name not in known:
        left = sorted(known - config.collections.keys())
        hint = nearest(name, left) if left else "every collection that is remembered is still configured"
        raise UserError(f"nothing is remembered of a collection {name!r}", hint=hint)
    return name
