import type { ConfigOf } from '@holdfast/configuration';
import { UnitOfWork } from '@holdfast/data-consistency';
import { newId } from '@holdfast/messaging';
import { Passwords } from '@holdfast/security';
import { Inject, Injectable } from '@nestjs/common';
import { UserRegistered } from './contracts/events.js';
import { staff } from './staff.js';
import { UserStore } from './user.store.js';
import { usersConfig } from './users.config.js';

@Injectable()
export class UsersSeed {
  constructor(
    private readonly work: UnitOfWork,
    private readonly users: UserStore,
    private readonly passwords: Passwords,
    @Inject(usersConfig.KEY) private readonly config: ConfigOf<typeof usersConfig>,
  ) {}

  async seed(): Promise<void> {
    const known = await this.users.known(staff.map(({ email }) => email));
    const missing = staff.filter(({ email }) => !known.has(email));
    const hashes = await Promise.all(missing.map(({ password }) => this.passwords.hash(this.config[password])));
    await this.work.run((tx) => {
      for (const [index, { email, name, role }] of missing.entries()) {
        const id = newId();
        this.users.add(tx, { id, email, name, roles: [role] }, hashes[index]!);
        tx.emit(UserRegistered, { userId: id });
      }
    });
  }
}
