import type { Projection } from './projection.js';

/** One end of a window of the log: a place in it, or a moment, to the millisecond. Both ends belong to the window. */
export type WindowEnd = { position: number } | { instant: Date };

/** The part of the log a sandbox sees. */
export interface LogWindow {
  from?: WindowEnd;
  to?: WindowEnd;
  /** Nothing after this place; the log above it may still change. */
  upTo: { xid: string; position?: number };
}

/** What is replayed into a sandbox, and where that is. */
export interface SandboxPlan {
  /** Schema of the context, schema of the sandbox, and the role that has rights in the latter only. */
  schema: string;
  sandbox: string;
  role: string;
  projection: Projection;
  window: LogWindow;
}

const PLAIN_NAME = /^[a-z_][a-z0-9_]*$/;
const PROJECTION_NAME = /^[a-z][a-z0-9-]*$/;

/**
 * The statements with which an administrator prepares a place to replay a window of the log in: the projection's table,
 * empty, and the log as a view of that window. Code that works on the context's own schema works on this one unchanged.
 * The role may read the view and write the sandbox's tables; it has no right at all to anything of the context.
 *
 * @throws Error when a name is not plain
 */
export function sandboxStatements({ schema, sandbox, role, projection, window }: SandboxPlan): string[] {
  const { table, name } = projection;
  const odd = [schema, sandbox, role, table].find((one) => !PLAIN_NAME.test(one));
  if (odd !== undefined || !PROJECTION_NAME.test(name)) throw new Error(`"${odd ?? name}" is not a plain name`);
  return [
    `do $$ begin create role ${role} nologin noinherit; exception when duplicate_object or unique_violation then null; end $$`,
    `grant ${role} to current_user`,
    `create schema if not exists ${sandbox}`,
    `drop view if exists ${sandbox}.event`,
    `create view ${sandbox}.event as select * from ${schema}.event where ${conditionOf(window)}`,
    `create table if not exists ${sandbox}.projection_generation (like ${schema}.projection_generation including all)`,
    `delete from ${sandbox}.projection_generation where name = '${name}'`,
    `drop table if exists ${sandbox}.${table}`,
    `create table ${sandbox}.${table} (like ${schema}.${table} including all)`,
    `create or replace function ${sandbox}.road_live(projection text) returns int language sql stable as
       $$ select generation from ${sandbox}.projection_generation where name = projection and live $$`,
    `revoke all on schema ${sandbox} from public`,
    `grant usage on schema ${sandbox} to ${role}`,
    `grant select on ${sandbox}.event to ${role}`,
    `grant select, insert, update, delete on ${sandbox}.projection_generation, ${sandbox}.${table} to ${role}`,
    `grant execute on function ${sandbox}.road_live(text) to ${role}`,
  ];
}

/** Values from outside are numbers and dates here, so nothing of them can be SQL. */
function conditionOf({ from, to, upTo }: LogWindow): string {
  const { xid, position } = upTo;
  const top = BigInt(xid);
  return [
    position === undefined ? `xid < '${top}'::xid8` : `(xid, position) <= ('${top}'::xid8, ${Number(position)})`,
    ...(from ? [endOf(from, '>=')] : []),
    ...(to ? [endOf(to, '<=')] : []),
  ].join(' and ');
}

function endOf(end: WindowEnd, comparison: '<=' | '>='): string {
  if ('position' in end) return `position ${comparison} ${Math.trunc(end.position)}`;
  return `date_trunc('milliseconds', recorded_at) ${comparison} '${end.instant.toISOString()}'::timestamptz`;
}
