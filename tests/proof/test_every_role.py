"""Everybody whom an article names signs in and goes wherever their pages lead: nothing is missing, forbidden or broken.

The demo lists a login for each role of each district (and the resident, who needs none). Each follows every link that their
pages offer, two of each kind, as far as the district's pages go.
"""

from __future__ import annotations

import html
import re
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter, deque
from http.cookiejar import CookieJar

import pytest

from tests.setup.demo import Demo, demo, wait_until

__all__ = ["demo"]
pytestmark = pytest.mark.faults
PAGES = 80  # for each person
ALIKE = 2  # pages of one kind, told by their address without its numbers and receipt codes
READY_SECONDS = 900
DISTRICTS = 6
LOGIN = re.compile(r"^ +(?P<who>\S.*?) +(?P<home>http://\S+/d/\w+/) *(?:(?P<user>\w+) +(?P<password>\S+))?", re.M)


class Person:
    """A browser without eyes: keeps cookies, follows links."""

    def __init__(self, home: str) -> None:
        self.home = home
        self._browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def open(self, address: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Return status, text of the page (empty when it is a file) and the address at which it was found."""
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        try:
            with self._browser.open(urllib.request.Request(address, data), timeout=60) as answer:
                kind, text = answer.headers.get("Content-Type", ""), answer.read()
                return answer.status, text.decode() if "html" in kind else "", answer.url
        except urllib.error.HTTPError as error:
            return error.code, "", address

    def sign_in(self, user: str, password: str) -> str:
        """Sign in and return the first page's address."""
        _, text, _ = self.open(self.home + "sign-in")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)
        assert token
        form = {"csrfmiddlewaretoken": token[1], "username": user, "password": password}
        _, _, at = self.open(self.home + "sign-in", form)
        assert not at.endswith("sign-in"), f"{user} cannot sign in at {self.home}"
        return at

    def walk(self, first: str) -> list[tuple[str, int]]:
        """Return the pages seen with their status."""
        seen: list[tuple[str, int]] = []
        known, alike, ahead = {first, self.home}, Counter[str](), deque([first, self.home])
        while ahead and len(seen) < PAGES:
            address = ahead.popleft()
            status, text, at = self.open(address)
            seen.append((address, status))
            for link in re.findall(r'<a\b[^>]*\bhref="([^"#]+)', text):
                following = urllib.parse.urljoin(at, html.unescape(link)).partition("#")[0]
                kind = re.sub(r"\d+|\b[0-9A-Z]{12}\b", "…", following)
                if following.startswith(self.home) and following not in known and alike[kind] < ALIKE:
                    known.add(following)
                    alike[kind] += 1
                    ahead.append(following)
        return seen


def test_every_role_of_every_district_finds_only_open_doors(demo: Demo) -> None:
    demo.start(data=True)
    wait_until(lambda: "Ctrl-C" in demo.screen() or demo.process.poll() is not None, READY_SECONDS)
    people = [match.groupdict() for match in LOGIN.finditer(demo.screen())]
    homes = Counter(person["home"] for person in people)
    assert len(homes) == DISTRICTS
    assert min(homes.values()) >= 10, homes
    shut, pages = [], 0
    for one in people:
        person = Person(one["home"])
        first = person.sign_in(one["user"], one["password"]) if one["user"] else one["home"]
        seen = person.walk(first)
        pages += len(seen)
        shut += [(one["who"], address, status) for address, status in seen if status != 200]
    assert not shut
    assert pages > 30 * len(people)
