/**
 * openid-client and oauth4webapi, unmodified, do what an application does with them: discover, get tokens, verify, introspect,
 * revoke; jose and @sd-jwt/jwt-status-list read a status list. Plain HTTP is allowed by the libraries' own switches.
 */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";

import { getListFromStatusListJWT, getStatusListFromJWT } from "@sd-jwt/jwt-status-list";
import * as jose from "jose";
import * as oauth from "oauth4webapi";
import * as openid from "openid-client";

const server = process.env["SERVER_URL"];
assert.ok(server, "SERVER_URL names the server under test; tests/lib/with_server.py sets it");

const API = "https://api.example.com";
const insecure = { [oauth.allowInsecureRequests]: true };
const reports = await addClient({ scopes: ["read", "write"], audiences: [API, "https://other.example.com"] });
const webApp = await addClient({ grant_types: ["refresh_token"] });

for (const [method, authentication] of [
  ["client_secret_basic", openid.ClientSecretBasic],
  ["client_secret_post", openid.ClientSecretPost],
]) {
  test(`openid-client gets a token with ${method}, has it introspected and calls it back`, async () => {
    const config = await discover(reports, authentication);
    assert.ok(config.serverMetadata().token_endpoint_auth_methods_supported.includes(method));

    const granted = await openid.clientCredentialsGrant(config, { scope: "read", resource: API });
    assert.equal(granted.token_type, "bearer");
    assert.equal(granted.scope, "read");
    assert.equal(granted.expires_in, 900);

    const told = await openid.tokenIntrospection(config, granted.access_token);
    assert.equal(told.active, true);
    assert.equal(told.client_id, reports.id);
    assert.equal(told.aud, API);

    await openid.tokenRevocation(config, granted.access_token);
    assert.deepEqual(await openid.tokenIntrospection(config, granted.access_token), { active: false });
  });
}

test("openid-client refreshes a session, and ends it by its refresh token", async () => {
  const config = await discover(webApp, openid.ClientSecretBasic);
  const session = await logIn();

  const granted = await openid.refreshTokenGrant(config, session.refresh_token);
  assert.notEqual(granted.refresh_token, session.refresh_token);
  assert.equal((await openid.tokenIntrospection(config, granted.access_token)).username, "Jane");
  assert.equal((await openid.tokenIntrospection(config, granted.refresh_token)).active, true);
  const info = await openid.fetchUserInfo(config, granted.access_token, openid.skipSubjectCheck);
  assert.equal(info.username, "Jane");

  await openid.tokenRevocation(config, granted.refresh_token);
  assert.deepEqual(await openid.tokenIntrospection(config, granted.access_token), { active: false });
  await assert.rejects(openid.refreshTokenGrant(config, granted.refresh_token), refusedWith("invalid_grant"));
});

test("openid-client is told what is wrong by the errors of RFC 6749", async () => {
  const config = await discover(reports, openid.ClientSecretBasic);
  await assert.rejects(openid.clientCredentialsGrant(config, { scope: "admin" }), refusedWith("invalid_scope"));
  await assert.rejects(openid.clientCredentialsGrant(config, { resource: "https://x.example" }), refusedWith("invalid_target"));
  await assert.rejects(openid.genericGrantRequest(config, "password", {}), refusedWith("unsupported_grant_type"));
  const unauthorized = openid.clientCredentialsGrant(await discover(webApp, openid.ClientSecretBasic));
  await assert.rejects(unauthorized, refusedWith("unauthorized_client"));
  const stranger = await discover({ ...reports, secret: "x" }, openid.ClientSecretPost);
  await assert.rejects(openid.clientCredentialsGrant(stranger), (error) => error.status === 401);
});

