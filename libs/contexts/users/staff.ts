/** Who is there on a fresh database, and which setting holds the password. */
export const staff = [
  { email: 'admin@holdfast.local', name: 'Administrator', role: 'admin', password: 'adminPassword' },
  { email: 'operator@holdfast.local', name: 'Operator', role: 'operator', password: 'operatorPassword' },
] as const;
