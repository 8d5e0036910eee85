import { UnitOfWork } from '@holdfast/data-consistency';
import { Injectable } from '@nestjs/common';
import { ProductAdded } from './contracts/events.js';
import { newProduct } from './domain/product.js';
import { ProductStore } from './product.store.js';

const TEAS: readonly [name: string, cents: number][] = [
  ['Assam Second Flush', 650],
  ['Darjeeling First Flush', 1_490],
  ['Earl Grey with Bergamot', 590],
  ['Ceylon Orange Pekoe', 520],
  ['Keemun Black', 1_150],
  ['Lapsang Souchong', 890],
  ['English Breakfast', 480],
  ['East Frisian Blend', 560],
  ['Masala Chai', 620],
  ['Sencha', 990],
  ['Gyokuro', 2_400],
  ['Genmaicha', 740],
  ['Gunpowder Green', 450],
  ['Dragon Well Longjing', 1_890],
  ['Jasmine Pearls', 1_640],
  ['Silver Needle White', 2_250],
  ['Milk Oolong', 1_320],
  ['Aged Pu-erh', 1_780],
  ['Rooibos Vanilla', 420],
  ['Peppermint', 350],
];

const products = TEAS.map(([name, amount], index) =>
  newProduct({ sku: `TEA-${String(index + 1).padStart(3, '0')}`, name, price: { amount, currency: 'EUR' } }),
);

@Injectable()
export class CatalogSeed {
  constructor(
    private readonly work: UnitOfWork,
    private readonly store: ProductStore,
  ) {}

  async seed(): Promise<void> {
    await this.work.run(async (tx) => {
      const known = await this.store.known(
        tx,
        products.map(({ sku }) => sku),
      );
      for (const product of products.filter(({ sku }) => !known.has(sku))) {
        this.store.add(tx, product);
        tx.emit(ProductAdded, product);
      }
    });
  }
}
