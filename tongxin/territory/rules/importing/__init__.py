"""What a file of places would do to a district, decided before anything is written. Pure: rows and the tree in, a plan out."""

from tongxin.territory.rules.importing.plan import AUTO, plan_import
from tongxin.territory.rules.importing.words import Columns, ImportPlan, PlannedArea, names_of

__all__ = ["AUTO", "Columns", "ImportPlan", "PlannedArea", "names_of", "plan_import"]
