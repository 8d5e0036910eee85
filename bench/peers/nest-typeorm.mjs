// Nest + Fastify + TypeORM with nothing else: no validation, no login, no idempotency, no tracing, no logging.
import 'reflect-metadata';
import { Body, Controller, Inject, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { priced } from './body.mjs';
import { openSource, saveOrder } from './order-entities.mjs';

class OrdersController {
  constructor(source) {
    this.source = source;
  }

  place(body) {
    return saveOrder(this.source, priced(body));
  }
}
Inject(DataSource)(OrdersController, undefined, 0);
Body()(OrdersController.prototype, 'place', 0);
Post()(OrdersController.prototype, 'place', Object.getOwnPropertyDescriptor(OrdersController.prototype, 'place'));
Controller('api/v1/orders')(OrdersController);

export async function start(settings) {
  const source = await openSource(settings);
  class PeerModule {}
  Module({ controllers: [OrdersController], providers: [{ provide: DataSource, useValue: source }] })(PeerModule);
  const app = await NestFactory.create(PeerModule, new FastifyAdapter(), { logger: false });
  await app.listen(0, '127.0.0.1');
  return {
    port: () => app.getHttpServer().address().port,
    async counts() {
      const count = async (table) => Number((await source.query(`select count(*) from ${table}`))[0].count);
      return {
        orders: await count('purchase_order'),
        lines: await count('order_line'),
        messages: await count('outbox'),
      };
    },
    async close() {
      app.getHttpServer().closeAllConnections();
      await app.close();
      await source.destroy();
    },
  };
}
