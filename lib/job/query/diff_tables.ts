/**
 * Compares the tasks of two jobs.
 *
 * @module
 */

import { TableWriter } from "../../job_dir/table_writer.ts";
import type { SqlDatabase } from "../../util/sqlite.ts";
import { taskPairs } from "./task_pairs.ts";

/** The query that counts the tasks by their change. */
export const DIFF_COUNTS = "select change, count(*) as tasks from pairs group by change " +
  "order by change = 'same' desc, change";

/** The query for the tasks that differ. */
export const DIFF_ROWS = "select * from diff where change <> 'same'";

/**
 * Adds the table `diff` to a connection, with a row for each task of two jobs. Tasks with the same
 * arguments share a row.
 *
 * @param db a connection with the two jobs as `job0` and `job1`
 * @param folders the folders of the two jobs
 */
export async function addDiff(
  db: SqlDatabase,
  [a, b]: readonly [a: string, b: string],
): Promise<void> {
  db.exec(`${MAPPED}; create temp table matched(a integer, b integer); begin`);
  const matched = new TableWriter(db, "matched", 2);
  for await (const pair of taskPairs(a, b)) matched.add(pair);
  matched.end();
  db.exec(`commit; ${PAIRS}; ${DIFF}`);
}

// Lists in different orders need many reads at random places, which are faster in mapped memory.
const MAPPED_BYTES = 256 * 1024 * 1024;
const MAPPED = `pragma job0.mmap_size = ${MAPPED_BYTES}; pragma job1.mmap_size = ${MAPPED_BYTES}`;

const PAIRS = `create temp table pairs as select
  case
    when b.task is null then 'only in A'
    when a.task is null then 'only in B'
    when a.state = b.state and a.result is b.result and a.class is b.class and a.error is b.error
      then 'same'
    when a.state = b.state then 'changed'
    when b.state = 'failed' then 'newly failed'
    when b.state = 'succeeded' then 'newly succeeded'
    else 'newly pending'
  end as change, m.a, m.b
  from matched m left join job0.tasks a on a.task = m.a left join job1.tasks b on b.task = m.b
  order by m.a is null, m.a, m.b`;

// All columns are plain ones in both selects, so that SQLite knows those with JSON.
const DIFF = `create temp view diff as select
    p.change, a.task as a_task, b.task as b_task, a.state as a_state, b.state as b_state,
    a.args as args, a.result as a_result, b.result as b_result,
    a.error as a_error, b.error as b_error
  from pairs p join job0.tasks a on a.task = p.a left join job1.tasks b on b.task = p.b
  union all select
    p.change, a.task, b.task, a.state, b.state, b.args, a.result, b.result, a.error, b.error
  from pairs p join job1.tasks b on b.task = p.b left join job0.tasks a on a.task = p.a
  where p.a is null`;
