import { Idempotent, KeepRawBody, NotIdempotent, UuidParam } from '@holdfast/host';
import { Caller, Open, Roles, SignedIn, type Principal } from '@holdfast/security';
import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, RawBody } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { ListPayments, OfOrder } from './list-payments/list-payments.js';
import { PaymentsView, RefundView } from './payment.view.js';
import { ReceiveWebhook, WebhookReceipt } from './receive-webhook/receive-webhook.js';
import { RefundBody, RefundPayment } from './refund-payment/refund-payment.js';

type IncomingHeaders = Record<string, string | string[] | undefined>;

const NO_BODY = Buffer.alloc(0);

@ApiTags('payments')
@Controller({ path: 'payments', version: '1' })
export class PaymentsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @SignedIn()
  @ApiOkResponse({ type: PaymentsView })
  list(@Query() { orderId }: OfOrder, @Caller() caller: Principal): Promise<PaymentsView> {
    return this.queries.execute(new ListPayments(orderId, caller));
  }

  @Post(':paymentId/refunds')
  @Roles('admin', 'operator')
  @Idempotent({ required: true, keepForHours: 720 })
  @ApiCreatedResponse({ type: RefundView })
  refund(@Param('paymentId', UuidParam) paymentId: string, @Body() body: RefundBody): Promise<RefundView> {
    return this.commands.execute(new RefundPayment(paymentId, body));
  }

  @Post('webhooks/acme')
  @Open()
  @NotIdempotent('the provider numbers its events')
  @KeepRawBody()
  @HttpCode(200)
  @ApiOkResponse({ type: WebhookReceipt })
  acme(@Headers() headers: IncomingHeaders, @RawBody() body: Buffer | undefined): Promise<WebhookReceipt> {
    return this.commands.execute(new ReceiveWebhook('acme', { headers, body: body ?? NO_BODY }));
  }

  @Post('webhooks/globex')
  @Open()
  @NotIdempotent('the provider numbers its events')
  @KeepRawBody('application/x-www-form-urlencoded')
  @HttpCode(200)
  @ApiOkResponse({ type: WebhookReceipt })
  globex(@Headers() headers: IncomingHeaders, @RawBody() body: Buffer | undefined): Promise<WebhookReceipt> {
    return this.commands.execute(new ReceiveWebhook('globex', { headers, body: body ?? NO_BODY }));
  }
}
