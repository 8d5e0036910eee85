import { Idempotent, SkuParam } from '@holdfast/host';
import { Open, Roles } from '@holdfast/security';
import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { GetStock } from './get-stock/get-stock.js';
import { OnHandInput, SetOnHand } from './set-on-hand/set-on-hand.js';
import { StockView } from './stock.view.js';

@ApiTags('inventory')
@Controller({ path: 'inventory', version: '1' })
export class InventoryController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get(':sku')
  @Open()
  @ApiOkResponse({ type: StockView })
  get(@Param('sku', SkuParam) sku: string): Promise<StockView> {
    return this.queries.execute(new GetStock(sku));
  }

  @Put(':sku')
  @Roles('admin')
  @Idempotent()
  @ApiOkResponse({ type: StockView })
  set(@Param('sku', SkuParam) sku: string, @Body() { onHand }: OnHandInput): Promise<StockView> {
    return this.commands.execute(new SetOnHand(sku, onHand));
  }
}
