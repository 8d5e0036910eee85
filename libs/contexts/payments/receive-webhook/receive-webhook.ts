import { UnitOfWork } from '@holdfast/data-consistency';
import { unauthorized } from '@holdfast/host';
import { Logger } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ApiProperty } from '@nestjs/swagger';
import { RecordProviderNews } from '../contracts/commands.js';
import { operationOf } from '../domain/provider-key.js';
import { PaymentProviders, type SignedWebhook } from '../provider.js';

export class WebhookReceipt {
  @ApiProperty({ example: true })
  received!: true;
}

export class ReceiveWebhook extends Command<WebhookReceipt> {
  constructor(
    readonly provider: 'acme' | 'globex',
    readonly webhook: Omit<SignedWebhook, 'now'>,
  ) {
    super();
  }
}

/** Believes, translates and keeps; what it means is decided in line with the order's other messages. */
@CommandHandler(ReceiveWebhook)
export class ReceiveWebhookHandler implements ICommandHandler<ReceiveWebhook> {
  private readonly log = new Logger(ReceiveWebhookHandler.name);

  constructor(
    private readonly work: UnitOfWork,
    private readonly providers: PaymentProviders,
  ) {}

  execute({ provider, webhook }: ReceiveWebhook): Promise<WebhookReceipt> {
    return this.work.run((tx) => {
      const news = this.providers.of(provider).readWebhook({ ...webhook, now: tx.now });
      if (news === 'forged') throw unauthorized({ detail: 'The webhook is not signed by the provider, or too old.' });
      if (news !== 'irrelevant' && operationOf(news.key)) tx.send(RecordProviderNews, { ...news, provider });
      else this.log.warn(`${provider} sent a webhook that is about nothing of ours`);
      return { received: true } as const;
    });
  }
}
