"""What a run decided and did, and the exit code that tells it."""

from __future__ import annotations

from dataclasses import dataclass, field

from syncer.engine.ledger import Report
from syncer.engine.plan import Plan


@dataclass(slots=True)
class Done:
    """What a run decided and did."""

    run: str
    plan: Plan
    report: Report
    skipped: list[str] = field(default_factory=list)
    """Reviewed actions that are no longer what the plan says, in words."""

    @property
    def exit_code(self) -> int:
        """Return the command line's exit code: of 4 (held), 5 (failed), 6 (unreachable) the highest."""
        code = 0
        if self.plan.held or self.plan.questions:
            code = 4
        if self.report.failed or self.report.refused or self.report.waiting:
            code = 5
        if self.report.unreachable:
            code = 6
        return code
