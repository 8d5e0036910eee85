import { Caller, SignedIn, type Principal } from '@holdfast/security';
import { Controller, Get, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { ListShipments, ShipmentsQuery, ShipmentsView } from './list-shipments/list-shipments.js';

@ApiTags('shipments')
@SignedIn()
@Controller({ path: 'shipments', version: '1' })
export class ShippingController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ApiOkResponse({ type: ShipmentsView })
  list(@Query() { orderId }: ShipmentsQuery, @Caller() by: Principal): Promise<ShipmentsView> {
    return this.queries.execute(new ListShipments(orderId, by));
  }
}
