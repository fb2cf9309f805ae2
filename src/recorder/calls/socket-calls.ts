import { OpFlag } from '../../sysflow/op-flags.js';
import { type CallContext, resourceOf } from '../call-context.js';
import type { Resource } from '../descriptors.js';
import { BEYOND_IPV4, type Endpoint, parseSockaddr } from '../sockets.js';
import { flagsOf, member, numberOf } from '../strace/arguments.js';
import type { StraceValue } from '../strace/values.js';
import { installAll } from './descriptor-calls.js';
import type { CallHandler } from './handler.js';

/** Calls on sockets: network flows, and file flows for unix sockets. */
export const SOCKET_CALLS: Readonly<Record<string, CallHandler>> = {
  socket: (context) => install(context, context.args[1]),
  socketpair: (context) => installAll(context, context.args[3], flagsOf(context.args[1]).has('SOCK_CLOEXEC')),
  bind,
  connect,
  accept: (context) => accept(context, undefined),
  accept4: (context) => accept(context, context.args[3]),
  send: (context) => transmit(context, OpFlag.writeSend, undefined),
  sendto: (context) => transmit(context, OpFlag.writeSend, context.args[4]),
  sendmsg: (context) => transmit(context, OpFlag.writeSend, member(context.args[1], 'msg_name')),
  sendmmsg: (context) => transmitMany(context, OpFlag.writeSend),
  recv: (context) => transmit(context, OpFlag.readRecv, undefined),
  recvfrom: (context) => transmit(context, OpFlag.readRecv, context.args[4]),
  recvmsg: (context) => {
    transmit(context, OpFlag.readRecv, member(context.args[1], 'msg_name'));
    receiveDescriptors(context);
  },
  recvmmsg: (context) => transmitMany(context, OpFlag.readRecv),
  shutdown: (context) => {
    const used = context.resource(context.args[0]);
    if (used !== null) {
      context.recorder.flows.add(context.task, used.fd, used.resource, { op: OpFlag.shutdown, ts: context.ts });
    }
  },
  // Needed only because strace shows addresses with their descriptors (CallContext.refreshSockets).
  getsockname: () => {},
  getpeername: () => {},
  getsockopt: () => {},
  epoll_ctl: () => {},
};

function install(context: CallContext, type: StraceValue | undefined): void {
  const { value, descriptor } = context.call;
  if (!context.succeeded || value === null) return;
  const resource: Resource =
    descriptor === null ? { type: 'o', path: `socket:[${value}]`, socket: null } : resourceOf(descriptor);
  context.descriptors.set(value, resource, flagsOf(type).has('SOCK_CLOEXEC'));
}

function bind(context: CallContext): void {
  const bound = context.resource(context.args[0]);
  const address = parseSockaddr(context.args[1]);
  if (!context.succeeded || bound === null || address === null || address === BEYOND_IPV4) return;
  if ('path' in address) bound.resource.path = unixPath(context, address.path, bound.resource.path, false);
  else if (bound.resource.socket !== null && address.port !== 0) bound.resource.socket.local = address;
}

/** A failed connection is recorded too, since it shows the address that was tried. */
function connect(context: CallContext): void {
  const used = context.resource(context.args[0]);
  const address = parseSockaddr(context.args[1]);
  if (used === null || address === null) return;
  const { socket } = used.resource;
  if (socket === null) {
    if (address === BEYOND_IPV4 || !('path' in address)) return;
    used.resource.path = unixPath(context, address.path, used.resource.path, true);
  } else if (address === BEYOND_IPV4) {
    socket.beyondIpv4 = true;
  } else if (!('path' in address)) {
    socket.remote = address;
    socket.server = false;
    socket.beyondIpv4 = false;
  }
  context.recorder.flows.add(context.task, used.fd, used.resource, { op: OpFlag.connect, ts: context.ts });
}

