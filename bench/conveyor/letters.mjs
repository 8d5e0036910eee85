import { defineEvent, Type } from '../../dist/libs/messaging/index.js';

/** `sentAt`: the machine's monotonic clock, the same in every process of it, nanoseconds. */
export const LetterWritten = defineEvent(
  'desk.letter-written',
  1,
  Type.Object({ letter: Type.String(), n: Type.Integer(), sentAt: Type.String() }),
  { key: 'letter' },
);
