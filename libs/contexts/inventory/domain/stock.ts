export interface Stock {
  readonly sku: string;
  readonly onHand: number;
  readonly reserved: number;
  readonly shipped: number;
  /** Grows by one with every movement; 0: never seen. */
  readonly version: number;
}

export type StockBySku = ReadonlyMap<string, Stock>;

export interface Line {
  readonly sku: string;
  readonly quantity: number;
}

/** What is added to each count of one product. */
export interface Movement {
  readonly sku: string;
  readonly kind: 'adjust' | 'reserve' | 'release' | 'issue' | 'return';
  readonly onHand: number;
  readonly reserved: number;
  readonly shipped: number;
}

export interface Moved {
  readonly stock: Stock;
  readonly movement: Movement;
}

export const noStock = (sku: string): Stock => ({ sku, onHand: 0, reserved: 0, shipped: 0, version: 0 });

export const available = ({ onHand, reserved }: Stock): number => onHand - reserved;

export const coversReserved = ({ reserved }: Stock, onHand: number): boolean => onHand >= reserved;

export const adjusting = ({ sku, onHand }: Stock, to: number): Movement => {
  return { sku, kind: 'adjust', onHand: to - onHand, reserved: 0, shipped: 0 };
};

export const reserving = ({ sku, quantity }: Line): Movement => {
  return { sku, kind: 'reserve', onHand: 0, reserved: quantity, shipped: 0 };
};

export const releasing = ({ sku, quantity }: Line): Movement => {
  return { sku, kind: 'release', onHand: 0, reserved: -quantity, shipped: 0 };
};

export const issuing = ({ sku, quantity }: Line): Movement => {
  return { sku, kind: 'issue', onHand: -quantity, reserved: -quantity, shipped: quantity };
};

export const returning = ({ sku, quantity }: Line): Movement => {
  return { sku, kind: 'return', onHand: quantity, reserved: 0, shipped: -quantity };
};

/** Throws rather than let a count contradict another: whoever decided on the movements was wrong. */
export function move(stock: StockBySku, movements: readonly Movement[]): Moved[] {
  return movements.map((movement) => ({
    movement,
    stock: moveOne(stock.get(movement.sku) ?? noStock(movement.sku), movement),
  }));
}

function moveOne(before: Stock, { sku, kind, onHand, reserved, shipped }: Movement): Stock {
  const after = {
    sku,
    onHand: before.onHand + onHand,
    reserved: before.reserved + reserved,
    shipped: before.shipped + shipped,
    version: before.version + 1,
  };
  if (after.reserved < 0 || after.onHand < after.reserved) {
    throw new RangeError(`${kind} of ${sku} would leave ${after.onHand} on hand and ${after.reserved} reserved`);
  }
  if (after.shipped < 0) throw new RangeError(`${kind} of ${sku} would bring back more than was ever shipped`);
  return after;
}
