import jsforce from 'jsforce';

export const login = process.argv[2].replace(/\/$/, '');
export const redirectUri = 'http://127.0.0.1/callback';
export const version = '66.0';

const checks = [];

/** Declares a check. Its name is the sentence it proves; it throws when it does not hold. */
export function check(name, body) {
  checks.push({ name, body });
}

export async function runAll() {
  for (const { name, body } of checks) {
    let error = null;
    try {
      await control('DELETE', 'faults');
      await body();
    } catch (e) {
      error = `${e.name}: ${e.message}\n${e.stack ?? ''}`;
    }
    process.stdout.write(JSON.stringify({ name, error }) + '\n');
  }
}

/** The simulator's own control, which has no counterpart in Salesforce: sets the stage for a check. */
export async function control(method, path, body) {
  const answer = await fetch(`${login}/simulator-control/${path}`, { method, body: body === undefined ? undefined : JSON.stringify(body) });
  if (!answer.ok) {
    throw new Error(`control ${path}: ${answer.status} ${await answer.text()}`);
  }
  const text = await answer.text();
  return text === '' ? null : JSON.parse(text);
}

/** Does what a person does in the browser: opens the page that jsforce names, chooses a user, presses Allow. Gives the parameters of the callback. */
export async function allow(authorizationUrl, username, decision = 'allow') {
  const url = new URL(authorizationUrl);
  const page = await fetch(url);
  if (!page.ok) {
    throw new Error(`the authorization page answered ${page.status}: ${await page.text()}`);
  }
  const user = (await control('GET', 'users')).find((u) => u.username === username).id;
  const form = new URLSearchParams([...url.searchParams, ['user', user], ['decision', decision]]);
  const answer = await fetch(`${url.origin}${url.pathname}`, { method: 'POST', body: form, redirect: 'manual' });
  equal(answer.status, 302);
  return new URL(answer.headers.get('location')).searchParams;
}

export function oauth2(options = {}) {
  return new jsforce.OAuth2({ loginUrl: login, clientId: 'TaskSync.Demo', redirectUri, useVerifier: true, ...options });
}

/** A connection of its own, authorised through the browser. */
export async function connect(username = 'rita.rep@acme.example') {
  const app = oauth2();
  const conn = new jsforce.Connection({ oauth2: app, version });
  const callback = await allow(app.getAuthorizationUrl({ scope: 'api refresh_token openid id' }), username);
  await conn.authorize(callback.get('code'));
  return conn;
}

let shared;

/** Rita's connection, made once. */
export async function rita() {
  return (shared ??= await connect());
}

export async function newTask(conn, fields = {}) {
  const result = await conn.sobject('Task').create({ Subject: 'From jsforce', ...fields });
  equal(result.success, true);
  return result.id;
}

export function equal(actual, expected) {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) {
    throw new Error(`expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
  }
}

export function matches(text, pattern) {
  if (!pattern.test(String(text))) {
    throw new Error(`expected ${pattern}, got ${text}`);
  }
}

/** What the call is refused with. */
export async function refusal(call) {
  try {
    await call();
  } catch (e) {
    return e;
  }
  throw new Error('it was not refused');
}
