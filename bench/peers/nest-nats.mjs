import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientNats, MessagePattern, Transport } from '@nestjs/microservices';
import { firstValueFrom } from 'rxjs';
import { reply } from '../calls/call-loop.mjs';
import { askLoop } from '../remote-calls/ask-loop.mjs';

class DestinationController {
  destination({ pieces }) {
    return pieces > 0 ? reply : undefined;
  }
}
Controller()(DestinationController);
MessagePattern('nest.destination')(
  DestinationController.prototype,
  'destination',
  Object.getOwnPropertyDescriptor(DestinationController.prototype, 'destination'),
);

class PeerModule {}
Module({ controllers: [DestinationController] })(PeerModule);

export async function start({ url, role }) {
  const options = { servers: [url], queue: 'answerers', noAsyncTraces: true };
  if (role === 'ask') {
    const client = new ClientNats(options);
    await client.connect();
    return {
      ...askLoop((input) => firstValueFrom(client.send('nest.destination', input))),
      close: () => client.close(),
    };
  }
  const app = await NestFactory.createMicroservice(PeerModule, { transport: Transport.NATS, options, logger: false });
  await app.listen();
  return { close: () => app.close() };
}
