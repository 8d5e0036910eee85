import { UnitOfWork } from '@holdfast/data-consistency';
import { EmailField, SecretField, TextField } from '@holdfast/host';
import { newId } from '@holdfast/messaging';
import { Passwords } from '@holdfast/security';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UserRegistered } from '../contracts/events.js';
import { registerCustomer } from '../domain/user.js';
import { UserStore } from '../user.store.js';
import type { UserView } from '../user.view.js';

export class RegistrationBody {
  @EmailField()
  email!: string;

  @SecretField({ min: 8, max: 128, example: 'correct horse battery staple' })
  password!: string;

  @TextField({ max: 100, example: 'Ada Lovelace' })
  name!: string;
}

export class RegisterUser extends Command<UserView> {
  constructor(readonly input: RegistrationBody) {
    super();
  }
}

@CommandHandler(RegisterUser)
export class RegisterUserHandler implements ICommandHandler<RegisterUser> {
  constructor(
    private readonly work: UnitOfWork,
    private readonly users: UserStore,
    private readonly passwords: Passwords,
  ) {}

  async execute({ input: { email, password, name } }: RegisterUser): Promise<UserView> {
    const passwordHash = await this.passwords.hash(password);
    return this.work.run((tx) => {
      const user = registerCustomer({ id: newId(), email, name });
      this.users.add(tx, user, passwordHash);
      tx.emit(UserRegistered, { userId: user.id });
      return { id: user.id, email, name };
    });
  }
}
