"""Who holds a step, in words: no key of a pack's file is ever shown, whichever form names the unit, or none does."""

from __future__ import annotations

import pytest

from tests.world import ROOT
from tongxin.packs import api as packs
from tongxin.web import packwords


@pytest.mark.parametrize("key", ["xiuning", "wuhan", "zhongshan", "yuhu", "xigu"])
def test_every_holder_is_named_in_words(key: str) -> None:
    pack = packs.load_folder(ROOT / "localities" / key)
    said = {
        packwords.say_holder(pack, procedure, state.holder)
        for procedure in pack.procedures.values()
        for state in procedure.states.values()
        if state.holder and state.holder.unit
    }
    assert "主办单位的收件岗" in said
    for words in said:
        desk = words.removesuffix("的收件岗")
        assert not desk.isascii(), words
        assert not any(mark in desk for mark in ("哪个", "谁", "_")), words
