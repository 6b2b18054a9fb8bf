"""The door of imports for commands and pages of higher layers."""

from tongxin.matters.imports.mapping import FileMapping, load_mapping, read_mapping
from tongxin.matters.imports.rows import RowFault
from tongxin.matters.imports.takein import Outcome, import_rows, open_file, source_of

__all__ = [
    "FileMapping",
    "Outcome",
    "RowFault",
    "import_rows",
    "load_mapping",
    "open_file",
    "read_mapping",
    "source_of",
]
