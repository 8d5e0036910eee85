import { Transform, plainToInstance, type ClassConstructor } from 'class-transformer';
import { Allow, IsOptional, IsString, validateSync } from 'class-validator';
import { compiledInput } from './compiled-input.js';
import { ListField, NestedField } from './nested-fields.js';
import { BooleanField, WholeNumberField } from './number-fields.js';
import { PageQuery } from './page-query.js';
import { rule } from './rule.js';
import { EmailField, EnumField, SecretField, SkuField, TextField, UuidField } from './text-fields.js';

class Line {
  @SkuField() sku!: string;
  @WholeNumberField({ min: 1, max: 9 }) quantity!: number;
}
class Place {
  @TextField({ optional: true, max: 10 }) city?: string;
  @Allow()
  @rule('text', (value) => typeof value === 'string', 'must be text')
  zip?: string;
}
class Order {
  @ListField(() => Line, { max: 3, uniqueBy: 'sku' }) lines!: Line[];
  @NestedField(() => Place)
  @Transform(({ value }) => (typeof value === 'string' ? Object.assign(new Place(), { city: value }) : value))
  @rule('somewhere', (value) => !(value instanceof Place) || value.city !== undefined, 'must name a city')
  place!: Place;
  @EmailField({ optional: true }) email?: string;
  @UuidField({ optional: true }) basket?: string;
  @EnumField(['acme', 'globex']) provider!: string;
  @BooleanField({ optional: true }) gift?: boolean;
  @SecretField({ optional: true, min: 2, max: 8 }) note?: string;
}
class ListOrders extends PageQuery {
  @EnumField(['placed', 'shipped'], { optional: true }) status?: string;
}

/** What Nest's pipe does with an input: the instance, or undefined when a rule is broken. */
function slowly(type: ClassConstructor<object>, input: object): object | undefined {
  const instance = plainToInstance(type, input, { enableImplicitConversion: false });
  const rules = { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true };
  return validateSync(instance, rules).length === 0 ? instance : undefined;
}

const good = {
  lines: [
    { sku: 'TEA-001', quantity: 2 },
    { quantity: 1, sku: 'TEA-002' },
  ],
  place: { city: 'Wie\u0301n', zip: '1010' },
  email: 'Ada@Example.com',
  basket: '01890A5D-ac96-774b-bcce-b302099a8057',
  provider: 'acme',
  gift: true,
  note: 'hush',
};
const odd = [undefined, null, '', ' x', 'x'.repeat(11), 0, -0, 1.5, 10, 2 ** 53, true, [], [[]], {}, [null], 'TEA-001'];

/** mulberry32: the same inputs in every run. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A copy with some values replaced, left out or added, at any depth. */
function mutated(value: unknown, random: () => number): unknown {
  if (random() < 0.04) return odd[Math.floor(random() * odd.length)];
  if (Array.isArray(value)) {
    const items = value.map((item) => mutated(item, random));
    return random() < 0.05 ? [...items, ...items] : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(() => random() > 0.03);
  if (random() < 0.03) members.push(['extra', 1]);
  return Object.fromEntries(members.map(([name, member]) => [name, mutated(member, random)]));
}

describe('input read by the compiled rules', () => {
  const random = dice(20_261_121);
  const bodies = Array.from({ length: 1_500 }, () => mutated(good, random)).filter(
    (body): body is object => typeof body === 'object' && body !== null && !Array.isArray(body),
  );

  it('is what class-transformer and class-validator make of it, or left to them', () => {
    let accepted = 0;
    for (const body of bodies) {
      const fast = compiledInput(Order)!(body);
      if (fast === undefined) continue;
      accepted++;
      const slow = slowly(Order, body);
      expect(fast).toStrictEqual(slow);
      expect(JSON.stringify(fast)).toBe(JSON.stringify(slow));
    }
    expect(accepted).toBeGreaterThan(bodies.length / 10);
  });

  it('is accepted by them only where the compiled rules accept it too, but for an address in one line', () => {
    const left = bodies.filter((body) => slowly(Order, body) && !compiledInput(Order)!(body));
    expect(left.every((body) => typeof (body as { place: unknown }).place === 'string')).toBe(true);
    expect(bodies.some((body) => !slowly(Order, body))).toBe(true);
  });

  it.each([
    {},
    { limit: '5' },
    { limit: '0' },
    { limit: ['1', '2'] },
    { status: 'placed' },
    { cursor: '!' },
    { x: '1' },
  ])('keeps defaults and inherited rules: %j', (query) => {
    const input = Object.assign(Object.create(null) as object, query);
    expect(compiledInput(ListOrders)!(input)).toStrictEqual(slowly(ListOrders, input));
  });

  it('leaves classes with decorators it does not know to class-validator', () => {
    class Foreign {
      @IsString() name!: string;
    }
    class Sometimes {
      @IsOptional() @SkuField() sku?: string;
    }
    class Around {
      @NestedField(() => Foreign) inside!: Foreign;
    }
    class Bare {}
    for (const type of [Foreign, Sometimes, Around, Bare]) expect(compiledInput(type)).toBeUndefined();
  });
});
