"""Bodies, persons, posts and who holds them. Who may do what follows from posts and places (``access.py``)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from tongxin.kernel.privacy import mask_name, mask_phone, personal

_BASIS = "个人信息保护法第13条第1款第3项（履行法定职责）"


class Body(models.Model):
    """A party committee, branch, group, member household, department, property company, resident unit …"""

    district = models.ForeignKey("packs.District", on_delete=models.PROTECT)
    key = models.CharField("键", max_length=40, null=True, blank=True)
    kind = models.CharField("类别", max_length=40)
    name = models.CharField("名称", max_length=80)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    seat = models.ForeignKey("territory.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    uscc = models.CharField("统一社会信用代码", max_length=18, blank=True)
    began_on = models.DateField("成立")
    ended_on = models.DateField("撤销", null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "key"], name="body_key_once")]
        indexes = [models.Index(fields=["district", "kind", "name"], name="body_by_kind")]


class BodyArea(models.Model):
    """The party tree laid over the grid tree: a body covers places, many grids to a branch (XN-11 … XN-16)."""

    body = models.ForeignKey(Body, on_delete=models.CASCADE, related_name="grounds")
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["body", "area"], name="body_covers_once")]


class Person(models.Model):
    """Somebody who holds posts. Not a register of residents."""

    district = models.ForeignKey("packs.District", on_delete=models.PROTECT)
    name = personal(
        models.CharField("姓名", max_length=40),
        purpose="公示网格负责人（G-07）",
        basis=_BASIS,
        retention_days=1095,
        mask=mask_name,
    )
    phone = personal(
        models.CharField("电话", max_length=20, blank=True),
        purpose="工作联系",
        basis=_BASIS,
        retention_days=1095,
        mask=mask_phone,
    )
    user = models.OneToOneField(
        "accounts.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="person"
    )
    made_up = models.BooleanField("演示人物", default=False)


class Post(models.Model):
    """A role at a place or in a body; it stays when people change."""

    district = models.ForeignKey("packs.District", on_delete=models.PROTECT)
    role = models.CharField("角色", max_length=40)
    title = models.CharField("岗位", max_length=120)
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, null=True, blank=True)
    body = models.ForeignKey(Body, on_delete=models.PROTECT, null=True, blank=True, related_name="posts")
    seat = models.PositiveSmallIntegerField("席位", default=1)
    # places this post acts for: its own, or those its body covers; kept by organization.actions
    grounds = ArrayField(models.BigIntegerField(), default=list)
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(area__isnull=False) ^ Q(body__isnull=False), name="post_in_one_place"),
            models.UniqueConstraint(
                fields=["district", "role", "area", "body", "seat"], name="post_once", nulls_distinct=False
            ),
        ]
        indexes = [models.Index(fields=["district", "role"], name="post_by_role")]


class Term(models.Model):
    """A person holding a post for a time."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="terms")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="terms")
    from_on = models.DateField("自")
    to_on = models.DateField("至", null=True, blank=True)
    # of a part-time seat: the outside unit that the person comes from (XN-04)
    unit = models.ForeignKey(Body, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(to_on=None) | Q(to_on__gte=F("from_on")), name="term_runs_forward"),
            models.UniqueConstraint(fields=["post", "person", "from_on"], name="term_once"),
        ]
        indexes = [models.Index(fields=["person", "to_on"], name="term_by_person")]


class Cover(models.Model):
    """One post stands in for another for a time (AB 岗, XN-59): the cover sees and does what the covered post may."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="covered_by")
    by = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="covers")
    from_on = models.DateField("自")
    to_on = models.DateField("至", null=True, blank=True)
    reason = models.CharField("事由", max_length=120, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(post=F("by")), name="cover_another")]


class DutyLink(models.Model):
    """Who is bound to what for a time: a leader to a community, a unit to a community, a mentor to those taught (XN-24, WH-15, WH-28)."""

    district = models.ForeignKey("packs.District", on_delete=models.PROTECT, db_index=False)
    kind = models.CharField("联系", max_length=40)
    from_post = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, blank=True, related_name="links_from")
    from_body = models.ForeignKey(Body, on_delete=models.PROTECT, null=True, blank=True, related_name="links_from")
    from_person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="links_from")
    to_area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    to_body = models.ForeignKey(Body, on_delete=models.PROTECT, null=True, blank=True, related_name="links_to")
    to_post = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, blank=True, related_name="links_to")
    to_person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="links_to")
    from_on = models.DateField("自")
    until_on = models.DateField("至", null=True, blank=True)
    note = models.CharField("说明", max_length=120, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gte=F("from_on")), name="duty_link_runs_forward"
            ),
            models.CheckConstraint(
                condition=(
                    Q(from_post__isnull=False, from_body=None, from_person=None)
                    | Q(from_post=None, from_body__isnull=False, from_person=None)
                    | Q(from_post=None, from_body=None, from_person__isnull=False)
                ),
                name="duty_link_from_one",
            ),
            models.CheckConstraint(
                condition=(
                    Q(to_area__isnull=False, to_body=None, to_post=None, to_person=None)
                    | Q(to_area=None, to_body__isnull=False, to_post=None, to_person=None)
                    | Q(to_area=None, to_body=None, to_post__isnull=False, to_person=None)
                    | Q(to_area=None, to_body=None, to_post=None, to_person__isnull=False)
                ),
                name="duty_link_to_one",
            ),
            models.UniqueConstraint(
                fields=["district", "kind", "from_post", "from_body", "from_person", "to_area", "to_body", "to_post", "to_person"],
                condition=Q(until_on=None), name="duty_link_once", nulls_distinct=False,
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["district", "kind"], name="duty_link_by_kind")]
