// A one-way-each sync script: pulls what changed since a watermark, 2,000 rows a page and one transaction a page, and pushes dirty rows by 200.
// It keeps no base and no history, so of an edit on both sides one is lost. It speaks the same lines of JSON as the workers of the benchmark.
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import Database from 'better-sqlite3';
import jsforce from 'jsforce';

const fields = ['Id', 'Subject', 'ActivityDate', 'Status', 'Priority', 'Description', 'Type', 'WhoId', 'WhatId', 'CallDisposition', 'OwnerId', 'IsClosed', 'IsDeleted', 'LastModifiedDate', 'SystemModstamp'];
const stored = ['Subject', 'ActivityDate', 'Status', 'Priority', 'Description', 'Type', 'WhoId', 'WhatId', 'CallDisposition', 'LastModifiedDate', 'SystemModstamp'];

let db, statements, connection, user;

function open(file) {
  db?.close();
  db = new Database(file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = NORMAL');
  db.exec(`CREATE TABLE IF NOT EXISTS tasks (Id TEXT PRIMARY KEY, ${stored.map((f) => `${f} TEXT`).join(', ')}, dirty INTEGER NOT NULL DEFAULT 0);
    CREATE INDEX IF NOT EXISTS dirty ON tasks (Id) WHERE dirty = 1;
    CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value TEXT)`);
  statements = {
    upsert: db.prepare(`INSERT INTO tasks (Id, ${stored.join(', ')}) VALUES (?, ${stored.map(() => '?').join(', ')})
      ON CONFLICT (Id) DO UPDATE SET ${stored.map((f) => `${f} = excluded.${f}`).join(', ')} WHERE dirty = 0`),
    remove: db.prepare('DELETE FROM tasks WHERE Id = ?'),
    get: db.prepare('SELECT value FROM state WHERE name = ?').pluck(),
    set: db.prepare('INSERT INTO state VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value'),
    dirty: db.prepare('SELECT Id, ActivityDate FROM tasks WHERE dirty = 1'),
    clean: db.prepare('UPDATE tasks SET dirty = 0 WHERE Id = ?'),
  };
}

function connect(order) {
  user = order.access.userId;
  connection = new jsforce.Connection({ instanceUrl: order.url, accessToken: order.access.accessToken, version: '66.0' });
}

async function pull() {
  const since = statements.get.get('watermark') ?? '1970-01-01T00:00:00Z';
  let page = await connection.query(`SELECT ${fields.join(',')} FROM Task WHERE OwnerId = '${user}' AND SystemModstamp >= ${since} ORDER BY SystemModstamp`, { scanAll: true, autoFetch: false });
  let seen = 0;
  for (;;) {
    let watermark = since;
    db.transaction(() => {
      for (const row of page.records) {
        if (row.IsDeleted) {
          statements.remove.run(row.Id);
        } else {
          statements.upsert.run(row.Id, ...stored.map((f) => row[f] ?? null));
        }
        watermark = row.SystemModstamp;
      }
      if (page.records.length > 0) {
        statements.set.run('watermark', new Date(watermark.replace('+0000', 'Z')).toISOString().replace('.000Z', 'Z'));
      }
    })();
    seen += page.records.length;
    if (page.done) {
      return seen;
    }
    page = await connection.queryMore(page.nextRecordsUrl, { autoFetch: false });
  }
}

async function push() {
  const dirty = statements.dirty.all();
  for (let i = 0; i < dirty.length; i += 200) {
    const some = dirty.slice(i, i + 200);
    const results = await connection.sobject('Task').update(some.map(({ Id, ActivityDate }) => ({ Id, ActivityDate })), { allOrNone: false });
    db.transaction(() => results.forEach((result, j) => result.success && statements.clean.run(some[j].Id)))();
  }
}

function edit(count) {
  const all = db.prepare('SELECT Id, ActivityDate FROM tasks ORDER BY Id').all();
  const mark = db.prepare("UPDATE tasks SET ActivityDate = ?, dirty = 1 WHERE Id = ?");
  const chosen = Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length + Math.floor(all.length / 2)) / count)]);
  const due = new Date(Date.parse(chosen[0].ActivityDate ?? '2026-01-01') + 100 * 86400000).toISOString().slice(0, 10);
  db.transaction(() => chosen.forEach((task) => mark.run(due, task.Id)))();
  return count;
}

function digest() {
  const rows = db.prepare('SELECT Id, Subject, ActivityDate, Status, Priority, Description, Type, WhoId, WhatId, CallDisposition FROM tasks').raw().all();
  rows.sort((a, b) => (a[0] < b[0] ? -1 : 1));
  const hash = createHash('sha256');
  for (const row of rows) {
    hash.update(row.map((value) => value ?? '').join('\u001f') + '\n');
  }
  return { digest: hash.digest('hex').toUpperCase(), count: rows.length };
}

async function measured(work) {
  globalThis.gc?.();
  writeFileSync('/proc/self/clear_refs', '5');
  const [begun, cpu] = [performance.now(), process.cpuUsage()];
  await work();
  const used = process.cpuUsage(cpu);
  const peak = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1];
  return { took: { wallMs: performance.now() - begun, cpuMs: (used.user + used.system) / 1000, peakMb: peak / 1024 } };
}

async function answer(order) {
  if (order.do === 'connect') {
    db?.close();
    db = undefined;
    ['', '-wal', '-shm'].forEach((end) => rmSync(order.database + end, { force: true }));
  }
  if (order.database) {
    open(order.database);
  }
  if (order.access) {
    connect(order);
  }
  switch (order.do) {
    case 'connect':
    case 'rest':
      return {};
    case 'first':
      return measured(pull);
    case 'poll':
      return measured(async () => {
        for (let i = 0; i < order.count; i++) {
          await pull();
        }
      });
    case 'edit':
      return { count: edit(order.count) };
    case 'sync':
      return measured(async () => {
        await push();
        await pull();
      });
    case 'digest':
      return digest();
    default:
      throw new Error(`jsforce cannot ${order.do}`);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  let reply;
  try {
    reply = await answer(JSON.parse(line));
  } catch (failure) {
    reply = { error: String(failure.stack ?? failure) };
  }
  process.stdout.write(JSON.stringify(reply) + '\n');
}
process.exit(0);
