"""The limits that forms, API and documents state. One place, so that all three say the same."""

from __future__ import annotations

TITLE_CHARS = 80
TEXT_CHARS = 4_000
IMPORT_TEXT_CHARS = 20_000  # records of other systems keep their full text
NOTE_CHARS = 2_000
ADDRESS_CHARS = 200
NAME_CHARS = 40
WHEN_CHARS = 60
EARLIEST_YEAR = 1900  # of any day that is given
PLANNED_YEARS = 10  # so far ahead may a day lie that is planned, to the end of its year
LASTING_YEARS = 100  # and the end of a term, e.g. of a certificate
PACK_YEARS = (1900, 2199)  # of days written in a pack, which is checked without a clock
PHONE_CHARS = 20
SEARCH_CHARS = 50
TOPIC_MATTERS = 1_000  # of a topic when it is taken up; later ones are not counted
SORT_ROWS = 2_000  # categories accepted at once
RETRAIN_CORRECTIONS = 50  # from so many since the last training the worker trains anew

PHOTOS = 6
PHOTO_BYTES = 15 * 1024 * 1024
PHOTO_PIXELS = 60_000_000
PHOTO_SIDE = 1_920
SCANS = 6  # of a version of a document
SCAN_BYTES = 20 * 1024 * 1024  # of a PDF
SCAN_PAGES = 300
DOCUMENT_CHARS = 60_000
REQUEST_BYTES = 100 * 1024 * 1024

EXCHANGE_ANSWER_BYTES = 64 * 1024  # of one answer of another system
EXCHANGE_DATA_BYTES = 64 * 1024  # of one message that comes in
IDENTITY_BYTES = 256 * 1024  # of one answer of an identity service

IMPORT_BYTES = 200 * 1024 * 1024
NETWORK_PAGE_BYTES = 95 * 1024 * 1024  # an extract sent in by page; larger ones by command
IMPORT_ROWS = 2_000_000
PAGE_FILE_ROWS = 30_000  # of a file taken in by page, which is read while somebody waits; larger ones by command
EXCEL_UNPACKED_BYTES = 1024 * 1024 * 1024
PACK_FILE_BYTES = 2 * 1024 * 1024
PAGE_ROWS = 50
CHOICES = 1000  # places in one select
API_ROWS = 200
BULK_ROWS = 100
