import { Answers, type InputOf, type OutputOf } from '@holdfast/messaging';
import { Injectable } from '@nestjs/common';
import { ShippingAddress } from '../contracts/queries.js';
import { OrderStore } from '../order.store.js';

@Injectable()
export class AnswerShippingAddress {
  constructor(private readonly orders: OrderStore) {}

  @Answers(ShippingAddress)
  async answer({ orderId }: InputOf<typeof ShippingAddress>): Promise<OutputOf<typeof ShippingAddress>> {
    const address = await this.orders.addressOf(orderId);
    if (!address) throw new Error(`There is no shipping address for order ${orderId}`);
    return address;
  }
}
