import { check, control, equal, matches, newTask, refusal, rita, version } from '../harness.mjs';

const base = `/services/data/v${version}`;
const query = (soql) => `${base}/query?q=${encodeURIComponent(soql)}`;
const composite = async (conn, parts, more = {}) => (await conn.requestPost('/composite', { allOrNone: false, collateSubrequests: false, compositeRequest: parts, ...more })).compositeResponse;

check('a composite request creates and reads in one call, the second part referring to the first', async () => {
  const conn = await rita();
  await control('POST', 'calls/reset');
  const [created, read] = await composite(conn, [
    { method: 'POST', url: `${base}/sobjects/Task`, referenceId: 'made', body: { Subject: 'by composite' } },
    { method: 'GET', url: `${base}/sobjects/Task/@{made.id}?fields=Subject,SystemModstamp`, referenceId: 'read' },
  ]);
  equal([created.httpStatusCode, created.referenceId, read.httpStatusCode, read.body.Subject], [201, 'made', 200, 'by composite']);
  matches(created.httpHeaders.Location, new RegExp(`/sobjects/Task/${created.body.id}$`));
  const calls = await control('GET', 'calls');
  equal([calls.total, calls.byKind['POST /composite'], calls.rowsCreated], [1, 1, 1]);
});

check('a read, three Collections of 200 and a poll are one call', async () => {
  const conn = await rita();
  const writes = [0, 1, 2].map((n) => ({
    method: 'POST', url: `${base}/composite/sobjects`, referenceId: `write${n}`,
    body: { allOrNone: false, records: Array.from({ length: 200 }, (_, i) => ({ attributes: { type: 'Task' }, Subject: `bulk ${n} ${i}` })) },
  }));
  await control('POST', 'calls/reset');
  const answer = await composite(conn, [
    { method: 'GET', url: query("SELECT Id FROM Task WHERE Subject LIKE 'bulk %'"), referenceId: 'before' },
    ...writes,
    { method: 'GET', url: query("SELECT Id FROM Task WHERE Subject LIKE 'bulk %'"), referenceId: 'after' },
  ]);
  equal(answer.map((part) => part.httpStatusCode), [200, 200, 200, 200, 200]);
  equal([answer[0].body.totalSize, answer[1].body.length, answer[4].body.totalSize], [0, 200, 600]);
  equal((await control('GET', 'calls')).total, 1);
});

check('a part that fails leaves the others, and one that refers to it is halted', async () => {
  const conn = await rita();
  const answer = await composite(conn, [
    { method: 'POST', url: `${base}/sobjects/Task`, referenceId: 'good', body: { Subject: 'kept' } },
    { method: 'POST', url: `${base}/sobjects/Task`, referenceId: 'bad', body: { Subject: 'x'.repeat(256) } },
    { method: 'PATCH', url: `${base}/sobjects/Task/@{bad.id}`, referenceId: 'orphan', body: { Subject: 'never' } },
  ]);
  equal(answer.map((part) => part.httpStatusCode), [201, 400, 400]);
  equal([answer[1].body[0].errorCode, answer[2].body[0].errorCode], ['STRING_TOO_LONG', 'PROCESSING_HALTED']);
});

check('with allOrNone nothing is kept and the other parts say PROCESSING_HALTED', async () => {
  const conn = await rita();
  const answer = await composite(conn, [
    { method: 'POST', url: `${base}/sobjects/Task`, referenceId: 'good', body: { Subject: 'taken back' } },
    { method: 'POST', url: `${base}/sobjects/Task`, referenceId: 'bad', body: { Subject: 'x'.repeat(256) } },
  ], { allOrNone: true });
  equal([answer[0].body[0].errorCode, answer[1].body[0].errorCode], ['PROCESSING_HALTED', 'STRING_TOO_LONG']);
  equal((await conn.query("SELECT Id FROM Task WHERE Subject = 'taken back'")).totalSize, 0);
});

check('a deletion by Collections inside a composite request works', async () => {
  const conn = await rita();
  const ids = [await newTask(conn), await newTask(conn)];
  const [gone] = await composite(conn, [{ method: 'DELETE', url: `${base}/composite/sobjects?ids=${ids.join(',')}&allOrNone=false`, referenceId: 'gone' }]);
  equal(gone.body.map((r) => r.success), [true, true]);
});

check('more than 25 parts, or more than five queries and Collections, are refused', async () => {
  const conn = await rita();
  const limits = (n) => Array.from({ length: n }, (_, i) => ({ method: 'GET', url: `${base}/limits`, referenceId: `r${i}` }));
  const queries = (n) => Array.from({ length: n }, (_, i) => ({ method: 'GET', url: query('SELECT Id FROM Task LIMIT 1'), referenceId: `q${i}` }));
  equal((await composite(conn, [...queries(5), ...limits(20)])).length, 25);
  await refusal(() => composite(conn, limits(26)));
  await refusal(() => composite(conn, queries(6)));
});

check('every part of a composite batch counts', async () => {
  const conn = await rita();
  await control('POST', 'calls/reset');
  const answer = await conn.requestPost('/composite/batch', { batchRequests: [0, 1, 2].map(() => ({ method: 'GET', url: `v${version}/limits` })) });
  equal([answer.hasErrors, answer.results.map((r) => r.statusCode), (await control('GET', 'calls')).total], [false, [200, 200, 200], 3]);
});
