import { Database, Idempotency, UnitOfWork } from '@holdfast/data-consistency';
import { Catalog1795132800001 } from '../../../migrations/catalog/0001-catalog.js';
import { ownDatabase } from '../../../test/support/own-database.js';
import { AddProduct, AddProductHandler } from './add-product/add-product.js';
import { CatalogSeed } from './catalog.seed.js';
import { ChangePrice, ChangePriceHandler } from './change-price/change-price.js';
import { GetProduct, GetProductHandler } from './get-product/get-product.js';
import { ListProducts, ListProductsHandler } from './list-products/list-products.js';
import { OnStockChanged } from './on-stock-changed/on-stock-changed.js';
import { ProductStore } from './product.store.js';

const own = ownDatabase('catalog', [Catalog1795132800001]);
let shop: ReturnType<typeof openShop>;

beforeAll(() => {
  shop = openShop(new Database(own.pool));
});

function openShop(database: Database) {
  const work = new UnitOfWork({
    context: 'catalog',
    database,
    idempotency: new Idempotency(database, 'catalog'),
    committed: () => {},
  });
  const products = new ProductStore(database);
  const add = new AddProductHandler(work, products);
  const change = new ChangePriceHandler(work, products);
  const get = new GetProductHandler(products);
  const list = new ListProductsHandler(products);
  const stock = new OnStockChanged(products);
  return {
    add: (sku: string) => add.execute(new AddProduct({ sku, name: 'Assam', price: eur(450) })),
    price: (sku: string, amount: number) => change.execute(new ChangePrice(sku, eur(amount))),
    get: (sku: string) => get.execute(new GetProduct(sku)),
    list: (limit: number, cursor?: string) =>
      list.execute(new ListProducts(cursor === undefined ? { limit } : { limit, cursor })),
    stock: (sku: string, available: number, version: number) =>
      work.run((tx) => stock.copy({ sku, available, version }, tx)),
    seed: () => new CatalogSeed(work, products).seed(),
    said: async (sku: string) => {
      const rows = await database.read<{ type: string; version: number }>(
        `select type, (envelope->'data'->>'version')::int as version from outbox where key = $1 order by xid, position`,
        [sku],
      );
      return rows.map(({ type, version }) => `${type} ${version}`);
    },
  };
}

const eur = (amount: number) => ({ amount, currency: 'EUR' });

it('adds a product once, however many add it at the same time', async () => {
  const tries = await Promise.allSettled([1, 2, 3].map(() => shop.add('ADD-1')));
  expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const failed of tries.filter((one) => one.status === 'rejected'))
    expect(failed.reason).toMatchObject({ status: 409 });
  expect(await shop.get('ADD-1')).toEqual({ sku: 'ADD-1', name: 'Assam', price: eur(450), available: 0 });
  expect(await shop.said('ADD-1')).toEqual(['catalog.product-added.v1 1']);
});

it('gives every change of a price the next version, and none to what changes nothing', async () => {
  await shop.add('PRICE-1');
  await Promise.all([shop.price('PRICE-1', 500), shop.price('PRICE-1', 600)]);
  const { price } = await shop.get('PRICE-1');
  await shop.price('PRICE-1', price.amount);
  expect(await shop.said('PRICE-1')).toEqual([
    'catalog.product-added.v1 1',
    'catalog.price-changed.v1 2',
    'catalog.price-changed.v1 3',
  ]);
});

it('has no price for what it does not know', async () => {
  await expect(shop.price('NEVER-1', 500)).rejects.toMatchObject({ status: 404 });
  await expect(shop.get('NEVER-1')).rejects.toMatchObject({ status: 404 });
});

it('shows the newest availability, also when it was told before the product was added', async () => {
  await shop.stock('STOCK-1', 7, 4);
  expect(await shop.add('STOCK-1')).toMatchObject({ available: 7 });
  await shop.stock('STOCK-1', 99, 3);
  expect(await shop.get('STOCK-1')).toMatchObject({ available: 7 });
  await shop.stock('STOCK-1', 0, 5);
  expect(await shop.get('STOCK-1')).toMatchObject({ available: 0 });
});

it('lists every product once, by SKU, page by page', async () => {
  await shop.seed();
  await shop.seed();
  const all = (await shop.list(100)).items.map(({ sku }) => sku);
  expect(all).toEqual(all.toSorted());
  expect(all.filter((sku) => sku.startsWith('TEA-'))).toHaveLength(20);

  const paged: string[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await shop.list(7, cursor ?? undefined);
    paged.push(...page.items.map(({ sku }) => sku));
    cursor = page.nextCursor;
  } while (cursor !== null);
  expect(paged).toEqual(all);
  await expect(shop.list(7, 'bm9uc2Vuc2U')).rejects.toMatchObject({ status: 400 });
});
