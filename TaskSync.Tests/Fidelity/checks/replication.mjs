import { check, equal, matches, newTask, refusal, rita } from '../harness.mjs';

const minutes = (n) => new Date(Date.now() + n * 60_000);

check('updated() lists what was created or changed, with the time covered', async () => {
  const conn = await rita();
  const id = await newTask(conn);
  const answer = await conn.sobject('Task').updated(minutes(-10), minutes(1));
  equal(answer.ids.includes(id), true);
  matches(answer.latestDateCovered, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000$/);
});

check('updated() never lists what is deleted, deleted() does', async () => {
  const conn = await rita();
  const id = await newTask(conn);
  await conn.sobject('Task').destroy(id);
  const [updated, deleted] = [await conn.sobject('Task').updated(minutes(-10), minutes(1)), await conn.sobject('Task').deleted(minutes(-10), minutes(1))];
  equal(updated.ids.includes(id), false);
  const record = deleted.deletedRecords.find((r) => r.id === id);
  matches(record.deletedDate, /\+0000$/);
  matches(deleted.earliestDateAvailable, /\+0000$/);
});

check('what was taken out of the recycle bin is updated and no longer deleted', async () => {
  const conn = await rita();
  const id = await newTask(conn);
  await conn.sobject('Task').destroy(id);
  await conn.soap.undelete([id]);
  equal((await conn.sobject('Task').updated(minutes(-10), minutes(1))).ids.includes(id), true);
  equal((await conn.sobject('Task').deleted(minutes(-10), minutes(1))).deletedRecords.some((r) => r.id === id), false);
});

check('a window of less than a minute is refused with INVALID_REPLICATION_DATE', async () => {
  const conn = await rita();
  const start = new Date(Math.floor(Date.now() / 60_000) * 60_000);
  equal((await refusal(() => conn.sobject('Task').updated(start, new Date(start.getTime() + 30_000)))).errorCode, 'INVALID_REPLICATION_DATE');
});

check('updates reach back 30 days and deletions 15, no further', async () => {
  const conn = await rita();
  const days = (n) => minutes(-n * 24 * 60);
  await conn.sobject('Task').updated(days(29), minutes(0));
  await conn.sobject('Task').deleted(days(14), minutes(0));
  equal((await refusal(() => conn.sobject('Task').updated(days(31), minutes(0)))).errorCode, 'INVALID_REPLICATION_DATE');
  equal((await refusal(() => conn.sobject('Task').deleted(days(16), minutes(0)))).errorCode, 'INVALID_REPLICATION_DATE');
});
