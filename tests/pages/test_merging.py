"""Who merges a matter picks the other one from those that are likely the same, or types its number."""

from __future__ import annotations

import re

from tests.pages.conftest import SignedIn
from tests.world import World
from tongxin.matters import api as matters
from tongxin.matters.models import Matter


def test_the_likely_ones_are_put_forward_where_the_number_goes(world: World, signed_in: SignedIn) -> None:
    first = world.report("3栋电梯坏了三天没人修", lon=None, lat=None)
    again = world.report("3栋的电梯坏了，三天都没人来修", lon=None, lat=None)
    world.report("河边路灯不亮", lon=None, lat=None)
    desk = signed_in("county_duty")
    case = f"/work/cases/{again.run_id}"
    page = desk.get(case).content.decode()
    shown = re.search(
        r'<input[^>]* name="master"[^>]* list="([^"]+)"[^>]*>\s*<datalist id="([^"]+)">(.*?)</datalist>', page
    )
    assert shown is not None
    assert shown[1] == shown[2]
    proposed = re.findall(r'<option value="([^"]+)">([^<]+)</option>', shown[3])
    assert [ref for ref, _ in proposed] == [first.ref]
    assert proposed[0][1].startswith("3栋电梯坏了三天没人修（")
    assert desk.post(case, {"transition": "merge", "master": proposed[0][0]}).status_code == 302
    assert Matter.objects.get(pk=again.matter_id).master_id == first.matter_id


def test_without_a_likely_one_the_number_is_typed(world: World, signed_in: SignedIn) -> None:
    alone = world.report("河边路灯不亮", lon=None, lat=None)
    page = signed_in("county_duty").get(f"/work/cases/{alone.run_id}").content.decode()
    assert 'name="master"' in page
    assert "<datalist" not in page
    assert matters.read_ref(alone.ref) == alone.matter_id
