"""Whatever is sent, the server says no in time, or does what it can."""

from malformed import send_malformed


def test_no_request_breaks_the_server(serve, make_service):
    service = make_service()
    service.warm_up()
    api = serve(service)
    report = send_malformed(str(api.base_url), 300)
    assert report.failures == []
    assert report.sent >= 300
    assert report.statuses[422] > 50
    assert api.get("/ready").json()["status"] == "ok"
