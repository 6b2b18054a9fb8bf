"""The log keeps the error and drops the row's values."""

import logging
import sys

from django.conf import settings
from django.db import IntegrityError, OperationalError

from tongxin.kernel.logs import PlainFormatter
from tongxin.web.pauses import InOneLine


def test_row_values_are_left_out() -> None:
    told = 'duplicate key "phone_once"\nDETAIL:  Key (phone)=(13800000000) already exists.\n'
    try:
        raise IntegrityError(told)
    except IntegrityError:
        record = logging.LogRecord("t", logging.ERROR, "f", 1, "保存失败", None, sys.exc_info())
    text = PlainFormatter().format(record)
    assert "13800000000" not in text
    assert "phone_once" in text
    assert "保存失败" in text


def _record(error: Exception) -> logging.LogRecord:
    try:
        raise error
    except type(error):
        return logging.LogRecord("t", logging.ERROR, "f", 1, "%s: %s", ("出错", "/report"), sys.exc_info())


def test_a_database_that_is_away_takes_one_line() -> None:
    away = OperationalError(
        'connection to server on socket "/s" failed: No such file\n\tIs the server running locally?'
    )
    record = _record(away)
    assert InOneLine().filter(record)
    text = PlainFormatter("{message}", style="{").format(record)
    assert text == '出错: /report (database away: connection to server on socket "/s" failed: No such file)'


def test_a_fault_of_ours_keeps_its_traceback() -> None:
    record = _record(KeyError("state"))
    assert InOneLine().filter(record)
    assert "Traceback" in PlainFormatter("{message}", style="{").format(record)


def test_every_record_passes_there() -> None:
    handler = settings.LOGGING["handlers"]["stderr"]
    assert [settings.LOGGING["filters"][name]["()"] for name in handler["filters"]] == ["tongxin.web.pauses.InOneLine"]
