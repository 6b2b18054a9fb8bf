"""The log keeps the error and drops the row's values."""

import logging
import sys

from django.db import IntegrityError

from tongxin.kernel.logs import PlainFormatter


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
