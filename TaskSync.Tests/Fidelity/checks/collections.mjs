import { check, control, equal, newTask, refusal, rita } from '../harness.mjs';

check('200 records are created in one call, more in as many as needed', async () => {
  const conn = await rita();
  const records = (count) => Array.from({ length: count }, (_, i) => ({ Subject: `many ${i}` }));
  await control('POST', 'calls/reset');
  const one = await conn.sobject('Task').create(records(200));
  equal([one.length, one.every((r) => r.success), (await control('GET', 'calls')).byKind['POST /composite/sobjects']], [200, true, 1]);
  await control('POST', 'calls/reset');
  const more = await conn.sobject('Task').create(records(401), { allowRecursive: true });
  equal([more.length, (await control('GET', 'calls')).byKind['POST /composite/sobjects']], [401, 3]);
});

check('results come in the order of the request, each for itself', async () => {
  const conn = await rita();
  const results = await conn.sobject('Task').create([{ Subject: 'good' }, { Subject: 'x'.repeat(256) }, { Subject: 'good too' }]);
  equal(results.map((r) => r.success), [true, false, true]);
  const error = results[1].errors[0];
  equal([error.statusCode ?? error.errorCode, error.fields], ['STRING_TOO_LONG', ['Subject']]);
});

check('with allOrNone one bad record takes all of them back', async () => {
  const conn = await rita();
  const results = await conn.sobject('Task').create([{ Subject: 'all or none' }, { Subject: 'x'.repeat(256) }], { allOrNone: true });
  equal(results.map((r) => r.success), [false, false]);
  equal(results.map((r) => r.errors[0].statusCode ?? r.errors[0].errorCode).sort(), ['ALL_OR_NONE_OPERATION_ROLLED_BACK', 'STRING_TOO_LONG']);
  equal((await conn.query("SELECT Id FROM Task WHERE Subject = 'all or none'")).totalSize, 0);
});

check('many records are changed in one call', async () => {
  const conn = await rita();
  const ids = [await newTask(conn), await newTask(conn), await newTask(conn)];
  const results = await conn.sobject('Task').update(ids.map((Id, i) => ({ Id, Subject: `changed ${i}` })));
  equal(results.map((r) => [r.id, r.success]), ids.map((id) => [id, true]));
  equal((await conn.sobject('Task').retrieve(ids)).map((r) => r.Subject), ['changed 0', 'changed 1', 'changed 2']);
});

check('many records are deleted in one call, and what was gone is told for itself', async () => {
  const conn = await rita();
  const ids = [await newTask(conn), await newTask(conn)];
  await conn.sobject('Task').destroy(ids[0]);
  const results = await conn.sobject('Task').destroy(ids);
  equal(results.map((r) => r.success), [false, true]);
  equal(results[0].errors[0].statusCode ?? results[0].errors[0].errorCode, 'ENTITY_IS_DELETED');
});

check('many records are retrieved in one call, with null where there is none', async () => {
  const conn = await rita();
  const [there, gone] = [await newTask(conn, { Subject: 'there' }), await newTask(conn)];
  await conn.sobject('Task').destroy(gone);
  const rows = await conn.sobject('Task').retrieve([gone, there], { fields: ['Id', 'Subject'] });
  equal([rows[0], rows[1].Subject], [null, 'there']);
});

check('more than 200 records in one call are refused', async () => {
  const conn = await rita();
  const error = await refusal(() => conn.requestPost('/composite/sobjects', { records: Array.from({ length: 201 }, () => ({ attributes: { type: 'Task' }, Subject: 'x' })) }));
  equal(error.errorCode, 'EXCEEDED_ID_LIMIT');
});

check('a lock on one row is an error of that row only', async () => {
  const conn = await rita();
  const ids = [await newTask(conn), await newTask(conn)];
  await control('POST', 'faults', { kind: 'RowLock', resource: '/composite/sobjects', item: 1 });
  const results = await conn.sobject('Task').update(ids.map((Id) => ({ Id, Subject: 'locked?' })));
  equal(results.map((r) => r.success), [true, false]);
  equal(results[1].errors[0].statusCode ?? results[1].errors[0].errorCode, 'UNABLE_TO_LOCK_ROW');
});
