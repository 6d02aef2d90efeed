"""The Python client, generated from openapi/jwksd.json, does what an application does: register, log in, verify."""

import base64
import os
import uuid

import jwt
import pytest
from jwksd_client import AuthenticatedClient, Client
from jwksd_client.api.accounts import register
from jwksd_client.api.authentication import get_user_info, log_in
from jwksd_client.models import Credentials, NewAccount, Problem, RegisteredAccount, TokenResponse, UserInfo

SERVER = os.environ["SERVER_URL"]  # set by tests/lib/with_server.py

client = Client(base_url=SERVER, raise_on_unexpected_status=True)
keys = jwt.PyJWKClient(f"{SERVER}/.well-known/jwks.json")


def test_a_generated_password_logs_in_and_its_token_verifies_against_the_remote_key_set() -> None:
    name = new_name()
    token = logged_in(name, registered(name))

    key = keys.get_signing_key_from_jwt(token)
    claims = jwt.decode(token, key, algorithms=["RS256"], issuer=SERVER, audience=SERVER)

    assert claims["username"] == name
    assert claims["exp"] > claims["iat"]


def test_a_chosen_password_logs_in() -> None:
    name, password = new_name(), f"correct horse {uuid.uuid4()}"
    answer = register.sync(client=client, body=NewAccount(username=name, password=password))
    assert isinstance(answer, RegisteredAccount)

    logged_in(name, password)


def test_the_token_opens_userinfo() -> None:
    name = new_name()
    token = logged_in(name, registered(name))

    answer = get_user_info.sync(client=AuthenticatedClient(base_url=SERVER, token=token))

    assert isinstance(answer, UserInfo)
    assert answer.username == name


def test_a_wrong_password_is_a_problem_document_with_a_stable_code() -> None:
    name, password = new_name(), "not the password"
    answer = log_in.sync(client=basic(name, password), body=Credentials(username=name, password=password))

    assert isinstance(answer, Problem)
    assert answer.status == 401
    assert answer.code


def test_a_taken_name_is_a_conflict() -> None:
    name = new_name()
    registered(name)

    answer = register.sync(client=client, body=NewAccount(username=name))

    assert isinstance(answer, Problem)
    assert answer.status == 409


@pytest.mark.parametrize(
    ("expected", "error"),
    [
        ({"issuer": SERVER, "audience": "https://elsewhere.example"}, jwt.InvalidAudienceError),
        ({"issuer": "https://elsewhere.example", "audience": SERVER}, jwt.InvalidIssuerError),
    ],
)
def test_a_verifier_that_expects_another_audience_or_issuer_refuses_the_token(
    expected: dict[str, str], error: type[jwt.InvalidTokenError]
) -> None:
    name = new_name()
    token = logged_in(name, registered(name))

    with pytest.raises(error):
        jwt.decode(
            token,
            keys.get_signing_key_from_jwt(token),
            algorithms=["RS256"],
            issuer=expected["issuer"],
            audience=expected["audience"],
        )


def new_name() -> str:
    return f"py{uuid.uuid4().hex}"


def registered(name: str) -> str:
    answer = register.sync(client=client, body=NewAccount(username=name))
    assert isinstance(answer, RegisteredAccount)
    assert isinstance(answer.password, str), "a registration without a password answers with the generated one"
    return answer.password


def logged_in(name: str, password: str) -> str:
    answer = log_in.sync(client=basic(name, password), body=Credentials(username=name, password=password))
    assert isinstance(answer, TokenResponse)
    return answer.token


def basic(name: str, password: str) -> AuthenticatedClient:
    """The generator asks for a client with credentials wherever a security scheme is listed, optional or not."""
    pair = base64.b64encode(f"{name}:{password}".encode()).decode()
    return AuthenticatedClient(base_url=SERVER, token=pair, prefix="Basic")
