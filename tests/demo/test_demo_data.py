"""`manage.py demo_data`: every desk has something on it, everything was done by the engine, nobody is real."""

from __future__ import annotations

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tongxin.accounts import api as accounts
from tongxin.affairs.models import Affair
from tongxin.kernel import caches, clock
from tongxin.matters.models import Matter
from tongxin.notices.models import Notice
from tongxin.organization.models import Person
from tongxin.packs import api as packs
from tongxin.procedures import api as procedures
from tongxin.procedures.models import LogEntry, Run
from tongxin.records.models import Attachment
from tongxin.web.demo import PASSWORD, logins

KEY = "xiuning"


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """A short demo, made once for this module and taken back afterwards."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        caches.clear_all()
        packs.forget_districts()
        out = StringIO()
        call_command("demo_data", "--only", KEY, "--days", "8", stdout=out)
        yield out.getvalue()
        transaction.set_rollback(True)
    caches.clear_all()
    packs.forget_districts()


def district():
    view = packs.find_district(key=KEY)
    assert view is not None
    return view


def test_it_says_what_it_made(demo):
    assert re.search(r"\d+ 件诉求，\d+ 件事项，\d+ 步办理，\d+ 次超时处理", demo)


def test_every_open_state_has_a_case_in_it_and_some_are_late(demo):
    intake = district().pack.settings.intake
    procedure = district().pack.procedures[intake.procedure]
    waiting = {state: count for name, state, count in procedures.count_by_state(district()) if name == intake.procedure}
    assert set(waiting) == {key for key, state in procedure.states.items() if not state.final}
    late = list(procedures.list_runs(district(), late_at=clock.now(), rows=200).rows)
    assert late
    assert Run.objects.filter(outcome="done").exists()


def test_nothing_was_put_in_behind_the_engine(demo):
    assert Run.objects.filter(parent=None, subject_kind="matter").count() == Matter.objects.count()
    assert Run.objects.filter(parent=None, subject_kind="affair").count() == Affair.objects.count() > 0
    for run in Run.objects.all():
        assert procedures.verify(run) is None
    assert not Run.objects.filter(finished_at=None, next_timer_at__lte=clock.now()).exists()
    assert not Matter.objects.filter(reported_at__gt=clock.now()).exists()
    assert Attachment.objects.filter(subject_kind="").count() == 0


def test_people_read_their_notes(demo):
    waiting = Notice.objects.filter(read_at=None)
    assert 0 < waiting.count() < Notice.objects.count() / 2
    old = waiting.filter(
        created_at__lt=clock.now() - timedelta(days=6)
    ).count()  # some were away on a day, few for a week
    assert old < Notice.objects.filter(created_at__lt=clock.now() - timedelta(days=6)).count() / 4
    entries = LogEntry.objects.exclude(actor_post=None).select_related("run").order_by("at")
    acted = {(one.actor_post_id, one.run.subject_kind, one.run.subject_id): one.at for one in entries}
    for note in waiting:  # whoever acted on a case had opened it
        assert note.created_at >= acted.get((note.post_id, note.subject_kind, note.subject_id), note.created_at)


def test_nobody_is_real(demo):
    assert not Person.objects.filter(made_up=False).exists()
    assert not Person.objects.exclude(name__startswith="演示·").exists()
    assert not Affair.objects.exclude(opener_name="").exclude(opener_name__startswith="演示·").exists()
    assert not Matter.objects.exclude(reporter_name="").exclude(reporter_name__startswith="演示·").exists()
    assert not Matter.objects.exclude(reporter_phone="").exclude(reporter_phone__startswith="000-").exists()


def test_each_audience_can_sign_in(demo):
    rows = logins()
    assert rows[0][0].endswith("居民")
    assert len(rows) > 8
    for _, path, username, password, sees in rows:
        assert path == f"/d/{KEY}/"
        assert sees
        assert password == (PASSWORD if username else "")
    one = rows[1][2]
    user = accounts.authenticate(district_key=KEY, username=one, password=PASSWORD, now=clock.now())
    assert user.username == one


def test_a_second_run_changes_nothing(demo):
    before = (Matter.objects.count(), Run.objects.count(), Person.objects.count())
    out = StringIO()
    call_command("demo_data", "--only", KEY, stdout=out)
    assert "没有改动" in out.getvalue()
    assert before == (Matter.objects.count(), Run.objects.count(), Person.objects.count())


@pytest.mark.django_db
def test_an_installation_in_use_is_neither_emptied_nor_filled():
    from tests.domain.matters.imports.city import open_city

    open_city()
    for words in (("--fresh",), ()):
        with pytest.raises(CommandError, match=r"真实|不是演示"):
            call_command("demo_data", *words, stdout=StringIO())
    assert [view.key for view in packs.list_districts()] == ["city"]
