/**
 * Tasks by their places in the list, for records of the tasks that another machine has.
 *
 * @module
 */

/**
 * Consecutive tasks of the list: the first id, the number of tasks, and the attempt, from 1. With
 * the last element, the line of the only task is followed by the line of its checkpoint.
 */
export type TaskRange = readonly [id: number, count: number, attempt: number, checkpoint?: 1];
