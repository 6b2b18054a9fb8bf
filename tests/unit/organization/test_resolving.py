"""The rule of vacancy on plain values: each step of it, and that it never loses a case."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tongxin.organization.rules.directory import Post
from tongxin.organization.rules.resolving import choose, deputies

GRID, COMMUNITY, COUNTY = 3, 2, 1
DEPUTY_OF = {"worker": "secretary", "secretary": "elder", "elder": "worker", "head": None}


def post(number: int, role: str, place: int, seat: int = 1) -> Post:
    return Post(number, role, f"{role}{number}", place, None, seat, (place,))


def pick(posts: list[Post], held: set[int], role: str = "worker", line=(GRID, COMMUNITY, COUNTY)) -> int | None:
    def posts_of(wanted: str, where: int) -> list[Post]:
        return [p for p in posts if p.role == wanted and p.area_id == where]

    steps = [(role, where) for where in line]
    found = choose(steps, posts_of=posts_of, held=held.__contains__, deputy_of=DEPUTY_OF)
    return found.id if found else None


def test_deputies_end_at_a_ring():
    assert deputies("worker", DEPUTY_OF) == ["worker", "secretary", "elder"]
    assert deputies("head", DEPUTY_OF) == ["head"]
    assert deputies("unknown", DEPUTY_OF) == ["unknown"]


def test_the_held_post_nearest_to_the_place_takes_it():
    posts = [post(1, "worker", GRID), post(2, "worker", COMMUNITY)]
    assert pick(posts, {1, 2}) == 1


def test_the_second_seat_before_the_deputy():
    posts = [post(1, "worker", GRID), post(2, "worker", GRID, seat=2), post(3, "secretary", GRID)]
    assert pick(posts, {2, 3}) == 2


def test_the_deputy_at_the_same_place_before_the_level_above():
    posts = [post(1, "worker", GRID), post(2, "secretary", GRID), post(3, "worker", COMMUNITY)]
    assert pick(posts, {2, 3}) == 2


def test_the_deputys_deputy():
    posts = [post(1, "worker", GRID), post(2, "secretary", GRID), post(3, "elder", GRID)]
    assert pick(posts, {3}) == 3


def test_the_same_role_one_level_up():
    posts = [post(1, "worker", GRID), post(2, "worker", COMMUNITY), post(3, "worker", COUNTY)]
    assert pick(posts, {2, 3}) == 2
    assert pick(posts, {3}) == 3


def test_where_the_role_has_no_post_its_deputy_is_not_asked():
    posts = [post(1, "secretary", GRID), post(2, "worker", COMMUNITY)]
    assert pick(posts, {1, 2}) == 2


def test_nothing_held_falls_to_the_nearest_post_of_the_role():
    posts = [post(1, "secretary", GRID), post(2, "worker", COMMUNITY), post(3, "worker", COUNTY)]
    assert pick(posts, set()) == 2


def test_without_any_post_of_the_role_the_deputies_nearest():
    assert pick([post(1, "secretary", COUNTY)], set()) == 1


def test_without_any_post_there_is_no_desk():
    assert pick([], set()) is None
    assert pick([post(1, "head", GRID)], {1}) is None


@given(
    st.lists(
        st.tuples(st.sampled_from(["worker", "secretary", "elder", "head"]), st.sampled_from([1, 2, 3])), max_size=8
    ),
    st.sets(st.integers(0, 7)),
)
def test_nothing_is_lost_and_nobody_unfit_is_chosen(rows, held):
    posts = [post(number, role, place) for number, (role, place) in enumerate(rows)]
    found = pick(posts, held)
    line = {p.id for p in posts if p.role in ("worker", "secretary", "elder")}
    assert (found is None) == (not line)
    if any(p.role == "worker" and p.id in held for p in posts):
        assert found in held  # whoever is there is asked before an empty chair
