/** Swagger UI at /docs, in a real browser: what a newcomer presses first works, and no other host is asked for anything. */

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { chromium } from "playwright-core";

const server = process.env.SERVER_URL;
assert.ok(server, "SERVER_URL names the server under test; tests/lib/with_server.py sets it");

const FLAGS = [
  "--no-sandbox", // Chromium refuses to run as root with it
  "--disable-gpu",
  "--disable-background-networking", // the browser's own errands are not what is under test
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];
const STEP_MS = 15_000;

let browser;
let page;
let requested;
let complaints;

before(async () => {
  browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: FLAGS, headless: true });
});

after(() => browser?.close());

beforeEach(async () => {
  const context = await browser.newContext();
  context.setDefaultTimeout(STEP_MS);
  page = await context.newPage();
  requested = [];
  complaints = [];
  page.on("request", (request) => requested.push(request.url()));
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(`${server}/docs`);
  await page.locator(".swagger-ui .information-container").waitFor();
});

afterEach(async () => {
  await page.context().close();
  assert.deepEqual(requested.filter(leavesTheServer), [], "the documentation must work without any other host");
  assert.deepEqual(complaints, [], "the page must raise no script error");
});

test("the page lists every operation of the served document", async () => {
  const document = await (await fetch(`${server}/openapi.json`)).json();
  const ids = Object.values(document.paths).flatMap((path) => Object.values(path).map((call) => call.operationId));

  await page.locator(".opblock").first().waitFor();

  assert.ok(ids.length > 0);
  assert.equal(await page.locator(".opblock").count(), ids.length);
});

test("POST /auth answers with a token when its example is executed as it stands", async () => {
  const answer = await execute("POST", "/auth");

  assert.equal(answer.status, "200");
  assert.match(answer.body.token, /^[\w-]+\.[\w-]+\.[\w-]+$/);
  assert.equal(answer.body.jwt, answer.body.token);
});

test("the token opens GET /userinfo once it is given to the Authorize dialog", async () => {
  const refused = await execute("GET", "/userinfo");
  assert.equal(refused.status, "401");

  const { body } = await execute("POST", "/auth");
  await authorize(body.token);
  const answer = await execute("GET", "/userinfo");

  assert.equal(answer.status, "200");
  assert.equal(answer.body.username, "userABC");
});

test("the form of POST /oauth/token is filled in with a client that is let in", async () => {
  const answer = await execute("POST", "/oauth/token");

  assert.equal(answer.status, "200");
  assert.match(answer.body.access_token, /^[\w-]+\.[\w-]+\.[\w-]+$/);
});

test("what only this installation knows is asked for", async () => {
  const kid = await open("GET", "/admin/keys/{kid}").then((block) => block.locator("tr[data-param-name=kid]"));

  assert.equal(await kid.locator("input").inputValue(), "");
  assert.match(await kid.innerText(), /GET \/admin\/keys/);
});

/** Presses "Execute" in an operation, and reads the live answer off the page. */
async function execute(method, path) {
  const block = await open(method, path);
  const answered = page.waitForResponse((response) => new URL(response.url()).pathname === path);
  await block.getByRole("button", { name: "Execute" }).click();
  const status = String((await answered).status());

  const live = block.locator(".live-responses-table .response");
  await live.locator(".response-col_status", { hasText: status }).waitFor();
  return {
    status: (await live.locator(".response-col_status").innerText()).trim().split(/\s/)[0],
    body: JSON.parse(await live.locator(".response-col_description .highlight-code code").first().innerText()),
  };
}

/** Opens an operation and presses "Try it out". */
async function open(method, path) {
  const block = page.locator(`.opblock-${method.toLowerCase()}`, {
    has: page.locator(`.opblock-summary-path[data-path="${path}"]`),
  });
  if (!(await block.locator(".opblock-body").isVisible())) {
    await block.locator(".opblock-summary-control").click();
    await block.getByRole("button", { name: "Try it out" }).click();
  }
  return block;
}

/** Gives a token to the scheme named `bearer`, as a person does: Authorize, paste, Authorize, Close. */
async function authorize(token) {
  await page.locator(".auth-wrapper .btn.authorize").click();
  const dialog = page.locator(".dialog-ux");
  const bearer = dialog.locator(".auth-container", { has: page.getByRole("heading", { name: "bearer" }) });
  await bearer.locator("input").fill(token);
  await bearer.getByRole("button", { name: "Apply credentials" }).click();
  await bearer.getByRole("button", { name: "Remove authorization" }).waitFor();
  await dialog.locator(".close-modal").click();
}

function leavesTheServer(url) {
  return !url.startsWith(`${server}/`) && !url.startsWith("data:") && !url.startsWith("blob:");
}
