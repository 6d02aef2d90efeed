"""A jwksd for each test, since what a server mails by is said when it starts."""

import pathlib
import sys
import tempfile
from collections.abc import Callable, Iterator

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

import with_server

CERTIFICATES = pathlib.Path(__file__).resolve().parents[1] / "cli" / "tls"
CERTIFICATE, KEY = CERTIFICATES / "certificate.pem", CERTIFICATES / "not_a_secret.pem"


class Jwksd:
    """A server that listens at `url`."""

    def __init__(self, options: list[str], variables: dict[str, str], home: pathlib.Path) -> None:
        self.home = home
        self.process = with_server.start(options, home, variables)
        self.url = with_server.wait_until_ready(self.process, home)

    def stop(self) -> None:
        with_server.stop(self.process)

    def log(self) -> str:
        return (self.home / "server.log").read_text()


Start = Callable[..., Jwksd]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a server that mails through an SMTP URL and trusts the certificate of these tests."""
    servers: list[Jwksd] = []
    with tempfile.TemporaryDirectory(prefix="jwksd-mail-") as directory:

        def started(smtp_url: str, *options: str, trusts: pathlib.Path | None = CERTIFICATE) -> Jwksd:
            variables = {"SSL_CERT_FILE": str(trusts)} if trusts else {}
            mail = ["--smtp-url", smtp_url, "--mail-from", "jwksd <no-reply@example.com>"]
            servers.append(Jwksd([*mail, *options], variables, pathlib.Path(directory)))
            return servers[-1]

        yield started
        for server in servers:
            if server.process.poll() is None:
                server.stop()
