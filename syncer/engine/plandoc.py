"""A plan as JSON: what is saved, reviewed and applied. Pure."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from typing import Any

from syncer.engine.plan import Action, Plan
from syncer.errors import PlanError
from syncer.record import canonical_json

FORMAT = 1


def to_json(plan: Plan, created: str) -> dict[str, Any]:
    """Return the plan as JSON. Its `id` is a digest of what it would do and of what it was made from."""
    actions = [action_json(a) for a in plan.actions]
    body = {
        "format": FORMAT,
        "product": plan.product,
        "fingerprint": plan.fingerprint,
        "generation": plan.generation,
        "created": created,
        "counts": counts(plan),
        "actions": actions,
        "held": [
            {
                "item": decision.item,
                "title": decision.title,
                "field": name,
                "values": dict(clash.values) if (clash := decision.outcomes[name].clash) else {},
                "why": clash.why if clash else "",
            }
            for decision, name in plan.held
        ],
        "questions": [{"item": q.item, "side": q.side, "about": q.about, "text": q.text} for q in plan.questions],
        "guards": [{"saw": saw, "flag": flag} for saw, flag in plan.guards],
        "unreachable": dict(plan.unreachable),
        "notes": list(plan.notes),
        **({"undoes": dict(plan.undoes)} if plan.undoes else {}),
    }
    digest = hashlib.blake2b(canonical_json(body).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
    return {"id": digest, **body}


def action_json(action: Action) -> dict[str, Any]:
    """Return one action as JSON."""
    return {
        "id": action.id,
        "verb": action.verb.value,
        "side": action.side,
        "kind": action.kind,
        "item": action.item,
        "label": action.label,
        "ref": action.ref,
        "record_type": action.record_type,
        "cause": action.cause,
        "why": action.why,
        "writes": {
            n: {"before": w.before, "after": w.after, "values": dict(w.values), "why": w.why}
            for n, w in action.writes.items()
        },
        "decided_from": {side: dict(raws) for side, raws in action.decided_from.items()},
    }


def counts(plan: Plan) -> dict[str, Any]:
    """Return how many actions there are: by verb, and by side, kind and verb."""
    by = Counter((a.side, a.kind, a.verb.value) for a in plan.actions)
    return {
        "actions": len(plan.actions),
        "held": len(plan.held),
        "questions": len(plan.questions),
        "by": [{"side": s, "kind": k, "verb": v, "count": n} for (s, k, v), n in sorted(by.items())],
    }


def check_document(document: Any, product: str, fingerprint: str) -> Mapping[str, Any]:
    """Return the document if it is a plan for this product and configuration. Raises PlanError."""
    if not isinstance(document, dict) or not isinstance(document.get("actions"), list) or "id" not in document:
        raise PlanError("this is not a plan file", hint="make one with `syncer plan --out plan.json`")
    if document.get("format") != FORMAT:
        raise PlanError(
            f"this plan file has format {document.get('format')}, this syncer reads {FORMAT}",
            hint="make the plan again with `syncer plan --out plan.json`",
        )
    if document.get("product") != product:
        raise PlanError(f"this plan is for the product {document.get('product')!r}, not {product!r}")
    if document.get("fingerprint") != fingerprint:
        raise PlanError(
            "this plan was made with another configuration or mapping",
            hint="make the plan again with `syncer plan --out plan.json`, and look at it",
        )
    body = {k: v for k, v in document.items() if k != "id"}
    digest = hashlib.blake2b(canonical_json(body).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
    if digest != document["id"]:
        raise PlanError(
            "this plan file was changed after it was made", hint="apply it as it was reviewed, or plan anew"
        )
    return document
