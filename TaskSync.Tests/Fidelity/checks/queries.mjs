import jsforce from 'jsforce';
import { check, control, equal, matches, newTask, refusal, rita } from '../harness.mjs';

async function some(conn, count, subject) {
  await conn.sobject('Task').create(Array.from({ length: count }, (_, i) => ({ Subject: subject, CallDisposition: String(i).padStart(4, '0') })), { allowRecursive: true });
}

check('a query answers with its records', async () => {
  const conn = await rita();
  const id = await newTask(conn, { Subject: 'query me' });
  const result = await conn.query("SELECT Id, Subject, Owner.Name FROM Task WHERE Subject = 'query me'");
  equal([result.totalSize, result.done, result.records[0].Id, result.records[0].Owner.Name], [1, true, id, 'Rita Rep']);
  matches(result.records[0].attributes.url, new RegExp(`/services/data/v66.0/sobjects/Task/${id}$`));
});

check('a long result comes in pages until done', async () => {
  const conn = await rita();
  await control('POST', 'org/page-size?rows=200');
  try {
    await some(conn, 450, 'paged');
    let page = await conn.query("SELECT Id, CallDisposition FROM Task WHERE Subject = 'paged' ORDER BY CallDisposition");
    const seen = [page.records.length];
    const all = [...page.records];
    while (!page.done) {
      matches(page.nextRecordsUrl, /\/services\/data\/v66\.0\/query\/01g\w{15}-\d+$/);
      page = await conn.queryMore(page.nextRecordsUrl);
      seen.push(page.records.length);
      all.push(...page.records);
    }
    equal([page.totalSize, seen], [450, [200, 200, 50]]);
    equal(all.map((r) => r.CallDisposition), Array.from({ length: 450 }, (_, i) => String(i).padStart(4, '0')));
  } finally {
    await control('POST', 'org/page-size?rows=2000');
  }
});

check('jsforce fetches all pages by itself', async () => {
  const conn = await rita();
  await control('POST', 'org/page-size?rows=200');
  try {
    const result = await conn.query("SELECT Id FROM Task WHERE Subject = 'paged'", { autoFetch: true, maxFetch: 10000 });
    equal([result.totalSize, new Set(result.records.map((r) => r.Id)).size], [450, 450]);
  } finally {
    await control('POST', 'org/page-size?rows=2000');
  }
});

check('a cursor that is over is refused with INVALID_QUERY_LOCATOR', async () => {
  const conn = await rita();
  await control('POST', 'org/page-size?rows=200');
  try {
    const page = await conn.query("SELECT Id FROM Task WHERE Subject = 'paged'");
    await control('POST', 'org/expire-query-locators');
    equal((await refusal(() => conn.queryMore(page.nextRecordsUrl))).errorCode, 'INVALID_QUERY_LOCATOR');
  } finally {
    await control('POST', 'org/page-size?rows=2000');
  }
});

check('queryAll shows deleted records, query does not', async () => {
  const conn = await rita();
  const id = await newTask(conn, { Subject: 'deleted one' });
  await conn.sobject('Task').destroy(id);
  const soql = "SELECT Id, IsDeleted FROM Task WHERE Subject = 'deleted one'";
  equal((await conn.query(soql)).totalSize, 0);
  const all = await conn.query(soql, { scanAll: true });
  equal([all.totalSize, all.records[0].Id, all.records[0].IsDeleted], [1, id, true]);
});

check('archived records are shown by queryAll only', async () => {
  const conn = await rita();
  const id = await newTask(conn, { Subject: 'archived one', Status: 'Completed' });
  await control('POST', `tasks/${id}/archive`);
  equal((await conn.query("SELECT Id FROM Task WHERE Subject = 'archived one'")).totalSize, 0);
  equal((await conn.query("SELECT Id, IsArchived FROM Task WHERE Subject = 'archived one'", { scanAll: true })).records[0].IsArchived, true);
});

check('COUNT() answers with a number and no records', async () => {
  const conn = await rita();
  const result = await conn.query("SELECT COUNT() FROM Task WHERE Subject = 'paged'");
  equal([result.totalSize, result.records.length], [450, 0]);
});

check('conditions made by jsforce are understood: dates, lists, LIKE, order and limit', async () => {
  const conn = await rita();
  await newTask(conn, { Subject: 'find 1', ActivityDate: '2026-04-01', Priority: 'High' });
  await newTask(conn, { Subject: 'find 2', ActivityDate: '2026-04-02', Priority: 'Low' });
  await newTask(conn, { Subject: 'find 3', ActivityDate: '2026-04-03' });
  const found = await conn.sobject('Task')
    .find({ Subject: { $like: 'find %' }, ActivityDate: { $gte: new jsforce.SfDate('2026-04-01'), $lt: new jsforce.SfDate('2026-04-03') }, Priority: { $in: ['High', 'Low'] }, IsClosed: false })
    .select('Subject, ActivityDate').sort('-ActivityDate').limit(5);
  equal(found.map((r) => r.Subject), ['find 2', 'find 1']);
});

check('a quote in a condition is escaped', async () => {
  const conn = await rita();
  const id = await newTask(conn, { Subject: "O'Brien" });
  const found = await conn.sobject('Task').find({ Subject: "O'Brien" }).select('Id');
  equal(found.map((r) => r.Id), [id]);
});

check('names of related records come with the row', async () => {
  const conn = await rita();
  const account = await conn.sobject('Account').create({ Name: 'Fidelity Ltd' });
  const contact = await conn.sobject('Contact').create({ LastName: 'Stranger', AccountId: account.id });
  const id = await newTask(conn, { WhoId: contact.id, WhatId: account.id });
  const row = (await conn.query(`SELECT Who.Name, Who.Type, What.Name, What.Type FROM Task WHERE Id = '${id}'`)).records[0];
  equal([row.Who.Name, row.Who.Type, row.What.Name, row.What.Type], ['Stranger', 'Contact', 'Fidelity Ltd', 'Account']);
});

check('statuses tell which of them mean closed', async () => {
  const result = await (await rita()).query('SELECT ApiName, IsClosed, IsDefault FROM TaskStatus ORDER BY SortOrder');
  equal(result.records.filter((s) => s.IsClosed).map((s) => s.ApiName), ['Completed']);
  equal(result.records.filter((s) => s.IsDefault).map((s) => s.ApiName), ['Not Started']);
});

check('a condition on SystemModstamp takes an instant with offset', async () => {
  const conn = await rita();
  await newTask(conn, { Subject: 'stamped' });
  const since = new Date(Date.now() - 3_600_000).toISOString().replace(/\.\d+Z$/, 'Z');
  equal((await conn.query(`SELECT Id FROM Task WHERE Subject = 'stamped' AND SystemModstamp >= ${since}`)).totalSize, 1);
});
