"""A person with a browser: signs in on the verifier's pages and says yes."""

import hashlib
import hmac
import html
import base64
import re
import struct
import time
import urllib.error
import urllib.parse
import urllib.request
from http.cookies import SimpleCookie

STEP_S = 30


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Person:
    def __init__(self, name, password, second_factor):
        self.name, self.password = name, password
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(second_factor).query)
        secret = query["secret"][0]
        self.seed = base64.b32decode(secret + "=" * (-len(secret) % 8))
        self.opener = urllib.request.build_opener(NoRedirect)
        self.last_step = 0
        self.cookies = {}

    def code(self):
        """The next code that was not used yet (RFC 6238)."""
        step = max(int(time.time()) // STEP_S, self.last_step + 1)
        # The verifier takes a code one step early: no need to wait for that one.
        while step > int(time.time()) // STEP_S + 1:
            time.sleep(0.5)
        self.last_step = step
        tag = hmac.digest(self.seed, struct.pack(">Q", step), hashlib.sha1)
        word = struct.unpack(">I", tag[tag[-1] & 15 :][:4])[0] & 0x7FFFFFFF
        return f"{word % 1_000_000:06}"

    def open(self, url, fields=None):
        """Returns (status, Location or page)."""
        data = None if fields is None else urllib.parse.urlencode(fields).encode()
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        request = urllib.request.Request(url, data, {"cookie": cookie})
        try:
            answer = self.opener.open(request, timeout=30)
        except urllib.error.HTTPError as error:
            answer = error
        for line in answer.headers.get_all("set-cookie") or []:
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        location = answer.headers.get("location")
        return answer.status, location or answer.read().decode()

    def allow(self, url):
        """Where the browser ends up: (status, URL or page)."""
        status, page = self.open(url)
        if status != 200:
            return status, page
        if 'name="password"' in page:
            fields = {"name": self.name, "password": self.password, "code": self.code(), "step": "sign_in"}
            status, location = self.submit(url, page, fields)
            if status != 303:
                return status, location
            status, page = self.open(urllib.parse.urljoin(url, location))
        return self.submit(url, page, {"step": "allow"})

    def submit(self, url, page, fields):
        action = re.search(r'<form method="post" action="([^"]*)"', page)[1]
        csrf = re.search(r'name="csrf" value="([^"]*)"', page)[1]
        return self.open(urllib.parse.urljoin(url, html.unescape(action)), {"csrf": csrf} | fields)
