export type Role = 'customer' | 'admin' | 'operator';

export interface NewUser {
  readonly id: string;
  /** Case-folded. */
  readonly email: string;
  readonly name: string;
  readonly roles: readonly Role[];
}

/** Nobody registers as anything but a customer. */
export function registerCustomer({ id, email, name }: Omit<NewUser, 'roles'>): NewUser {
  return { id, email, name, roles: ['customer'] };
}
