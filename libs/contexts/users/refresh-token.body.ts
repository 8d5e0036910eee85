import { SecretField } from '@holdfast/host';

export class RefreshTokenBody {
  @SecretField({ max: 200, description: 'from the last answer to a login or a refresh' })
  refreshToken!: string;
}
