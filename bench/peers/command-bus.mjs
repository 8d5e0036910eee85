import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CommandBus, CommandHandler, CqrsModule } from '@nestjs/cqrs';
import { callLoop, reply } from '../calls/call-loop.mjs';

class FindDestination {
  constructor(input) {
    this.input = input;
  }
}

class FindDestinationHandler {
  async execute({ input }) {
    return input.pieces > 0 ? reply : undefined;
  }
}
CommandHandler(FindDestination)(FindDestinationHandler);

class PeerModule {}
Module({ imports: [CqrsModule.forRoot()], providers: [FindDestinationHandler] })(PeerModule);

export async function start() {
  const app = await NestFactory.createApplicationContext(PeerModule, { logger: false });
  await app.init();
  const bus = app.get(CommandBus);
  return {
    window: ({ ms }) => callLoop({ ms, call: (input) => bus.execute(new FindDestination(input)) }),
    close: () => app.close(),
  };
}
