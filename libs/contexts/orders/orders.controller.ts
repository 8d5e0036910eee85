import { Created, Idempotent, UuidParam } from '@holdfast/host';
import { Caller, SignedIn, type Principal } from '@holdfast/security';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CancelOrder } from './cancel-order/cancel-order.js';
import { GetHistory, OrderHistory } from './get-history/get-history.js';
import { GetOrder, Moment } from './get-order/get-order.js';
import { ListOrders, OrderPage, OrdersQuery } from './list-orders/list-orders.js';
import { ListReturns } from './list-returns/list-returns.js';
import { OrderView } from './order.view.js';
import { PlaceOrderBody } from './place-order/place-order.body.js';
import { PlaceOrder } from './place-order/place-order.js';
import { RequestReturn, RequestReturnBody } from './request-return/request-return.js';
import { ReturnView, ReturnsView } from './return.view.js';

@ApiTags('orders')
@SignedIn()
@Controller({ path: 'orders', version: '1' })
export class OrdersController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post()
  @Idempotent({ required: true, keepForHours: 720 })
  @Created(({ id }: OrderView) => `/api/v1/orders/${id}`)
  @ApiCreatedResponse({ type: OrderView })
  place(@Body() input: PlaceOrderBody, @Caller() by: Principal) {
    return this.commands.execute(new PlaceOrder(input, by));
  }

  @Get()
  @ApiOkResponse({ type: OrderPage })
  list(@Query() page: OrdersQuery, @Caller() by: Principal) {
    return this.queries.execute(new ListOrders(page, by));
  }

  @Get(':id')
  @ApiOkResponse({ type: OrderView })
  get(@Param('id', UuidParam) id: string, @Query() { asOf }: Moment, @Caller() by: Principal) {
    return this.queries.execute(new GetOrder(id, by, asOf));
  }

  @Get(':id/history')
  @ApiOkResponse({ type: OrderHistory })
  history(@Param('id', UuidParam) id: string, @Caller() by: Principal) {
    return this.queries.execute(new GetHistory(id, by));
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Idempotent()
  @ApiOkResponse({ type: OrderView })
  cancel(@Param('id', UuidParam) id: string, @Caller() by: Principal) {
    return this.commands.execute(new CancelOrder(id, by));
  }

  @Post(':id/returns')
  @Idempotent({ required: true, keepForHours: 720 })
  @Created(({ orderId }: ReturnView) => `/api/v1/orders/${orderId}/returns`)
  @ApiCreatedResponse({ type: ReturnView })
  requestReturn(@Param('id', UuidParam) id: string, @Body() input: RequestReturnBody, @Caller() by: Principal) {
    return this.commands.execute(new RequestReturn(id, input, by));
  }

  @Get(':id/returns')
  @ApiOkResponse({ type: ReturnsView })
  returns(@Param('id', UuidParam) id: string, @Caller() by: Principal) {
    return this.queries.execute(new ListReturns(id, by));
  }
}
