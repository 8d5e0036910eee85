import type { Principal } from '@holdfast/security';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { DataSource } from 'typeorm';
import { User } from '../user.entity.js';
import type { MeView } from '../user.view.js';
import { noSuchUser } from '../users.problems.js';

export class GetMe extends Query<MeView> {
  constructor(readonly by: Principal) {
    super();
  }
}

@QueryHandler(GetMe)
export class GetMeHandler implements IQueryHandler<GetMe> {
  constructor(private readonly source: DataSource) {}

  async execute({ by }: GetMe): Promise<MeView> {
    const user = await this.source.getRepository(User).findOneBy({ id: by.id });
    if (!user) throw noSuchUser();
    const { id, email, name, roles } = user;
    return { id, email, name, roles };
  }
}
