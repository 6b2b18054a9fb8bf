"""The typed form of a locality pack: what a folder of YAML may say. Pure pydantic; reading files is ``loader``'s work.

Descriptions are Chinese because ``docs/packs.md`` is generated from them for those who write packs.
"""

from tongxin.packs.schema.cadence import Series
from tongxin.packs.schema.catalogue import Catalogue, Category, Grade
from tongxin.packs.schema.facilities import Facilities, FacilityKind, FacilityNorm, SeedFacility
from tongxin.packs.schema.lists import DemoClass, DemoEdition, DemoList, Gate, ListSpec, PrintedCount, SeedItem
from tongxin.packs.schema.pack import Demo, DemoAreas, DemoBodies, Intake, Pack, SeedBody, SeedPlace, Settings
from tongxin.packs.schema.procedure import (
    EffectCall,
    FormField,
    Holder,
    LateStep,
    Opener,
    Opening,
    Procedure,
    State,
    Transition,
)
from tongxin.packs.schema.programme import Article, Counted, Derived, Figure, Initiative, Mechanism, Printed, Programme
from tongxin.packs.schema.registers import (
    Clause,
    DemoRegister,
    Document,
    DocumentVersion,
    Parties,
    Register,
    SeedEntry,
    Tag,
)
from tongxin.packs.schema.ruled import Rule, RuledNumber, RuledSpan
from tongxin.packs.schema.standard import StandardCatalogue, StandardClass
from tongxin.packs.schema.units import (
    BodyKind,
    Concurrent,
    Level,
    LinkEnd,
    LinkKind,
    Network,
    RequiredPost,
    Responsibility,
    Role,
    Staffing,
    Units,
)

__all__ = [
    "Article",
    "BodyKind",
    "Catalogue",
    "Category",
    "Clause",
    "Concurrent",
    "Counted",
    "Demo",
    "DemoAreas",
    "DemoBodies",
    "DemoClass",
    "DemoEdition",
    "DemoList",
    "DemoRegister",
    "Derived",
    "Document",
    "DocumentVersion",
    "EffectCall",
    "Facilities",
    "FacilityKind",
    "FacilityNorm",
    "Figure",
    "FormField",
    "Gate",
    "Grade",
    "Holder",
    "Initiative",
    "Intake",
    "LateStep",
    "Level",
    "LinkEnd",
    "LinkKind",
    "ListSpec",
    "Mechanism",
    "Network",
    "Opener",
    "Opening",
    "Pack",
    "Parties",
    "Printed",
    "PrintedCount",
    "Procedure",
    "Programme",
    "Register",
    "RequiredPost",
    "Responsibility",
    "Role",
    "Rule",
    "RuledNumber",
    "RuledSpan",
    "SeedBody",
    "SeedEntry",
    "SeedFacility",
    "SeedItem",
    "SeedPlace",
    "Series",
    "Settings",
    "Staffing",
    "StandardCatalogue",
    "StandardClass",
    "State",
    "Tag",
    "Transition",
    "Units",
]