function accept(context: CallContext, flags: StraceValue | undefined): void {
  const { value, descriptor } = context.call;
  const listener = context.resource(context.args[0]);
  if (!context.succeeded || value === null) return;
  const address = parseSockaddr(context.args[1]);
  const resource = accepted(context, listener?.resource ?? null, address);
  context.descriptors.set(value, resource, flagsOf(flags).has('SOCK_CLOEXEC'));
  if (descriptor === null && resource.socket === null && resource.type !== 'u') return;
  context.recorder.flows.add(context.task, value, resource, { op: OpFlag.accept, ts: context.ts });
}

function accepted(
  context: CallContext,
  listener: Resource | null,
  address: ReturnType<typeof parseSockaddr>,
): Resource {
  const { descriptor } = context.call;
  const shown = descriptor === null ? null : resourceOf(descriptor);
  if (shown?.type === 'u' || listener?.type === 'u') {
    return { type: 'u', path: listener?.path ?? shown!.path, socket: null };
  }
  if (shown?.socket == null) return { type: 'o', path: '', socket: null };
  const { socket } = shown;
  socket.server = true;
  socket.local ??= listener?.socket?.local ?? null;
  if (address === BEYOND_IPV4) socket.beyondIpv4 = true;
  else if (address !== null && !('path' in address)) socket.remote ??= address;
  return shown;
}

function transmit(context: CallContext, op: number, address: StraceValue | undefined): void {
  const used = context.resource(context.args[0]);
  if (used === null) return;
  const bytes = context.succeeded ? (context.call.value ?? 0) : 0;
  transmitTo(context, used.fd, used.resource, op, bytes, address);
}

/** `sendmmsg` and `recvmmsg`: a list of messages with their lengths; the returned number of them was transmitted. */
function transmitMany(context: CallContext, op: number): void {
  const used = context.resource(context.args[0]);
  const list = context.args[1]?.kind === 'change' ? context.args[1].after : context.args[1];
  if (used === null || list?.kind !== 'list' || !context.succeeded) return;
  for (const message of list.items.slice(0, context.call.value ?? 0)) {
    const bytes = numberOf(member(message, 'msg_len')) ?? 0;
    transmitTo(context, used.fd, used.resource, op, bytes, member(member(message, 'msg_hdr'), 'msg_name'));
  }
}

function transmitTo(
  context: CallContext,
  fd: number,
  resource: Resource,
  op: number,
  bytes: number,
  address: StraceValue | undefined,
): void {
  const peer = parseSockaddr(address);
  const { socket } = resource;
  if (socket === null) {
    if (peer !== null && peer !== BEYOND_IPV4 && 'path' in peer) {
      resource.path = unixPath(context, peer.path, resource.path, op === OpFlag.writeSend);
    }
  } else {
    socket.server ??= op === OpFlag.readRecv;
    if (peer === BEYOND_IPV4) socket.beyondIpv4 = true;
  }
  const named: { peer?: Endpoint } =
    socket === null || peer === null || peer === BEYOND_IPV4 || 'path' in peer ? {} : { peer };
  context.recorder.flows.add(context.task, fd, resource, { op, ts: context.ts, bytes, ...named });
}

/** Adds descriptors received with a message (`SCM_RIGHTS`). */
function receiveDescriptors(context: CallContext): void {
  const control = member(context.args[1], 'msg_control');
  if (!context.succeeded || control?.kind !== 'list') return;
  const closeOnExec = flagsOf(context.args[2]).has('MSG_CMSG_CLOEXEC');
  for (const message of control.items) {
    const type = member(message, 'cmsg_type');
    if (type?.kind === 'word' && type.text === 'SCM_RIGHTS') {
      installAll(context, member(message, 'cmsg_data'), closeOnExec);
    }
  }
}

/** Resolves the address of a unix socket; returns the previous path if there is no address. */
function unixPath(context: CallContext, path: string, before: string, followLast: boolean): string {
  if (path === '' || path === '@') return before;
  return path.startsWith('@') ? path : context.realPath(path, undefined, followLast);
}
