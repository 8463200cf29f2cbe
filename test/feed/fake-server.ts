import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

interface Subscribe {
  readonly id: string;
  readonly topics: readonly string[];
}

/** One client's connection as the fake venue sees it. */
export interface FakePeer {
  readonly ws: WebSocket;
  readonly socket: Socket;
  readonly url: string;
  readonly topics: Set<string>;
  readonly texts: string[];
  pings: number;
}

/** The fake venue's server. What it does on its own can be changed at any time. */
export class FakeServer {
  readonly peers: FakePeer[] = [];
  /** Times of dials, performance.now(). */
  readonly dials: number[] = [];
  onSubscribe: (peer: FakePeer, message: Subscribe) => void = (peer, message) => {
    for (const topic of message.topics) peer.topics.add(topic);
    send(peer, ['ack', message.id]);
  };
  onPeer: (peer: FakePeer) => void = () => undefined;
  onText: (peer: FakePeer, text: string) => void = () => undefined;
  /** Answers a dial with this HTTP status instead. */
  refuseWith: number | undefined;
  readonly #http: Server = createServer((_request, response) => response.writeHead(404).end());
  readonly #wss = new WebSocketServer({ noServer: true });

  static async start(): Promise<FakeServer> {
    const server = new FakeServer();
    server.#http.on('upgrade', (request, socket, head) => server.#upgrade(request, socket as Socket, head));
    await new Promise<void>((resolve) => {
      server.#http.listen(0, '127.0.0.1', resolve);
    });
    return server;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  get open(): FakePeer[] {
    return this.peers.filter((peer) => peer.ws.readyState === peer.ws.OPEN);
  }

  /** Sends a frame to every connection that subscribed to the topic. */
  publish(topic: string, frame: readonly unknown[]): void {
    for (const peer of this.open) if (peer.topics.has(topic)) send(peer, frame);
  }

  async stop(): Promise<void> {
    for (const client of this.#wss.clients) client.terminate();
    await new Promise<void>((resolve) => {
      this.#http.close(() => resolve());
      this.#http.closeAllConnections();
    });
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    this.dials.push(performance.now());
    if (this.refuseWith !== undefined) {
      socket.end(`HTTP/1.1 ${this.refuseWith} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      return;
    }
    this.#wss.handleUpgrade(request, socket, head, (ws) => {
      const peer: FakePeer = { ws, socket, url: request.url ?? '', topics: new Set(), texts: [], pings: 0 };
      this.peers.push(peer);
      ws.on('error', () => undefined);
      ws.on('ping', () => {
        peer.pings += 1;
      });
      ws.on('message', (data) => {
        const text = String(data);
        peer.texts.push(text);
        if (text.startsWith('{"id"')) this.onSubscribe(peer, JSON.parse(text) as Subscribe);
        else this.onText(peer, text);
      });
      this.onPeer(peer);
    });
  }
}

export function send(peer: FakePeer, frame: readonly unknown[]): void {
  peer.ws.send(JSON.stringify(frame));
}
