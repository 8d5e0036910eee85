import type { IssuedAccessToken, NewRefreshToken } from '@holdfast/security';
import { ApiProperty } from '@nestjs/swagger';

export class TokensView {
  @ApiProperty({ description: 'send as `Authorization: Bearer …`' })
  accessToken!: string;

  @ApiProperty({ description: 'works once: each refresh answers with its successor' })
  refreshToken!: string;

  @ApiProperty({ enum: ['Bearer'] })
  tokenType!: 'Bearer';

  @ApiProperty({ type: 'integer', description: 'seconds', example: 600 })
  expiresIn!: number;
}

export function tokensView(access: IssuedAccessToken, refresh: NewRefreshToken): TokensView {
  const { accessToken, tokenType, expiresIn } = access;
  return { accessToken, refreshToken: refresh.text, tokenType, expiresIn };
}
