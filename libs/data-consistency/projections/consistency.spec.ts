import { InvalidToken, consistencyToken, demandedOf, noteWrite, withConsistency } from './consistency.js';

describe('consistency tokens', () => {
  it('name the newest write of the request, and nothing outside of one', () => {
    noteWrite({ context: 'notes', xid: '5' });
    expect(consistencyToken()).toBeUndefined();
    withConsistency(undefined, () => {
      expect(consistencyToken()).toBeUndefined();
      noteWrite({ context: 'notes', xid: '10' });
      noteWrite({ context: 'notes', xid: '9' });
      expect(consistencyToken()).toBe('notes.10');
    });
  });

  it('demand the later of what was handed in and what was written, of their own context', () => {
    withConsistency('notes.10', () => {
      expect(demandedOf('notes')).toBe('10');
      expect(demandedOf('other')).toBeUndefined();
      noteWrite({ context: 'notes', xid: '9' });
      expect(demandedOf('notes')).toBe('10');
      noteWrite({ context: 'notes', xid: '11' });
      expect(demandedOf('notes')).toBe('11');
    });
  });

  it.each([
    '',
    'notes',
    'notes.',
    'notes.x',
    '.1',
    'Notes.1',
    'notes.-1',
    'notes.1.2',
    `notes.${'9'.repeat(20)}`,
    `${'n'.repeat(42)}.1`,
  ])('refuse "%s"', (token) => expect(() => withConsistency(token, () => undefined)).toThrow(InvalidToken));
});
