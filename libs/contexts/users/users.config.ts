import { defineConfig, secret, setting } from '@holdfast/configuration';
import { z } from 'zod';

export const usersConfig = defineConfig('users', {
  signingKeyDays: setting(
    z.coerce.number().int().min(1).max(366).default(30),
    'how long a key signs access tokens before the next one takes over, days',
  ),
  keyEncryptionSecret: secret('encrypts the signing keys in the database', {
    minLength: 32,
    developmentDefault: 'development-only-signing-key-encryption',
  }),
  adminPassword: secret('password of admin@holdfast.local on a fresh database', {
    minLength: 12,
    developmentDefault: 'holdfast-admin-dev',
  }),
  operatorPassword: secret('password of operator@holdfast.local on a fresh database', {
    minLength: 12,
    developmentDefault: 'holdfast-operator-dev',
  }),
});
