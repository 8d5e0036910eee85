import { Type, Uuid, defineEvent } from '@holdfast/messaging';

/** Nothing personal: who wants the name or address of a user asks the users context. */
export const UserRegistered = defineEvent('users.user-registered', 1, Type.Object({ userId: Uuid }), { key: 'userId' });
