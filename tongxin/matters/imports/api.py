"""The door of imports for commands and pages of higher layers."""

from tongxin.matters.imports.mapping import TITLES, FileMapping, guess_columns, load_mapping, read_mapping
from tongxin.matters.imports.readers import Row, Table, open_table
from tongxin.matters.imports.rows import RowFault
from tongxin.matters.imports.takein import Outcome, import_rows, open_file, source_of

__all__ = [
    "TITLES",
    "FileMapping",
    "Outcome",
    "Row",
    "RowFault",
    "Table",
    "guess_columns",
    "import_rows",
    "load_mapping",
    "open_file",
    "open_table",
    "read_mapping",
    "source_of",
]
