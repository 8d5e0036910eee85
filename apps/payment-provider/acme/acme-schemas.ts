const amount = { type: 'integer', minimum: 1, maximum: 1e15 };

export interface ChargeBody {
  amount: number;
  currency: string;
  source: string;
  capture: false;
  reference: string;
}

export const chargeSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['amount', 'currency', 'source', 'capture', 'reference'],
  properties: {
    amount,
    currency: { type: 'string', pattern: '^[A-Z]{3}$' },
    source: { type: 'string', minLength: 1, maxLength: 128 },
    capture: { const: false },
    reference: { type: 'string', minLength: 1, maxLength: 128 },
  },
};

export const amountSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['amount'],
  properties: { amount },
};

export const optionalAmountSchema = { type: ['object', 'null'], additionalProperties: false, properties: { amount } };

export const noFieldsSchema = { type: ['object', 'null'], additionalProperties: false, properties: {} };

export const keyQuerySchema = {
  type: 'object',
  additionalProperties: false,
  required: ['idempotency_key'],
  properties: { idempotency_key: { type: 'string', minLength: 1, maxLength: 255 } },
};
