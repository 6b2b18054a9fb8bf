"""What the record of administrators calls things, in Chinese, and the record as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tongxin.records.api import AuditEntry
from tongxin.web.sheets import Sheet

PACKAGES = {
    "organization": "人员与岗位",
    "territory": "地域",
    "packs": "资料包",
    "procedures": "在办件",
    "accounts": "登录",
    "records": "形式主义反映",
    "learning": "文字理解",
    "registers": "名册",
    "planning": "网格划分",
    "places": "身边设施",
    "lists": "清单",
    "cadence": "日程",
    "matters": "诉求",
    "exchange": "数据交换",
    "screens": "大屏",
}
ACTIONS = {
    "organization.add_person": "新建人员", "organization.appoint": "任命", "organization.end_term": "卸任",
    "organization.set_cover": "设代岗", "organization.end_cover": "结束代岗", "organization.link_user": "关联账号",
    "organization.open_account": "建立账号", "organization.renew_password": "重设密码", "organization.switch_account": "停用或恢复账号",
    "organization.issue_key": "新建程序密钥", "organization.end_key": "停用程序密钥", "organization.add_body": "新建组织",
    "organization.set_body_covers": "调整覆盖地域", "organization.end_body": "撤销组织", "organization.set_up_bodies": "按资料包设组织",
    "organization.set_up_posts": "按资料包设岗位", "organization.import_people": "导入人员", "organization.staff_posts": "批量配人",
    "territory.add_area": "新建地域", "territory.rename_area": "地域改名", "territory.redraw_area": "重画边界",
    "territory.end_area": "停用地域", "territory.succeed_area": "拆分合并地域", "territory.import_areas": "导入地域",
    "territory.add_place_names": "导入地名", "territory.repair_outline": "修正边界问题", "territory.repair_slivers": "修正细缝", "places.add_facility": "登记设施", "places.change_facility": "改设施",
    "places.end_facility": "停用设施", "places.import_facilities": "导入设施", "places.set_up_facilities": "建立设施", "places.load_walk_map": "读入路网", "places.drop_walk_map": "去掉路网", "territory.redraw_together": "一起重画边界",
    "planning.split_area": "拆分地域", "planning.merge_area": "合并地域", "planning.redraw_area": "重画边界", "planning.withdraw_area_change": "撤回地域变更",
    "planning.begin_plan": "新建网格方案", "planning.copy_plan": "复制网格方案", "planning.draft_again": "重新划分", "planning.drop_plan": "丢弃网格方案",
    "planning.submit_plan": "提交网格方案", "planning.import_units": "导入楼栋与界线", "cadence.excuse": "写明不办的原因", "cadence.take_back": "撤回记录",
    "lists.draft_edition": "起草清单", "lists.publish_edition": "公布清单", "lists.close_period": "关闭一期清单", "lists.discard_draft": "丢弃清单草稿",
    "lists.add_items": "清单加条目", "lists.edit_item": "改清单条目", "lists.remove_item": "拿掉清单条目", "lists.import_items": "导入清单条目",
    "planning.drop_lines": "删去界线", "packs.adopt_pack": "采用资料包版本", "procedures.move_cases": "迁移在办件",
    "records.answer_complaint": "处理形式主义反映", "records.export_audit": "导出管理记录", "matters.import_rows": "导入诉求",
    "learning.train_district": "训练文字模型", "learning.ask_training": "发起训练", "learning.cancel_training": "取消训练",
    "registers.enter": "登记", "registers.enter_many": "成批登记", "registers.move": "进到下一步", "registers.correct": "更正登记",
    "registers.end": "销记", "registers.sign": "记签署", "registers.sign_many": "成批记签署", "registers.look_at_tag": "看标签名单",
    "registers.add_version": "加一版文件", "registers.keep_paper": "登文件原件", "registers.withdraw_version": "撤回一版文件",
    "registers.mark_home": "登标签", "registers.keep_mark": "复核标签", "registers.take_off_mark": "撤下标签",
    "organization.link_person": "填统一身份编号", "organization.unlink_person": "解除统一身份", "organization.link_oneself": "本人关联统一身份",
    "organization.unlink_oneself": "本人解除统一身份", "accounts.set_identity": "设统一身份", "accounts.drop_identity": "停用统一身份",
    "exchange.send_again": "再送一条消息", "exchange.give_up": "不再送一条消息", "exchange.look_at_certificate": "看证照号码",
    "exchange.set_link": "设数据交换", "exchange.drop_link": "停数据交换",
    "screens.make_link": "新建大屏链接", "screens.end_link": "停用大屏链接",
    "learning.place_matter": "高频问题归入或移出", "learning.accept_suggestions": "成批采用类别建议",
}  # fmt: skip
KEYS = {
    "id": "编号", "post": "岗位", "person": "人员", "user": "账号", "username": "用户名", "from_on": "自", "to_on": "至", "last_on": "最后一天",
    "replaced": "接替", "taken_back": "收回", "reason": "事由", "before": "原来", "after": "改为", "code": "代码", "level": "级别", "file": "文件",
    "created": "新增", "changed": "更改", "ended": "撤销", "made": "新设", "pack": "资料包", "number": "版本", "version": "版本", "states": "环节",
    "moved": "迁移", "refused": "未成", "may": "权限", "per_minute": "每分钟上限", "active": "启用", "by": "代岗", "kind": "类别", "covers": "覆盖",
    "posts": "岗位数", "parent": "上级", "answer": "处理", "people": "人数", "terms": "任职数", "crs": "坐标系", "repair": "修正边界", "notes": "说明",
    "found": "检查", "edition": "哪一版", "item": "条目", "items": "条目数", "cases": "开出的件数", "carried": "转入下期", "plan": "方案", "under": "范围", "wish": "目标", "seed": "随机数", "run": "在办件", "from": "抄自", "read": "读了", "added": "新增", "known": "已有", "source": "来源", "faults": "有错", "unchanged": "不变", "given": "给出", "kept": "保留",
    "entry": "登记", "class": "分类", "stage": "步骤", "count": "条数", "document": "文件", "party": "签署方", "copy_of": "哪一份", "tag": "标签", "mark": "哪一户",
    "unit": "来自单位", "topic": "高频问题", "matter": "诉求", "belongs": "归入", "examples": "学过的件数", "macro_f1": "平均 F1", "accepted": "采用", "days": "天数",
    "link": "系统", "message": "消息", "certificate": "证照", "address": "地址", "algorithm": "签名算法",
    "subject": "统一身份编号", "issuer": "发行方", "client_id": "应用标识", "secret_from": "密钥在哪里", "claim": "认人的项", "title": "名称",
}  # fmt: skip


def title_of(action: str) -> str:
    """The act in words; unknown ones as they are written."""
    return ACTIONS.get(action, action)


def detail_of(detail: dict[str, Any]) -> list[tuple[str, str]]:
    """What was changed as (name, value), empty values left out."""
    return [(KEYS.get(key, key), say(value)) for key, value in detail.items() if value not in ("", None, [], {})]


def say(value: Any) -> str:
    """A value in one line."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(say(item) for item in value[:20]) + ("…" if len(value) > 20 else "")
    if isinstance(value, dict):
        return "，".join(f"{KEYS.get(key, key)} {say(item)}" for key, item in value.items())
    return str(value)[:400]


def sheet_of(entries: Sequence[AuditEntry]) -> Sheet:
    """Return the record as a table."""
    return Sheet(
        "管理记录",
        (("时间", 20), ("谁", 32), ("做了什么", 18), ("对象", 36), ("明细", 60), ("代号", 28)),
        [
            (
                entry.at, entry.actor_label, title_of(entry.action), entry.target,
                "；".join(f"{name} {value}" for name, value in detail_of(entry.detail)), entry.action,
            )
            for entry in entries
        ],
        moments="yyyy-mm-dd hh:mm:ss",
    )  # fmt: skip
