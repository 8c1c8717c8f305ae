"""Do the actions of a plan: write the intent, act, read back, then commit outcome and base together.

the adapter …                      the action
answers                            done; base moves for the fields this write carried, and for no other
refuses fields                     the rest is sent again; the refused ones are remembered and reported
refuses the record                 failed, named; nothing else waits for it
was not reached                    dropped: nothing happened, the next run does it
may have done it                   looked up at once; if that proves nothing the intent stays open
shows other values than reviewed   stale: skipped and listed
"""

from __future__ import annotations

from dataclasses import dataclass

from syncer.engine.creating import Creating
from syncer.engine.existing import Existing
from syncer.engine.ledger import Report
from syncer.engine.plan import Action, Verb
from syncer.errors import AdapterError, RetryableError, StaleError

__all__ = ["Applier", "Report"]


@dataclass
class Applier(Creating, Existing):
    """Applies actions one at a time."""

    def apply(self, actions: list[Action]) -> Report:
        """Do the actions in order. One failing record never stops the rest; a dead system stops only its own."""
        for count, action in enumerate(actions, 1):
            if action.side in self.report.unreachable:
                continue
            try:
                self._do(action)
            except RetryableError as error:
                self.report.unreachable[action.side] = error.message
            except StaleError as error:
                self.report.stale.append((action, error.message))
            except AdapterError as error:
                self.report.failed.append((action, error.message))
            if self.progress is not None:
                self.progress("writing", count, len(actions))
        return self.report

    def _do(self, action: Action) -> None:
        match action.verb:
            case Verb.CREATE:
                self._create(action)
            case Verb.UPDATE:
                self._update(action)
            case Verb.ARCHIVE:
                self._archive(action)
            case Verb.RESTORE:
                self._restore(action)
            case Verb.LINK:
                self._mark(action)
