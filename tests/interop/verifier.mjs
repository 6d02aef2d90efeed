/**
 * The verifiers of npm, told where the keys are and nothing else: their caches are as they come.
 *
 *     node verifier.mjs JWKS_URI ISSUER ALGORITHM
 *
 * Reads a JSON list of tokens a line, and answers with a line of what each verifier says to each of them: null, or the
 * name of the error. It lives as long as its input, and so do the caches.
 */

import { createInterface } from "node:readline";

import { createRemoteJWKSet, importSPKI, jwtVerify } from "jose";
import jsonwebtoken from "jsonwebtoken";
import jwksRsa from "jwks-rsa";

const [jwksUri, issuer, algorithm] = process.argv.slice(2);
const expected = { issuer, audience: issuer, algorithms: [algorithm] };
const remoteKeys = createRemoteJWKSet(new URL(jwksUri));
const keyClient = jwksRsa({ jwksUri });
const verifiers = {
  jose: (token) => jwtVerify(token, remoteKeys, { ...expected, typ: "JWT" }),
  "jwks-rsa": verifyWithFetchedKey,
};

for await (const line of createInterface({ input: process.stdin })) {
  const tokens = JSON.parse(line);
  const verdicts = Object.entries(verifiers).map(async ([name, verify]) => [
    name,
    await Promise.all(tokens.map((token) => verdict(verify, token))),
  ]);
  console.log(JSON.stringify(Object.fromEntries(await Promise.all(verdicts))));
}

/** As the manual of jwks-rsa has it, save that jsonwebtoken knows no EdDSA: there jose checks with the same key. */
async function verifyWithFetchedKey(token) {
  const { header } = jsonwebtoken.decode(token, { complete: true });
  const key = (await keyClient.getSigningKey(header.kid)).getPublicKey();
  if (algorithm === "EdDSA") {
    await jwtVerify(token, await importSPKI(key, algorithm), expected);
  } else {
    jsonwebtoken.verify(token, key, expected);
  }
}

async function verdict(verify, token) {
  try {
    await verify(token);
    return null;
  } catch (error) {
    return error.code ?? error.name;
  }
}
