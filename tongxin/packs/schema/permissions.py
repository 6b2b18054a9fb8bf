"""The permissions that a role may have. What they open is decided in ``organization.access``, nowhere else."""

from __future__ import annotations

PERMISSIONS: dict[str, str] = {
    "report_for_others": "代居民反映",
    "see_matters": "看诉求",
    "see_personal": "看个人信息",
    "see_places": "看地域和地名",
    "import": "批量导入",
    "export": "导出",
    "manage_people": "管人员和岗位",
    "plan_grids": "划分网格",
    "manage_areas": "管地域",
    "manage_facilities": "管理身边设施",
    "manage_pack": "管资料包",
    "see_audit": "看操作记录",
    "supervise": "督办",
    "call_out": "发起动员",
    "manage_lists": "维护清单",
    "keep_cadence": "记活动",
    "keep_registers": "维护名册",
    "exchange": "与别的系统交换",
}
