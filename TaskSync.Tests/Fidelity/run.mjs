// Runs every check, one after the other, and writes one line of JSON for each: its name, and what went wrong or null.
import './checks/oauth.mjs';
import './checks/records.mjs';
import './checks/queries.mjs';
import './checks/collections.mjs';
import './checks/replication.mjs';
import './checks/composite.mjs';
import './checks/errors.mjs';
import { runAll } from './harness.mjs';

await runAll();
