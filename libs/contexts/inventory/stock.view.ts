import { ApiProperty } from '@nestjs/swagger';
import { available, type Stock } from './domain/stock.js';

export class StockView {
  @ApiProperty({ example: 'TEA-001' }) sku!: string;
  @ApiProperty({ example: 1_000 }) onHand!: number;
  @ApiProperty({ example: 2 }) reserved!: number;
  @ApiProperty({ example: 998 }) available!: number;
}

export const stockView = (stock: Stock): StockView => ({
  sku: stock.sku,
  onHand: stock.onHand,
  reserved: stock.reserved,
  available: available(stock),
});
