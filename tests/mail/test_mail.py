"""Codes and links by mail, over a real SMTP server: what arrives, and that nobody waits for it."""

import email.message
import re
import ssl
import statistics
import time
import urllib.parse

import httpx
from conftest import CERTIFICATE, KEY, Start
from smtp_sink import PASSWORD, USER, Sink

JANE = "jane.doe@example.com"
WHO = f"{urllib.parse.quote(USER, safe='')}:{urllib.parse.quote(PASSWORD, safe='')}"


def context() -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(CERTIFICATE, KEY)
    return made


def request_otp(url: str, address: str = JANE) -> None:
    answer = httpx.post(f"{url}/auth/request-otp", json={"email": address})
    assert answer.status_code == 202, answer.text


def part(mail: email.message.EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None, f"no {kind} part"
    return str(body.get_content())


def code_in(mail: email.message.EmailMessage) -> str:
    found = re.search(r"^ {4}(\d{6})\r?$", part(mail, "plain"), re.MULTILINE)
    assert found
    assert found[1] in part(mail, "html")
    return found[1]


def log_in(url: str, code: str) -> dict[str, str]:
    answer = httpx.post(f"{url}/auth/login", json={"email": JANE, "otp": code})
    assert answer.status_code == 200, answer.text
    tokens: dict[str, str] = answer.json()
    return tokens


def test_a_code_arrives_and_opens_a_session(start: Start) -> None:
    with Sink() as sink:
        url = start(f"smtp://127.0.0.1:{sink.port}").url
        request_otp(url)
        mail = sink.mail()
        assert (mail["To"], mail["From"]) == (JANE, "jwksd <no-reply@example.com>")
        assert mail.get_content_type() == "multipart/alternative"

        tokens = log_in(url, code_in(mail))
        info = httpx.get(f"{url}/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"})
        assert info.json()["username"] == JANE
        assert httpx.get(f"{url}/dev/outbox").status_code == 404


def test_a_mail_goes_by_starttls_to_a_server_that_asks_who_we_are(start: Start) -> None:
    with Sink(starttls=context(), asks_who=True) as sink:
        url = start(f"smtp://{WHO}@localhost:{sink.port}?tls=starttls").url
        request_otp(url)
        log_in(url, code_in(sink.mail()))


def test_a_mail_goes_by_tls_from_the_start(start: Start) -> None:
    with Sink(tls=context(), asks_who=True) as sink:
        url = start(f"smtps://{WHO}@localhost:{sink.port}").url
        request_otp(url)
        log_in(url, code_in(sink.mail()))


def test_nothing_is_handed_to_a_server_whose_certificate_nobody_vouches_for(start: Start) -> None:
    with Sink(tls=context()) as sink:
        url = start(f"smtps://localhost:{sink.port}", trusts=None).url
        request_otp(url)
        deadline = time.monotonic() + 30
        while metric(url, "jwksd_mail_attempts_failed_total") < 1:
            assert time.monotonic() < deadline, "no attempt has failed"
            time.sleep(0.02)
        assert sink.attempts == []


def test_an_answer_does_not_wait_for_a_slow_server(start: Start) -> None:
    with Sink() as sink:
        sink.gate.clear()
        unlimited = ["--auth-rate-limit", "burst=1000,every=1ms", "--mail-rate-limit", "burst=1000,every=1ms"]
        url = start(f"smtp://127.0.0.1:{sink.port}", *unlimited).url
        account = {"username": "ada", "email": JANE}
        assert httpx.post(f"{url}/register", json=account).status_code == 201
        request_otp(url)
        sink.wait_for_attempts(1)
        assert sink.mails == [], "the answer was there before the mail was taken"

        durations: dict[str, list[float]] = {JANE: [], "nobody@example.com": []}
        with httpx.Client() as client:
            for address in list(durations) * 50:
                begun = time.monotonic()
                answer = client.post(f"{url}/auth/request-password-reset", json={"email": address})
                durations[address].append(time.monotonic() - begun)
                assert answer.status_code == 202, answer.text
        known, unknown = (statistics.median(measured) * 1e3 for measured in durations.values())
        print(f"median of 50 requests for a reset: address known {known:.2f} ms, unknown {unknown:.2f} ms")
        assert sink.mails == []
        sink.gate.set()
        assert sink.mail()["To"] == JANE


def test_a_server_that_refuses_at_first_is_asked_again(start: Start) -> None:
    with Sink(verdict=lambda number: "451 later" if number < 3 else "250 taken") as sink:
        url = start(f"smtp://127.0.0.1:{sink.port}").url
        request_otp(url)
        mail = sink.mail()
        assert len(sink.attempts) == 3
        assert {attempt["Message-ID"] for attempt in sink.attempts} == {mail["Message-ID"]}
        log_in(url, code_in(mail))
        assert metric(url, 'jwksd_mails_total{outcome="sent"}') == 1


def test_a_stop_gives_what_waits_one_more_attempt(start: Start) -> None:
    refusing = True
    with Sink(verdict=lambda _: "451 later" if refusing else "250 taken") as sink:
        server = start(f"smtp://127.0.0.1:{sink.port}")
        request_otp(server.url)
        sink.wait_for_attempts(3)
        deadline = time.monotonic() + 30
        while metric(server.url, "jwksd_mail_attempts_failed_total") < 3:
            assert time.monotonic() < deadline, "the third attempt has not failed"
            time.sleep(0.02)
        refusing = False
        server.stop()
        assert len(sink.mails) == 1
        assert JANE not in server.log(), "the log names nobody"


def test_a_link_sets_a_password_anew(start: Start) -> None:
    with Sink() as sink:
        page = "https://app.example.com/reset?token={token}&lang=en"
        url = start(f"smtp://127.0.0.1:{sink.port}", "--password-reset-url", page).url
        account = {"username": "ada", "email": JANE, "password": "correct horse battery"}
        assert httpx.post(f"{url}/register", json=account).status_code == 201
        assert httpx.post(f"{url}/auth/request-password-reset", json={"email": JANE}).status_code == 202
        mail = sink.mail()
        link = re.search(r"https://\S+", part(mail, "plain"))
        assert link
        assert link[0].replace("&", "&amp;") in part(mail, "html")
        token = urllib.parse.parse_qs(urllib.parse.urlsplit(link[0]).query)["token"][0]
        reset = {"token": token, "new_password": "staple of the battery"}
        assert httpx.post(f"{url}/auth/reset-password", json=reset).status_code == 204
        for password, status in (("correct horse battery", 401), ("staple of the battery", 200)):
            assert httpx.post(f"{url}/auth", json={"username": "ada", "password": password}).status_code == status


def metric(url: str, name: str) -> float:
    lines = httpx.get(f"{url}/metrics").text.splitlines()
    return next((float(line.removeprefix(name)) for line in lines if line.startswith(f"{name} ")), 0.0)
