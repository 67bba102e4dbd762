import jsforce from 'jsforce';
import { allow, check, connect, control, equal, login, matches, oauth2, redirectUri, refusal, rita, version } from '../harness.mjs';

check('the web server flow with PKCE gives tokens that work', async () => {
  const conn = await connect();
  equal(conn.instanceUrl, login);
  matches(conn.accessToken, /^00D\w{12}!/);
  matches(conn.refreshToken, /^5Aep/);
  equal((await conn.query('SELECT Id FROM Task LIMIT 1')).done, true);
});

check('state comes back as it was sent', async () => {
  const callback = await allow(oauth2().getAuthorizationUrl({ state: 'a b&c' }), 'rita.rep@acme.example');
  equal(callback.get('state'), 'a b&c');
});

check('a person who denies is sent back with access_denied', async () => {
  const callback = await allow(oauth2().getAuthorizationUrl({}), 'rita.rep@acme.example', 'deny');
  equal([callback.get('error'), callback.get('error_description'), callback.get('code')], ['access_denied', 'end-user denied authorization', null]);
});

check('a code works once', async () => {
  const app = oauth2();
  const code = (await allow(app.getAuthorizationUrl({}), 'rita.rep@acme.example')).get('code');
  await app.requestToken(code);
  const error = await refusal(() => app.requestToken(code));
  equal([error.name, error.message], ['invalid_grant', 'expired authorization code']);
});

check('another verifier is refused', async () => {
  const app = oauth2();
  const code = (await allow(app.getAuthorizationUrl({}), 'rita.rep@acme.example')).get('code');
  equal((await refusal(() => oauth2().requestToken(code))).name, 'invalid_request');
});

check('a code asked for with PKCE is not given out without the verifier', async () => {
  const code = (await allow(oauth2().getAuthorizationUrl({}), 'rita.rep@acme.example')).get('code');
  equal((await refusal(() => oauth2({ useVerifier: false }).requestToken(code))).name, 'invalid_grant');
});

check('another redirect address is refused', async () => {
  const app = oauth2();
  const code = (await allow(app.getAuthorizationUrl({}), 'rita.rep@acme.example')).get('code');
  app.redirectUri = redirectUri + '/other';
  equal((await refusal(() => app.requestToken(code))).name, 'redirect_uri_mismatch');
});

check('the identity names the user and the organization', async () => {
  const conn = await rita();
  const identity = await conn.identity();
  equal([identity.username, identity.active], ['rita.rep@acme.example', true]);
  matches(identity.organization_id, /^00D\w{15}$/);
  matches(identity.user_id, /^005\w{15}$/);
  matches(identity.urls.rest, /\/services\/data\/v\{version\}\/$/);
});

check('userInfo is taken from the identity address of the token answer', async () => {
  const app = oauth2();
  const conn = new jsforce.Connection({ oauth2: app, version });
  const user = await conn.authorize((await allow(app.getAuthorizationUrl({}), 'sam.seller@acme.example')).get('code'));
  equal(user.id, (await conn.identity()).user_id);
  equal(user.organizationId, (await conn.identity()).organization_id);
});

check('an expired access token is refreshed and the call is made again', async () => {
  const conn = await connect();
  const before = conn.accessToken;
  const refreshed = [];
  conn.on('refresh', (token) => refreshed.push(token));
  await control('POST', 'org/expire-access-tokens?user=rita.rep@acme.example');
  equal((await conn.query('SELECT Id FROM Task LIMIT 1')).done, true);
  equal([refreshed.length, refreshed[0] === before], [1, false]);
});

check('with rotation a refresh gives another refresh token and the old one is dead', async () => {
  const app = oauth2({ useVerifier: false });
  const conn = await connect();
  await control('POST', 'org/refresh-token-rotation?on=true');
  try {
    const answer = await app.refreshToken(conn.refreshToken);
    matches(answer.refresh_token, /^5Aep/);
    equal(answer.refresh_token === conn.refreshToken, false);
    equal((await refusal(() => app.refreshToken(conn.refreshToken))).name, 'invalid_grant');
  } finally {
    await control('POST', 'org/refresh-token-rotation?on=false');
  }
});

check('without rotation a refresh gives no refresh token', async () => {
  const conn = await connect();
  const answer = await oauth2({ useVerifier: false }).refreshToken(conn.refreshToken);
  equal([answer.refresh_token, answer.token_type, typeof answer.issued_at], [undefined, 'Bearer', 'string']);
});

check('a revoked token is refused with INVALID_SESSION_ID and cannot be refreshed', async () => {
  const conn = await connect();
  const app = oauth2({ useVerifier: false });
  await app.revokeToken(conn.refreshToken);
  const bare = new jsforce.Connection({ instanceUrl: conn.instanceUrl, accessToken: conn.accessToken, version });
  equal((await refusal(() => bare.query('SELECT Id FROM Task'))).errorCode, 'INVALID_SESSION_ID');
  const error = await refusal(() => app.refreshToken(conn.refreshToken));
  equal([error.name, error.message], ['invalid_grant', 'expired access/refresh token']);
});

check('revoking an unknown token is refused in a form-urlencoded answer', async () => {
  equal((await refusal(() => oauth2({ useVerifier: false }).revokeToken('nonsense'))).name, 'invalid_token');
});
