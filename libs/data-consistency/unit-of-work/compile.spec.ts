import { compile } from './compile.js';
import { defineWrite, type Write } from './write.js';

interface Row {
  id: string;
}
const insert = 'insert into note (id) select id from rows';
const a = defineWrite<Row>('notes.a', { id: 'text' }, insert);
const b = defineWrite<Row>('notes.b', { id: 'text' }, 'delete from note using rows where note.id = rows.id', {
  affects: 'any',
});

const batches = (...entries: [Write<Row>, Row[]][]) => new Map(entries as [Write, Row[]][]);

describe('compiling a unit of work', () => {
  it('gives one text for one shape, whatever the order and number of rows', () => {
    const one = compile(batches([a, [{ id: '1' }]], [b, [{ id: '2' }]]));
    const many = compile(batches([b, [{ id: '3' }, { id: '4' }]], [a, [{ id: '5' }]]));
    expect(many.text).toBe(one.text);
    expect(one.values).toEqual(['[{"id":"1"}]', '[{"id":"2"}]']);
    expect(many.values).toEqual(['[{"id":"5"}]', '[{"id":"3"},{"id":"4"}]']);
    expect(compile(batches([a, []])).text).not.toBe(one.text);
  });

  it('feeds each write from a recordset of its own', () => {
    const { text } = compile(batches([a, []], [b, []]));
    expect(text).toContain('r0 as (select id from rows from (json_to_recordset($1::json) as (id text))');
    expect(text).toContain('w0 as (insert into note (id) select id from r0 returning 1)');
    expect(text).toContain('w1 as (delete from note using r1 where note.id = r1.id returning 1)');
    expect(text.replaceAll('rows from (', '')).not.toMatch(/\brows\b/);
  });

  it('checks the writes that must affect each row, and no other', () => {
    const { text } = compile(batches([a, []], [b, []]));
    expect(text).toContain(`(select count(*) from w0) < (select count(*) from r0) then road_conflict('notes.a')`);
    expect(text).not.toContain(`road_conflict('notes.b')`);
  });

  it('does not mix up two writes of one name', () => {
    const other = defineWrite<Row>('notes.a', { id: 'text' }, 'update note set id = rows.id from rows');
    expect(compile(batches([a, []])).text).toContain('insert into note');
    expect(compile(batches([other, []])).text).toContain('update note');
  });
});

describe('many rows', () => {
  const c = defineWrite<Row & { data?: object | null }>(
    'notes.c',
    { id: 'text', data: 'json' },
    `insert into note (id, data) select id, data from rows`,
  );
  const ids = (count: number, id = 'n') => Array.from({ length: count }, (_, at) => ({ id: `${id}${at}` }));
  const withData = (data: object | null) => ids(12).map((row) => ({ ...row, data }));

  it('travel as one array per column, each write with parameters of its own', () => {
    const { text, values } = compile(batches([a, ids(12)], [c as Write<Row>, withData({ x: 1 })]));
    expect(text).toContain('r0 as (select id from rows from (unnest($1::text[]))');
    expect(text).toContain('r1 as (select id, data from rows from (unnest($2::text[]), json_array_elements($3::json))');
    expect(values).toEqual([
      '{n0,n1,n2,n3,n4,n5,n6,n7,n8,n9,n10,n11}',
      '{n0,n1,n2,n3,n4,n5,n6,n7,n8,n9,n10,n11}',
      `[${Array.from({ length: 12 }, () => '{"x":1}').join(',')}]`,
    ]);
  });

  it.each<[string, [Write<Row>, Row[]][]]>([
    [
      'one of the writes has few',
      [
        [a, ids(12)],
        [b, ids(11)],
      ],
    ],
    ['a JSON value is missing', [[c as Write<Row>, withData(null)]]],
    ['a text is not well-formed', [[a, [...ids(12), { id: '\ud800' }]]]],
    ['a text is an object', [[a, [...ids(12), { id: {} as string }]]]],
    ['a column is an array itself', [[defineWrite<Row>('notes.d', { id: 'text[]' }, insert), ids(12)]]],
  ])('travel as JSON when %s', (_, entries) => {
    expect(compile(batches(...entries)).text).toContain('json_to_recordset');
  });
});

describe('a declared write', () => {
  it.each([
    ['no rows', 'notes.x', { id: 'text' }, 'delete from note', /read from "rows"/],
    ['only rows_count', 'notes.x', { id: 'text' }, 'delete from rows_count', /read from "rows"/],
    ['a RETURNING', 'notes.x', { id: 'text' }, `${insert} Returning id`, /RETURNING/],
    ['a quote in its name', `notes.x'`, { id: 'text' }, insert, /name/],
    ['a name without a context', 'x', { id: 'text' }, insert, /name/],
    ['SQL as a column', 'notes.x', { 'id text); --': 'text' }, insert, /column/],
  ])('is refused with %s', (_, name, columns, sql, message) =>
    expect(() => defineWrite<object>(name, columns as object, sql)).toThrow(message),
  );
});
