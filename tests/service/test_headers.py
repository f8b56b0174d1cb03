"""Every answer carries what keeps browsers safe."""

import pytest

from miais.service.access import OpenAccess


@pytest.mark.parametrize("path", ["/", "/page/app.js", "/health", "/nosuch", "/people/Nobody", "/openapi.json"])
def test_every_answer_has_the_headers(serve, path):
    answer = serve(OpenAccess()).get(path)
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store" or path in ("/", "/page/app.js")
    assert len(answer.headers["X-Request-ID"]) == 12
