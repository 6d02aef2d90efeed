/**
 * The consumer of ../rust/main.rs with jose: users with the role `read` may GET `/api/v1/protected`, those with the role
 * `write` POST to it too. Nothing in it is of jwksd but where the keys are.
 *
 *     ISSUER=http://127.0.0.1:8080 PORT=3002 node consumer.ts
 */

import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

import { createRemoteJWKSet, errors, jwtVerify } from "jose";

type User = { username: string; role: string };
type Answer = { status: number; body: { message: string; user?: User }; challenge?: string };

const issuer = process.env["ISSUER"] ?? "http://127.0.0.1:8080";
const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`));
const compact = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const roles = ["read", "write", "admin"]; // each may do what those before it may
const needed = new Map([["GET", "read"], ["POST", "write"]]);

async function answer(request: IncomingMessage): Promise<Answer> {
  const role = needed.get(request.method ?? "");
  if (request.url !== "/api/v1/protected") return { status: 404, body: { message: "there is nothing here" } };
  if (role === undefined) return { status: 405, body: { message: "GET or POST" } };
  const token = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? "")?.[1];
  if (token === undefined) {
    return { status: 401, body: { message: "a bearer token is needed" }, challenge: "Bearer" };
  }
  try {
    const user = await verified(token);
    if (roles.indexOf(user.role) < roles.indexOf(role)) {
      return { status: 403, body: { message: `this needs the role ${role}` } };
    }
    return { status: 200, body: { message: role === "read" ? "read" : "written", user } };
  } catch (error) {
    if (error instanceof errors.JOSEError && !isOutage(error)) {
      return { status: 403, body: { message: `the token is not valid: ${error.message}` } };
    }
    console.error(`consumer.ts: ${error}`);
    return { status: 503, body: { message: "tokens cannot be verified now" } };
  }
}

/** The key is found by the `kid` of the token, and fetched where it is not known yet: jose sees to that. */
async function verified(token: string): Promise<User> {
  if (!compact.test(token)) throw new errors.JWTInvalid("it is no compact JWS"); // jose reads padding, too
  const { payload } = await jwtVerify(token, keys, {
    issuer,
    audience: issuer, // unless jwksd was started with another --audience
    algorithms: ["RS256"],
    typ: "JWT",
    requiredClaims: ["exp"],
  });
  const { username, role } = payload;
  if (typeof username !== "string" || typeof role !== "string" || !roles.includes(role)) {
    throw new errors.JWTInvalid("it is not that of a user with a role");
  }
  return { username, role };
}

/** Whether the keys could not be fetched: a status other than 200 is the one fault that has no class of its own. */
function isOutage(error: errors.JOSEError): boolean {
  return error instanceof errors.JWKSTimeout || error.code === "ERR_JOSE_GENERIC";
}

const server = createServer(async (request, response) => {
  const { status, body, challenge } = await answer(request);
  response.writeHead(status, { "Content-Type": "application/json", ...(challenge && { "WWW-Authenticate": challenge }) });
  response.end(JSON.stringify(body));
});
server.listen(Number(process.env["PORT"] ?? 3002), "127.0.0.1", () => {
  console.log(`listening at http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
