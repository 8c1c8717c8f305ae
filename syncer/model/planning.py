"""The kinds a product manager plans with: products, goals, initiatives, features. Pure."""

from __future__ import annotations

from typing import Annotated

from syncer.model.fields import Def, Many, Number, Rows, Text, Tree
from syncer.model.item import Item
from syncer.record import FieldType as T

MOSCOW = ("must", "should", "could", "wont")
KANO = ("must-be", "performance", "attractive", "indifferent", "reverse")
HORIZONS = ("now", "next", "later")


class Product(Item):
    """What is built and sold."""

    vision: Annotated[Tree, Def(T.DOCUMENT, "the change it is to make")] = None
    strategy: Annotated[Tree, Def(T.DOCUMENT, "how it gets there")] = None
    audience: Annotated[Many, Def(T.SET, "whom it is for")] = None
    positioning: Annotated[Tree, Def(T.DOCUMENT, "how it differs from what else there is")] = None
    pricing: Annotated[Tree, Def(T.DOCUMENT, "what it costs its users")] = None


class Goal(Item):
    """What is to be reached, and how that is measured."""

    objective: Annotated[Text, Def(T.LINE, "the objective in one sentence")] = None
    period: Annotated[Tree, Def(T.PERIOD, "from when to when")] = None
    key_results: Annotated[Rows, Def(T.TABLE, "measure, baseline, target, current")] = None
    progress: Annotated[Number, Def(T.NUMBER, "share of its features that are done, 0 to 100", derived=True)] = None


class _Roadmap(Item):
    problem: Annotated[Tree, Def(T.DOCUMENT, "the problem it solves")] = None
    hypothesis: Annotated[Text, Def(T.LINE, "what we believe will happen")] = None
    goals: Annotated[Many, Def(T.REFERENCES, "the goals it serves", targets=("goal",))] = None
    audience: Annotated[Many, Def(T.SET, "whom it is for")] = None
    timeframe: Annotated[Tree, Def(T.PERIOD, "from when to when")] = None
    horizon: Annotated[Text, Def(T.CHOICE, "where there are no dates", choices=HORIZONS)] = None
    release: Annotated[Text, Def(T.REFERENCE, "the release it ships in", targets=("release",))] = None
    reach: Annotated[Number, Def(T.NUMBER, "how many it reaches in a period")] = None
    impact: Annotated[Number, Def(T.NUMBER, "how much it does for each: 3, 2, 1, 0.5 or 0.25")] = None
    confidence: Annotated[Number, Def(T.NUMBER, "how sure we are, in percent")] = None
    effort: Annotated[Number, Def(T.NUMBER, "person-months")] = None
    score: Annotated[Number, Def(T.NUMBER, "RICE = reach × impact × confidence ÷ effort", derived=True)] = None
    moscow: Annotated[Text, Def(T.CHOICE, "how much it is wanted", choices=MOSCOW)] = None
    kano: Annotated[Text, Def(T.CHOICE, "what it does to satisfaction", choices=KANO)] = None
    scores: Annotated[Rows, Def(T.TABLE, "criterion, weight, score")] = None
    votes: Annotated[Number, Def(T.NUMBER, "how many asked for it")] = None
    budget: Annotated[Tree, Def(T.MONEY, "what it may cost")] = None
    cost: Annotated[Tree, Def(T.MONEY, "what it has cost")] = None
    progress: Annotated[Number, Def(T.NUMBER, "share of its parts that are done, 0 to 100", derived=True)] = None


class Initiative(_Roadmap):
    """A large bet: several features."""


class Feature(_Roadmap):
    """An item of the roadmap."""


class Metric(Item):
    """Something that is measured."""

    unit: Annotated[Text, Def(T.LINE, "what is counted")] = None
    baseline: Annotated[Number, Def(T.NUMBER, "where it started")] = None
    target: Annotated[Number, Def(T.NUMBER, "where it should be")] = None
    current: Annotated[Number, Def(T.NUMBER, "where it is")] = None
    readings: Annotated[Rows, Def(T.TABLE, "date, value")] = None


class Experiment(Item):
    """A question put to reality."""

    hypothesis: Annotated[Text, Def(T.LINE, "what we believe will happen")] = None
    variants: Annotated[Rows, Def(T.TABLE, "name, description, share")] = None
    metric: Annotated[Text, Def(T.REFERENCE, "what is measured", targets=("metric",))] = None
    period: Annotated[Tree, Def(T.PERIOD, "from when to when")] = None
    outcome: Annotated[Tree, Def(T.DOCUMENT, "what happened")] = None
    decision: Annotated[Text, Def(T.LINE, "what follows from it")] = None


class Risk(Item):
    """What may go wrong."""

    probability: Annotated[Number, Def(T.NUMBER, "in percent")] = None
    impact: Annotated[Number, Def(T.NUMBER, "how bad it would be, 1 to 5")] = None
    mitigation: Annotated[Tree, Def(T.DOCUMENT, "what makes it less likely")] = None
    contingency: Annotated[Tree, Def(T.DOCUMENT, "what we do if it happens")] = None


class Persona(Item):
    """A kind of user, told as one person."""

    goals: Annotated[Tree, Def(T.DOCUMENT, "what they want")] = None
    pains: Annotated[Tree, Def(T.DOCUMENT, "what hurts them")] = None
    segment: Annotated[Text, Def(T.CHOICE, "the segment they stand for")] = None


class Competitor(Item):
    """Another product for the same need."""

    segment: Annotated[Text, Def(T.CHOICE, "whom it serves")] = None
    strengths: Annotated[Tree, Def(T.DOCUMENT, "what it does well")] = None
    weaknesses: Annotated[Tree, Def(T.DOCUMENT, "what it does badly")] = None
    pricing: Annotated[Tree, Def(T.DOCUMENT, "what it costs")] = None
