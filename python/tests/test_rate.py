"""The helper that reads the limits of services from responses."""

import time
import unittest
from email.utils import formatdate

from dl_jobs import RateLimited, check_rate


class Response:
    def __init__(self, status, headers=()):
        self.status_code = status
        self.headers = dict(headers)


class UrllibResponse:
    def __init__(self, status, headers=()):
        self.status = status
        self.headers = dict(headers)


class CheckRate(unittest.TestCase):
    def wait_of(self, response):
        with self.assertRaises(RateLimited) as caught:
            check_rate(response)
        return caught.exception.retry_after

    def test_limits(self):
        reset = str(int(time.time()) + 100)
        exhausted = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
        for kind in (Response, UrllibResponse):
            self.assertIsNone(self.wait_of(kind(429)))
            self.assertEqual(self.wait_of(kind(429, {"Retry-After": "7"})), 7)
            self.assertEqual(self.wait_of(kind(503, {"retry-after": "1.5"})), 1.5)
            self.assertTrue(90 < self.wait_of(kind(403, exhausted)) <= 101)
            self.assertEqual(self.wait_of(kind(403, {"RateLimit": '"h";r=0;t=40'})), 40)
        date = formatdate(time.time() + 100, usegmt=True)
        self.assertTrue(90 < self.wait_of(Response(503, {"Retry-After": date})) <= 101)

    def test_other_responses(self):
        others = [
            Response(200, {"X-RateLimit-Remaining": "0"}),
            Response(503),
            Response(403, {"X-RateLimit-Remaining": "5"}),
        ]
        for one in others:
            self.assertIs(check_rate(one), one)
        with self.assertRaises(TypeError):
            check_rate(object())


if __name__ == "__main__":
    unittest.main()
