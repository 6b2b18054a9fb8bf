"""The door of imports for commands and pages of higher layers."""

from typing import TYPE_CHECKING

from tongxin.kernel.doors import open_on_demand

if TYPE_CHECKING:
    from tongxin.matters.imports.mapping import TITLES, FileMapping, guess_columns, load_mapping, read_mapping
    from tongxin.matters.imports.readers import Row, Table, open_table
    from tongxin.matters.imports.rows import RowFault
    from tongxin.matters.imports.takein import Outcome, import_rows, open_file, source_of
else:
    __getattr__ = open_on_demand(__name__)

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
