import { conflict, defineProblemType, notFound, unauthorized } from '@holdfast/host';

defineProblemType('email-taken', {
  status: 409,
  title: 'This e-mail address is registered already',
  meaning: 'Every account has an e-mail address of its own, whatever its case. Log in instead.',
});
defineProblemType('wrong-credentials', {
  status: 401,
  title: 'Wrong e-mail address or password',
  meaning: 'The answer does not tell which of the two is wrong.',
});
defineProblemType('session-over', {
  status: 401,
  title: 'The session is over',
  meaning: 'The refresh token is unknown, expired, revoked or was used before. Log in again.',
});

export const emailTaken = () =>
  conflict({
    type: 'email-taken',
    field: 'email',
    rule: 'unique',
    detail: 'An account with this e-mail address exists already.',
  });

export const wrongCredentials = () =>
  unauthorized({ type: 'wrong-credentials', detail: 'The e-mail address or the password is wrong.' });

export const sessionOver = () =>
  unauthorized({ type: 'session-over', detail: 'This refresh token cannot be used (any more). Log in again.' });

export const noSuchUser = () => notFound({ detail: 'There is no such user any more.' });
