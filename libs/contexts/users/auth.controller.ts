import { Idempotent, NotIdempotent } from '@holdfast/host';
import { Open } from '@holdfast/security';
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiNoContentResponse, ApiOkResponse, ApiTags, ApiUnauthorizedResponse } from '@nestjs/swagger';
import { LogIn, LoginBody } from './log-in/log-in.js';
import { LogOut } from './log-out/log-out.js';
import { RefreshSession } from './refresh-session/refresh-session.js';
import { RefreshTokenBody } from './refresh-token.body.js';
import { TokensView } from './tokens.view.js';

@ApiTags('auth')
@Open()
@Controller({ path: 'auth', version: '1' })
export class AuthController {
  constructor(private readonly commands: CommandBus) {}

  @Post('login')
  @NotIdempotent('a record would keep the tokens')
  @HttpCode(200)
  @ApiOkResponse({ type: TokensView })
  @ApiUnauthorizedResponse({ description: 'The e-mail address or the password is wrong.' })
  logIn(@Body() input: LoginBody): Promise<TokensView> {
    return this.commands.execute(new LogIn(input));
  }

  @Post('refresh')
  @NotIdempotent('a record would keep the tokens; a refresh token is good for one use')
  @HttpCode(200)
  @ApiOkResponse({ type: TokensView })
  @ApiUnauthorizedResponse({ description: 'The session is over.' })
  refresh(@Body() { refreshToken }: RefreshTokenBody): Promise<TokensView> {
    return this.commands.execute(new RefreshSession(refreshToken));
  }

  @Post('logout')
  @Idempotent()
  @HttpCode(204)
  @ApiNoContentResponse()
  logOut(@Body() { refreshToken }: RefreshTokenBody): Promise<void> {
    return this.commands.execute(new LogOut(refreshToken));
  }
}
