import { check, equal, matches, newTask, refusal, rita } from '../harness.mjs';

check('a record is created, read, changed and deleted', async () => {
  const task = (await rita()).sobject('Task');
  const created = await task.create({ Subject: 'Call Ana', ActivityDate: '2026-03-05', Priority: 'High' });
  equal([created.success, created.errors], [true, []]);
  matches(created.id, /^00T\w{15}$/);
  const read = await task.retrieve(created.id);
  equal([read.Id, read.Subject, read.ActivityDate, read.Priority, read.IsHighPriority, read.Description], [created.id, 'Call Ana', '2026-03-05', 'High', true, null]);
  equal(read.attributes.type, 'Task');
  equal(await task.update({ Id: created.id, Subject: 'Called Ana', Status: 'Completed' }), { id: created.id, success: true, errors: [] });
  const changed = await task.retrieve(created.id);
  equal([changed.Subject, changed.IsClosed, typeof changed.CompletedDateTime], ['Called Ana', true, 'string']);
  equal(await task.destroy(created.id), { id: created.id, success: true, errors: [] });
  equal((await refusal(() => task.retrieve(created.id))).errorCode, 'NOT_FOUND');
});

check('what a new task is not given takes the defaults of the org', async () => {
  const conn = await rita();
  const read = await conn.sobject('Task').retrieve(await newTask(conn));
  equal([read.Status, read.Priority, read.IsReminderSet, read.OwnerId], ['Not Started', 'Normal', false, (await conn.identity()).user_id]);
});

check('stamps are UTC to the second, with an offset without colon', async () => {
  const conn = await rita();
  const read = await conn.sobject('Task').retrieve(await newTask(conn));
  for (const stamp of [read.CreatedDate, read.LastModifiedDate, read.SystemModstamp]) {
    matches(stamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000$/);
  }
});

check('null empties a field and an absent one stays', async () => {
  const conn = await rita();
  const id = await newTask(conn, { Description: 'details', ActivityDate: '2026-03-05' });
  await conn.sobject('Task').update({ Id: id, Description: null });
  const read = await conn.sobject('Task').retrieve(id);
  equal([read.Description, read.ActivityDate], [null, '2026-03-05']);
});

check('a record can be asked for by its 15 characters', async () => {
  const conn = await rita();
  const id = await newTask(conn);
  equal((await conn.sobject('Task').retrieve(id.slice(0, 15))).Id, id);
});

check('text keeps quotes, line ends and characters of every alphabet', async () => {
  const conn = await rita();
  const text = 'O\'Brien said "no" \\ 50 %_\nαβγ 日本語 🙂';
  const id = await newTask(conn, { Description: text });
  equal((await conn.sobject('Task').retrieve(id)).Description, text);
});

check('an upsert by external id creates once and then changes', async () => {
  const conn = await rita();
  const key = `jsforce-${Date.now()}`;
  const first = await conn.sobject('Task').upsert({ TaskSync_Key__c: key, Subject: 'one' }, 'TaskSync_Key__c');
  const second = await conn.sobject('Task').upsert({ TaskSync_Key__c: key, Subject: 'two' }, 'TaskSync_Key__c');
  equal([first.success, first.created, second.created, second.id], [true, true, false, first.id]);
  equal((await conn.sobject('Task').retrieve(first.id)).Subject, 'two');
});

check('an upsert of many tells apart created and changed', async () => {
  const conn = await rita();
  const key = `jsforce-many-${Date.now()}`;
  await newTask(conn, { TaskSync_Key__c: `${key}-0` });
  const results = await conn.sobject('Task').upsert([0, 1].map((i) => ({ TaskSync_Key__c: `${key}-${i}`, Subject: `s${i}` })), 'TaskSync_Key__c');
  equal(results.map((r) => [r.success, r.created]), [[true, false], [true, true]]);
});

check('an external id that is taken is refused with DUPLICATE_VALUE and the id of the other', async () => {
  const conn = await rita();
  const key = `jsforce-dup-${Date.now()}`;
  const id = await newTask(conn, { TaskSync_Key__c: key });
  const error = await refusal(() => newTask(conn, { TaskSync_Key__c: key }));
  equal(error.errorCode, 'DUPLICATE_VALUE');
  matches(error.message, new RegExp(`TaskSync_Key__c.*${id.slice(0, 15)}`));
});

check('the description of Task names fields, picklists and the external id', async () => {
  const conn = await rita();
  const task = await conn.sobject('Task').describe();
  equal([task.name, task.keyPrefix, task.updateable, task.replicateable], ['Task', '00T', true, true]);
  const field = (name) => task.fields.find((f) => f.name === name);
  equal([field('Subject').type, field('Subject').length, field('IsClosed').updateable], ['combobox', 255, false]);
  equal([field('TaskSync_Key__c').externalId, field('TaskSync_Key__c').unique], [true, true]);
  equal(field('Status').picklistValues.find((v) => v.defaultValue).value, 'Not Started');
  equal(field('WhoId').referenceTo.sort(), ['Contact', 'Lead']);
});

check('the list of objects has Task among them', async () => {
  const global = await (await rita()).describeGlobal();
  equal(global.sobjects.filter((o) => o.name === 'Task').length, 1);
});

check('the SOAP API takes a record out of the recycle bin with its id', async () => {
  const conn = await rita();
  const id = await newTask(conn, { Subject: 'back again' });
  await conn.sobject('Task').destroy(id);
  const [result] = await conn.soap.undelete([id]);
  equal([result.id, result.success], [id, true]);
  equal((await conn.sobject('Task').retrieve(id)).Subject, 'back again');
});
