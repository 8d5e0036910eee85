import { Idempotent } from '@holdfast/host';
import { Caller, Open, SignedIn, type Principal } from '@holdfast/security';
import { Body, Controller, Get, Post } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { GetMe } from './get-me/get-me.js';
import { RegisterUser, RegistrationBody } from './register-user/register-user.js';
import { MeView, UserView } from './user.view.js';

@ApiTags('users')
@Controller({ path: 'users', version: '1' })
export class UsersController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post()
  @Open()
  @Idempotent()
  @ApiCreatedResponse({ type: UserView })
  register(@Body() input: RegistrationBody): Promise<UserView> {
    return this.commands.execute(new RegisterUser(input));
  }

  @Get('me')
  @SignedIn()
  @ApiOkResponse({ type: MeView })
  me(@Caller() by: Principal): Promise<MeView> {
    return this.queries.execute(new GetMe(by));
  }
}
