"""The typed form of a locality pack: what a folder of YAML may say. Pure pydantic; reading files is ``loader``'s work.

Descriptions are Chinese because ``docs/packs.md`` is generated from them for those who write packs.
"""

from tongxin.packs.schema.catalogue import Catalogue, Category, Grade
from tongxin.packs.schema.pack import Demo, DemoAreas, DemoBodies, Intake, Pack, SeedBody, SeedPlace, Settings
from tongxin.packs.schema.procedure import EffectCall, FormField, Holder, LateStep, Procedure, State, Transition
from tongxin.packs.schema.programme import Article, Counted, Derived, Figure, Initiative, Mechanism, Printed, Programme
from tongxin.packs.schema.ruled import Rule, RuledNumber, RuledSpan
from tongxin.packs.schema.units import BodyKind, Level, Role, Units

__all__ = [
    "Article",
    "BodyKind",
    "Catalogue",
    "Category",
    "Counted",
    "Demo",
    "DemoAreas",
    "DemoBodies",
    "Derived",
    "EffectCall",
    "Figure",
    "FormField",
    "Grade",
    "Holder",
    "Initiative",
    "Intake",
    "LateStep",
    "Level",
    "Mechanism",
    "Pack",
    "Printed",
    "Procedure",
    "Programme",
    "Role",
    "Rule",
    "RuledNumber",
    "RuledSpan",
    "SeedBody",
    "SeedPlace",
    "Settings",
    "State",
    "Transition",
    "Units",
]