test("oauth4webapi takes the token for an access token by RFC 9068", async () => {
  const as = await discoverWithOAuth4webapi();
  const [client, authentication] = [{ client_id: reports.id }, oauth.ClientSecretBasic(reports.secret)];

  const parameters = new URLSearchParams({ scope: "write", resource: API });
  const answer = await oauth.clientCredentialsGrantRequest(as, client, authentication, parameters, insecure);
  assert.equal(answer.headers.get("cache-control"), "no-store");
  assert.equal(answer.headers.get("pragma"), "no-cache");
  const granted = await oauth.processClientCredentialsResponse(as, client, answer);

  const headers = { authorization: `Bearer ${granted.access_token}` };
  const request = () => new Request("https://api.example.com/reports", { headers });
  const claims = await oauth.validateJwtAccessToken(as, request(), API, insecure);
  assert.equal(claims.client_id, reports.id);
  assert.equal(claims.sub, reports.id);
  assert.equal(claims.scope, "write");
  await assert.rejects(oauth.validateJwtAccessToken(as, request(), "https://other.example.com", insecure));

  const asked = await oauth.introspectionRequest(as, client, authentication, granted.access_token, insecure);
  const told = await oauth.processIntrospectionResponse(as, client, asked);
  assert.deepEqual([told.active, told.jti], [true, claims.jti]);
  await oauth.processRevocationResponse(
    await oauth.revocationRequest(as, client, authentication, granted.access_token, insecure),
  );
  const again = await oauth.introspectionRequest(as, client, authentication, granted.access_token, insecure);
  assert.deepEqual(await oauth.processIntrospectionResponse(as, client, again), { active: false });
});

test("oauth4webapi refreshes a session", async () => {
  const as = await discoverWithOAuth4webapi();
  const [client, authentication] = [{ client_id: webApp.id }, oauth.ClientSecretPost(webApp.secret)];
  const session = await logIn();

  const refresh = () => oauth.refreshTokenGrantRequest(as, client, authentication, session.refresh_token, insecure);
  const granted = await oauth.processRefreshTokenResponse(as, client, await refresh());
  const repeated = await oauth.processRefreshTokenResponse(as, client, await refresh());
  assert.equal(repeated.refresh_token, granted.refresh_token, "a lost answer costs nobody a session");
});

test("jose and jwt-status-list learn of a logout from the status list", async () => {
  const [ended, other] = [await logIn(), await logIn()];
  await fetch(`${server}/auth/logout`, { method: "POST", headers: { authorization: `Bearer ${ended.access_token}` } });

  const as = await discoverWithOAuth4webapi();
  const keys = jose.createRemoteJWKSet(new URL(as.jwks_uri));
  const { status_lists: uris } = await (await fetch(as.status_list_aggregation_endpoint)).json();
  const status = async (token) => {
    const { idx, uri } = getStatusListFromJWT(token);
    assert.ok(uris.includes(uri));
    const answer = await fetch(uri, { headers: { accept: "application/statuslist+jwt" } });
    assert.equal(answer.headers.get("content-type"), "application/statuslist+jwt");
    const list = await answer.text();
    await jose.jwtVerify(list, keys, { typ: "statuslist+jwt", issuer: as.issuer, subject: uri });
    return getListFromStatusListJWT(list).getStatus(idx);
  };
  assert.deepEqual([await status(ended.access_token), await status(other.access_token)], [1, 0]);
});

test("both discovery documents lead to the same", async () => {
  const documents = ["oauth-authorization-server", "openid-configuration"].map(async (name) =>
    (await fetch(`${server}/.well-known/${name}`)).json(),
  );
  const [one, other] = await Promise.all(documents);
  assert.deepEqual(one, other);
  assert.deepEqual(one.grant_types_supported, ["client_credentials", "refresh_token"]);
  assert.equal(one.token_endpoint, `${server}/oauth/token`);
});

function discover({ id, secret }, authentication) {
  const options = { algorithm: "oauth2", execute: [openid.allowInsecureRequests] };
  return openid.discovery(new URL(server), id, secret, authentication(secret), options);
}

async function discoverWithOAuth4webapi() {
  const issuer = new URL(server);
  const answer = await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...insecure });
  return oauth.processDiscoveryResponse(issuer, answer);
}

function refusedWith(code) {
  return (error) => error.error === code && error.status === 400 && error.error_description.length > 0;
}

async function addClient(settings) {
  const { token } = await post("/auth", { username: "admin", password: "password" });
  const client_id = `c-${randomUUID()}`;
  const added = await post("/admin/clients", { client_id, ...settings }, { authorization: `Bearer ${token}` });
  return { id: client_id, secret: added.client_secret };
}

function logIn() {
  return post("/auth/login", { username: "Jane", password: "pass123" });
}

async function post(path, body, headers = {}) {
  const all = { "content-type": "application/json", ...headers };
  const answer = await fetch(server + path, { method: "POST", headers: all, body: JSON.stringify(body) });
  assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.clone().text()}`);
  return answer.json();
}
