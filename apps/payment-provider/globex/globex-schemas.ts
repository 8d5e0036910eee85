export interface HoldForm {
  merchantRef: string;
  orderRef: string;
  amount: string;
  currency: string;
  cardToken: string;
}

export interface MoveForm {
  merchantRef: string;
  originalRef: string;
  amount?: string;
}

const ref = { type: 'string', pattern: '^[\\x21-\\x7e]{1,128}$' };
const amount = { type: 'string', maxLength: 18 };
const exactly = (properties: Record<string, object>, optional: string[] = []) => ({
  type: 'object',
  additionalProperties: false,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  properties,
});

export const holdSchema = exactly({
  merchantRef: ref,
  orderRef: ref,
  amount,
  currency: { type: 'string', pattern: '^[A-Z]{3}$' },
  cardToken: ref,
});
export const settleSchema = exactly({ merchantRef: ref, originalRef: ref, amount }, ['amount']);
export const releaseSchema = exactly({ merchantRef: ref, originalRef: ref });
export const reverseSchema = exactly({ merchantRef: ref, originalRef: ref, amount });
export const statusSchema = exactly({ merchantRef: ref });
