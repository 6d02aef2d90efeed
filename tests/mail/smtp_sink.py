"""A real SMTP server on a free port of loopback, which does what a test says with the mails that it is handed."""

import asyncio
import email
import email.message
import email.policy
import ssl
import threading
from collections.abc import Callable
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

PATIENCE_SECONDS = 30
USER, PASSWORD = "jwksd@example.com", "p:/@ w"

Verdict = Callable[[int], str]


def taken(_: int) -> str:
    return "250 taken"


class Sink:
    """Takes mails until it is closed. `verdict` answers the nth attempt; without `gate` being set it answers nothing."""

    def __init__(
        self,
        verdict: Verdict = taken,
        starttls: ssl.SSLContext | None = None,
        tls: ssl.SSLContext | None = None,
        asks_who: bool = False,
    ) -> None:
        self.verdict, self.starttls, self.tls, self.asks_who = verdict, starttls, tls, asks_who
        self.mails: list[email.message.EmailMessage] = []
        self.attempts: list[email.message.EmailMessage] = []
        self.gate = threading.Event()
        self.gate.set()
        self.changed = threading.Condition()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def __enter__(self) -> "Sink":
        self.thread.start()
        server = asyncio.run_coroutine_threadsafe(self._listen(), self.loop).result(PATIENCE_SECONDS)
        self.port = server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self.gate.set()
        asyncio.run_coroutine_threadsafe(self._close(), self.loop).result(PATIENCE_SECONDS)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(PATIENCE_SECONDS)

    async def _listen(self) -> asyncio.Server:
        return await self.loop.create_server(self._session, "127.0.0.1", 0, ssl=self.tls)

    async def _close(self) -> None:
        """Lets nobody go on talking."""
        talking = asyncio.all_tasks() - {asyncio.current_task()}
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)

    def _session(self) -> SMTP:
        return SMTP(
            self,
            tls_context=self.starttls,
            require_starttls=self.starttls is not None,
            auth_required=self.asks_who,
            auth_require_tls=self.tls is None,
            authenticator=known,
            loop=self.loop,
        )

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        mail = email.message_from_bytes(content, _class=email.message.EmailMessage, policy=email.policy.default)
        with self.changed:
            self.attempts.append(mail)
            number = len(self.attempts)
            self.changed.notify_all()
        while not self.gate.is_set():
            await asyncio.sleep(0.005)
        answer = self.verdict(number)
        if answer.startswith("250"):
            with self.changed:
                self.mails.append(mail)
                self.changed.notify_all()
        return answer

    def wait_for_attempts(self, count: int) -> None:
        self._wait(lambda: len(self.attempts) >= count, f"{count} attempts")

    def mail(self) -> email.message.EmailMessage:
        """The last mail, once there is one."""
        self._wait(lambda: len(self.mails) > 0, "a mail")
        return self.mails[-1]

    def _wait(self, is_so: Callable[[], bool], what: str) -> None:
        with self.changed:
            assert self.changed.wait_for(is_so, PATIENCE_SECONDS), f"no {what} within {PATIENCE_SECONDS} s"


def known(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, shown: Any) -> AuthResult:
    is_known = isinstance(shown, LoginPassword) and shown == LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=is_known)
