"""The typed form of a locality pack: what a folder of YAML may say. Pure pydantic; reading files is ``loader``'s work.

Descriptions are Chinese because ``docs/packs.md`` is generated from them for those who write packs.
"""

from tongxin.packs.schema.catalogue import Catalogue, Category, Grade
from tongxin.packs.schema.facilities import Facilities, FacilityKind, FacilityNorm, SeedFacility
from tongxin.packs.schema.pack import Demo, DemoBodies, Intake, Pack, SeedBody, SeedPlace, Settings
from tongxin.packs.schema.procedure import EffectCall, FormField, Holder, LateStep, Procedure, State, Transition
from tongxin.packs.schema.units import BodyKind, Level, Role, Units

__all__ = [
    "BodyKind",
    "Catalogue",
    "Category",
    "Demo",
    "DemoBodies",
    "EffectCall",
    "Facilities",
    "FacilityKind",
    "FacilityNorm",
    "FormField",
    "Grade",
    "Holder",
    "Intake",
    "LateStep",
    "Level",
    "Pack",
    "Procedure",
    "Role",
    "SeedBody",
    "SeedFacility",
    "SeedPlace",
    "Settings",
    "State",
    "Transition",
    "Units",
]
