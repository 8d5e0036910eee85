import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Role } from './domain/user.js';

/** For ordinary reads; whatever changes an account goes through the unit of work. */
@Entity('user_account')
export class User {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  email!: string;

  @Column('text')
  name!: string;

  @Column('text', { array: true })
  roles!: Role[];
}
