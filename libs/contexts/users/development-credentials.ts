import type { ConfigOf } from '@holdfast/configuration';
import { Inject, Injectable } from '@nestjs/common';
import { staff } from './staff.js';
import { usersConfig } from './users.config.js';

/** Printed at start, as long as a password is the one everybody can read here; production refuses to start with it. */
@Injectable()
export class DevelopmentCredentials {
  constructor(@Inject(usersConfig.KEY) private readonly config: ConfigOf<typeof usersConfig>) {}

  lines(): string[] {
    return staff
      .filter(({ password }) => this.config[password] === usersConfig.fields[password].developmentDefault)
      .map(({ role, email, password }) => `${role}: ${email} / ${this.config[password]} (development only)`);
  }
}
