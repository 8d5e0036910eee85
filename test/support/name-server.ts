import { createSocket, type Socket } from 'node:dgram';
import type { AddressInfo } from 'node:net';

const TYPES = { 1: 'A', 28: 'AAAA', 33: 'SRV' } as const;
type RecordType = (typeof TYPES)[keyof typeof TYPES];

/** A record as it is sent: its data in the wire's own form. */
interface NameRecord {
  name: string;
  type: RecordType;
  data: Buffer;
}

/** A small real DNS server on UDP (RFC 1035), for tests. */
export class NameServer {
  private socket: Socket | undefined;
  private port = 0;
  private records: NameRecord[] = [];
  /** Answers SERVFAIL to everything. */
  failing = false;

  static async start(): Promise<NameServer> {
    const server = new NameServer();
    await server.listen();
    return server;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  a(name: string, ...addresses: string[]): void {
    this.set(
      name,
      'A',
      addresses.map((address) => Buffer.from(address.split('.').map(Number))),
    );
  }

  aaaa(name: string, ...lastParts: number[]): void {
    this.set(
      name,
      'AAAA',
      lastParts.map((last) => Buffer.from([...Array<number>(14).fill(0), last >> 8, last & 255])),
    );
  }

  srv(name: string, ...places: { host: string; port: number; priority?: number }[]): void {
    const data = places.map(({ host, port, priority = 0 }) => {
      const head = Buffer.alloc(6);
      head.writeUInt16BE(priority, 0);
      head.writeUInt16BE(port, 4);
      return Buffer.concat([head, encoded(host)]);
    });
    this.set(name, 'SRV', data);
  }

  /** Listens again, at the port it had. */
  async listen(): Promise<void> {
    const socket = createSocket('udp4');
    socket.on('message', (question, { port, address }) => socket.send(this.answer(question), port, address));
    await new Promise<void>((resolve) => socket.bind(this.port, '127.0.0.1', resolve));
    this.port = (socket.address() as AddressInfo).port;
    this.socket = socket;
  }

  async stop(): Promise<void> {
    const { socket } = this;
    this.socket = undefined;
    if (socket) await new Promise<void>((resolve) => socket.close(resolve));
  }

  private set(name: string, type: RecordType, data: Buffer[]): void {
    const others = this.records.filter((record) => record.name !== name || record.type !== type);
    this.records = [...others, ...data.map((one) => ({ name, type, data: one }))];
  }

  private answer(question: Buffer): Buffer {
    const labels: string[] = [];
    let at = 12;
    for (let length = question[at]!; length > 0; length = question[at]!) {
      labels.push(question.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    const asked = question.subarray(12, at + 5);
    const type = TYPES[question.readUInt16BE(at + 1) as keyof typeof TYPES];
    const ofName = this.records.filter(({ name }) => name === labels.join('.').toLowerCase());
    const found = this.failing ? [] : ofName.filter((record) => record.type === type);
    const code = this.failing ? 2 : ofName.length === 0 ? 3 : 0; // SERVFAIL, NXDOMAIN, NOERROR
    const head = Buffer.alloc(12);
    question.copy(head, 0, 0, 2);
    head.writeUInt16BE(0x8580 | code, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(found.length, 6);
    return Buffer.concat([head, asked, ...found.map(({ data }) => answerOf(asked, data))]);
  }
}

function answerOf(asked: Buffer, data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0); // the name asked for
  asked.copy(head, 2, asked.length - 4); // its type and class
  head.writeUInt16BE(data.length, 10); // a time to live of 0 is before it
  return Buffer.concat([head, data]);
}

function encoded(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}
