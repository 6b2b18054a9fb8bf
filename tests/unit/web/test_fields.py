"""Fields between schema, request and template: what was typed stays, faults stand beside it."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string

from tongxin.kernel.errors import Invalid, Invalids, NotAllowed
from tongxin.web import fields, words
from tongxin.web.fields import KINDS, Field, bind, faults_of, read, request_key

CHOICES = [("1", "甲"), ("2", "乙")]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("photos", "place")])
def test_every_kind_is_drawn_with_its_name_title_and_fault(kind: str) -> None:
    schema = Field("key1", "题目甲", kind, required=True, help="说明乙", choices=CHOICES)
    fault = Invalid("x", "丙不对。", "请改。", "key1")
    for bound in bind([schema], QueryDict("key1=1"), fault):
        drawn = render_to_string("partials/field.html", {"f": bound, "s": schema})
        assert 'name="key1"' in drawn
        for text in ("题目甲", "说明乙", "丙不对。请改。"):
            assert text in drawn
        assert "选填" not in drawn


def test_what_was_typed_stands_again_but_never_a_password() -> None:
    schemas = [Field("a", "甲"), Field("b", "乙", "password"), Field("c", "丙", "choice", choices=CHOICES)]
    a, b, c = bind(schemas, QueryDict("a=文字&b=secret&c=2"))
    assert (a.value, b.value) == ("文字", "")
    assert [chosen for _, _, chosen in c.choices] == [False, True]


def test_defaults_stand_on_the_first_showing() -> None:
    yes, units = bind([Field("a", "甲", "yesno", value=True), Field("b", "乙", "units", choices=CHOICES, value=[2])])
    assert [chosen for _, _, chosen in yes.choices] == [True, False]
    assert [chosen for _, _, chosen in units.choices] == [False, True]


def test_many_choices_become_a_list() -> None:
    many = [(str(i), f"第{i}项") for i in range(9)]
    assert bind([Field("a", "甲", "choice", choices=many)])[0].kind == "select"
    assert bind([Field("a", "甲", "choice", choices=CHOICES)])[0].kind == "chips"


def test_reading_takes_lists_where_lists_belong_and_leaves_out_the_empty() -> None:
    schemas = [Field("a", "甲"), Field("b", "乙", "units"), Field("c", "丙")]
    assert read(schemas, QueryDict("a= x &b=1&b=&b=2&c=&d=9")) == {"a": "x", "b": ["1", "2"]}


def test_faults_find_their_fields() -> None:
    one, two = Invalid("a", "甲。", field="a"), Invalid("b", "乙。", field="b")
    assert set(faults_of(Invalids([one, two]))) == {"a", "b"}
    assert set(faults_of(one)) == {"a"}
    assert faults_of(NotAllowed("x", "不。")) == {}
    assert faults_of(None) == {}


@pytest.mark.parametrize(
    ("key", "kept"), [("k" * 24, True), ("short", False), ("k" * 65, False), ("键" * 9, False), ("a b\n" * 3, False)]
)
def test_request_keys_have_a_form(key: str, kept: bool) -> None:
    assert (request_key({"request_key": key}) == key) is kept
    assert request_key({"request_key": fields.new_request_key()})


def test_words_survive_writing_reading_and_compiling(tmp_path: object) -> None:
    import gettext
    import io

    entries = {"首页": "Home", '引号"和\n换行': 'quote " and\nline', "未译": ""}
    assert words.read_po(words.write_po(entries)) == entries
    loaded = gettext.GNUTranslations(io.BytesIO(words.compile_mo(entries)))
    assert loaded.gettext("首页") == "Home"
    assert loaded.gettext('引号"和\n换行') == 'quote " and\nline'
    assert loaded.gettext("未译") == "未译"


def test_the_frame_of_every_page_is_translated() -> None:
    known = words.read_po(words.SOURCE.read_text(encoding="utf-8"))
    frame = words.find_words(words.SOURCE.parents[3] / "web" / "templates" / "partials")
    assert {word for word in frame if not known.get(word)} == set()
