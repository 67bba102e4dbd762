import { check, connect, control, equal, matches, newTask, refusal, rita } from '../harness.mjs';

async function refusedWith(code, call) {
  const error = await refusal(call);
  equal(error.errorCode, code);
  return error;
}

check('limits tell the allowance, and every answer says how much is used', async () => {
  const conn = await rita();
  const limits = await conn.limits();
  equal(limits.DailyApiRequests.Max, 100000);
  equal(conn.limitInfo.apiUsage.limit, 100000);
  const before = conn.limitInfo.apiUsage.used;
  await conn.query('SELECT Id FROM Task LIMIT 1');
  equal(conn.limitInfo.apiUsage.used, before + 1);
});

check('a field that does not exist is INVALID_FIELD, in a query and in a write', async () => {
  const conn = await rita();
  matches((await refusedWith('INVALID_FIELD', () => conn.query('SELECT Nonsense FROM Task'))).message, /No such column 'Nonsense'/);
  await refusedWith('INVALID_FIELD', () => newTask(conn, { Nonsense: 1 }));
});

check('a field that is hidden from the user does not exist for him', async () => {
  const conn = await rita();
  await control('POST', 'org/hide-field?field=Type&user=rita.rep@acme.example');
  try {
    await refusedWith('INVALID_FIELD', () => conn.query('SELECT Type FROM Task'));
  } finally {
    await control('POST', 'org/show-field?field=Type&user=rita.rep@acme.example');
  }
});

check('a read-only field cannot be written', async () => {
  const conn = await rita();
  matches((await refusedWith('INVALID_FIELD_FOR_INSERT_UPDATE', () => newTask(conn, { IsClosed: true }))).message, /IsClosed/);
});

check('an unknown object is refused', async () => {
  const conn = await rita();
  await refusedWith('INVALID_TYPE', () => conn.query('SELECT Id FROM Nonsense'));
  await refusedWith('NOT_FOUND', () => conn.sobject('Nonsense').create({ Name: 'x' }));
});

check('SOQL that makes no sense is MALFORMED_QUERY', async () => {
  const conn = await rita();
  await refusedWith('MALFORMED_QUERY', () => conn.query('SELECT FROM WHERE'));
});

check('a text that is too long names its field', async () => {
  const conn = await rita();
  const error = await refusedWith('STRING_TOO_LONG', () => newTask(conn, { Subject: 'x'.repeat(256) }));
  matches(error.message, /max length=255/);
});

check('a date that is none is JSON_PARSER_ERROR', async () => {
  const conn = await rita();
  await refusedWith('JSON_PARSER_ERROR', () => newTask(conn, { ActivityDate: 'tomorrow' }));
});

check('an empty body is not mistaken for a record', async () => {
  const conn = await rita();
  await refusedWith('JSON_PARSER_ERROR', () => conn.request({ method: 'POST', url: '/sobjects/Task', body: '{', headers: { 'content-type': 'application/json' } }));
});

check('a required field that is missing is named', async () => {
  const conn = await rita();
  await control('POST', 'org/require-field?field=CallObject&required=true');
  try {
    matches((await refusedWith('REQUIRED_FIELD_MISSING', () => newTask(conn))).message, /CallObject/);
  } finally {
    await control('POST', 'org/require-field?field=CallObject&required=false');
  }
});

check("a validation rule answers with the administrator's own words", async () => {
  const conn = await rita();
  await control('POST', 'org/validation-rule', { name: 'r', when: "Subject = 'forbidden'", message: 'Say it nicer.' });
  try {
    equal((await refusedWith('FIELD_CUSTOM_VALIDATION_EXCEPTION', () => newTask(conn, { Subject: 'forbidden' }))).message, 'Say it nicer.');
  } finally {
    await control('POST', 'org/remove-automation?name=r');
  }
});

check('a restricted picklist refuses what it does not list, an open one keeps it', async () => {
  const conn = await rita();
  equal((await conn.sobject('Task').retrieve(await newTask(conn, { Status: 'My own' }))).Status, 'My own');
  await control('POST', 'org/restrict-picklist?field=Status&restricted=true');
  try {
    await refusedWith('INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', () => newTask(conn, { Status: 'My own' }));
  } finally {
    await control('POST', 'org/restrict-picklist?field=Status&restricted=false');
  }
});

check('a record that never was, one in the recycle bin and one of somebody else are told apart', async () => {
  const conn = await rita();
  const id = await newTask(conn);
  await conn.sobject('Task').destroy(id);
  await refusedWith('ENTITY_IS_DELETED', () => conn.sobject('Task').update({ Id: id, Subject: 'x' }));
  await refusedWith('INVALID_CROSS_REFERENCE_KEY', () => conn.sobject('Task').update({ Id: id.slice(0, 6) + '0zzzzzzzz', Subject: 'x' }));
  const sam = await connect('sam.seller@acme.example');
  const theirs = await newTask(sam);
  equal((await refusal(() => conn.sobject('Task').retrieve(theirs))).errorCode, 'NOT_FOUND');
});

check('a lead together with a related record is refused', async () => {
  const conn = await rita();
  const lead = await conn.sobject('Lead').create({ LastName: 'Lead', Company: 'Somewhere' });
  const account = await conn.sobject('Account').create({ Name: 'Elsewhere' });
  await refusedWith('FIELD_INTEGRITY_EXCEPTION', () => newTask(conn, { WhoId: lead.id, WhatId: account.id }));
});

check('at the daily limit every call is refused with REQUEST_LIMIT_EXCEEDED', async () => {
  const conn = await rita();
  await control('POST', 'org/api-usage?used=100000');
  try {
    matches((await refusedWith('REQUEST_LIMIT_EXCEEDED', () => conn.query('SELECT Id FROM Task'))).message, /TotalRequests Limit exceeded/);
  } finally {
    await control('POST', 'org/api-usage?used=0');
  }
});

check('a server that is too busy is a 503 which jsforce tries again', async () => {
  const conn = await rita();
  await control('POST', 'faults', { kind: 'ServerTooBusy', resource: '/query', times: 1 });
  equal((await conn.query('SELECT Id FROM Task LIMIT 1')).done, true);
});

check('a version that does not exist is not found', async () => {
  const conn = await connect();
  conn.version = '999.0';
  const error = await refusal(() => conn.query('SELECT Id FROM Task'));
  matches(error.errorCode, /^(NOT_FOUND|UNSUPPORTED_API_VERSION)$/);
});
