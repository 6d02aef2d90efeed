/** The TypeScript client, generated from openapi/jwksd.json, does what an application does: register, log in, verify. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";

import { createRemoteJWKSet, errors, jwtVerify } from "jose";
import createClient from "openapi-fetch";

import type { paths } from "../generated/typescript/schema.ts";

const server = process.env["SERVER_URL"];
assert.ok(server, "SERVER_URL names the server under test; tests/lib/with_server.py sets it");

const client = createClient<paths>({ baseUrl: server });
const keys = createRemoteJWKSet(new URL("/.well-known/jwks.json", server));

test("a generated password logs in, and its token verifies against the remote key set", async () => {
  const username = newName();
  const password = await register(username);

  const token = await logIn(username, password);
  const { payload, protectedHeader } = await jwtVerify(token, keys, { issuer: server, audience: server });

  assert.equal(payload["username"], username);
  assert.equal(typeof payload.sub, "string");
  assert.equal(protectedHeader.alg, "RS256");
});

test("a chosen password logs in", async () => {
  const username = newName();
  const password = `correct horse ${randomUUID()}`;
  const { response } = await client.POST("/register", { body: { username, password } });
  assert.equal(response.status, 201);

  await logIn(username, password);
});

test("the token opens userinfo", async () => {
  const username = newName();
  const token = await logIn(username, await register(username));

  const { data, error } = await client.GET("/userinfo", { headers: { Authorization: `Bearer ${token}` } });

  assert.equal(error, undefined);
  assert.equal(data?.username, username);
});

test("a wrong password is a problem document with a stable code", async () => {
  const { data, error, response } = await client.POST("/auth", {
    body: { username: newName(), password: "not the password" },
  });

  assert.equal(response.status, 401);
  assert.equal(data, undefined);
  assert.equal(error?.status, 401);
  assert.ok(error.code.length > 0);
});

test("a taken name is a conflict", async () => {
  const username = newName();
  await register(username);

  const { error, response } = await client.POST("/register", { body: { username } });

  assert.equal(response.status, 409);
  assert.equal(error?.status, 409);
});

test("a verifier that expects another audience or issuer refuses the token", async () => {
  const username = newName();
  const token = await logIn(username, await register(username));

  for (const expected of [
    { issuer: server, audience: "https://elsewhere.example" },
    { issuer: "https://elsewhere.example", audience: server },
  ]) {
    await assert.rejects(jwtVerify(token, keys, expected), errors.JWTClaimValidationFailed);
  }
});

function newName(): string {
  return `ts${randomUUID().replaceAll("-", "")}`;
}

async function register(username: string): Promise<string> {
  const { data, response } = await client.POST("/register", { body: { username } });
  assert.equal(response.status, 201);
  assert.ok(data?.password, "a registration without a password answers with the generated one");
  return data.password;
}

async function logIn(username: string, password: string): Promise<string> {
  const { data, response } = await client.POST("/auth", { body: { username, password } });
  assert.equal(response.status, 200);
  assert.ok(data);
  return data.token;
}
