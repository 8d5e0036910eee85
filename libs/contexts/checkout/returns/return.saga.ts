import { defineSaga, on } from '@holdfast/data-consistency';
import type { DataOf } from '@holdfast/messaging';
import { RestockReturn, StockRestocked } from '@holdfast/contracts/inventory';
import {
  CompleteReturn,
  MarkReturnReceived,
  RejectReturn,
  ReturnCompleted,
  ReturnRequested,
} from '@holdfast/contracts/orders';
import { PaymentRefunded, RefundPayment, RefundRefused } from '@holdfast/contracts/payments';
import { ReceiveReturn, ReturnReceived, ReturnSentBack, SendReturnBack } from '@holdfast/contracts/shipping';

/** What the return must remember to ask the next context for its part. */
export type Return = DataOf<typeof ReturnRequested>;

const same = (_event: unknown, back: Return): Return => back;

const FORTNIGHT_MS = 14 * 86_400_000;

/**
 * Get the goods back, give the money back, put the goods on the shelf. The refund is the point of no return: a provider may
 * refuse it, and then the goods go home again. They reach the shelf only afterwards, because from there they may be sold
 * the next moment, and that nobody can undo.
 */
export const returns = defineSaga<Return>({
  name: 'return',
  version: 1,
  starts: on(ReturnRequested, (wish) => wish),
  steps: [
    {
      name: 'receive goods',
      do: ({ returnId, orderId, lines }) => ReceiveReturn.of({ returnId, orderId, lines }),
      done: on(ReturnReceived, same),
      tell: ({ orderId, returnId }) => [MarkReturnReceived.of({ orderId, returnId })],
      undo: ({ returnId, orderId }) => SendReturnBack.of({ returnId, orderId }),
      undone: on(ReturnSentBack, same),
      patienceMs: FORTNIGHT_MS,
      undoPatienceMs: 120_000,
    },
    {
      name: 'refund payment',
      pivot: true,
      do: ({ returnId, orderId, amount }) => RefundPayment.of({ refundId: returnId, orderId, amount }),
      done: on(PaymentRefunded, same),
      failed: on(RefundRefused, ({ reason }) => `refund refused: ${reason}`),
    },
    {
      name: 'restock goods',
      do: ({ returnId, orderId, lines }) => RestockReturn.of({ returnId, orderId, lines }),
      done: on(StockRestocked, same),
    },
    {
      name: 'complete return',
      do: ({ returnId, orderId }) => CompleteReturn.of({ returnId, orderId }),
      done: on(ReturnCompleted, same),
    },
  ],
  interrupts: [],
  turned: ({ returnId, orderId }, reason) => [RejectReturn.of({ returnId, orderId, reason })],
});
