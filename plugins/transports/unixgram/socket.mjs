/**
 * Unix datagram sockets, which Node does not support: makes system calls through the package koffi. No call blocks.
 *
 * Constants and structure layouts are those of Linux.
 */
// @ts-expect-error: it is installed beside this file.
import koffi from 'koffi';

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
/** Bytes of a path in an address, with the zero at its end. */
const PATH_BYTES = 108;

const libc = koffi.load(null);
const openSocket = libc.func('int socket(int, int, int)');
const bindSocket = libc.func('int bind(int, _In_ uint8_t *, uint32_t)');
const connectSocket = libc.func('int connect(int, _In_ uint8_t *, uint32_t)');
const sendBytes = libc.func('intptr_t send(int, _In_ uint8_t *, size_t, int)');
const receiveBytes = libc.func('intptr_t recv(int, _Out_ uint8_t *, size_t, int)');
const closeSocket = libc.func('int close(int)');

/** The name of the last call's error, such as `ENOENT`. */
function lastError() {
  const number = koffi.errno();
  return Object.entries(koffi.os.errno).find(([, value]) => value === number)?.[0] ?? `error ${number}`;
}

/**
 * @param {string} path
 * @returns {Buffer}
 */
function addressOf(path) {
  const address = Buffer.alloc(2 + PATH_BYTES);
  address.writeUInt16LE(AF_UNIX);
  address.write(path, 2);
  return address;
}

/** Whether an address has room for a path. @param {string} path */
export function fits(path) {
  return Buffer.byteLength(path) < PATH_BYTES;
}

export class DatagramSocket {
  #descriptor = openSocket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  /** Sends what follows to a path. @param {string} path @returns {string | null} what failed */
  connect(path) {
    const address = addressOf(path);
    return connectSocket(this.#descriptor, address, address.length) === 0 ? null : lastError();
  }

  /** Receives what is sent to a path. @param {string} path @returns {string | null} what failed */
  bind(path) {
    const address = addressOf(path);
    return bindSocket(this.#descriptor, address, address.length) === 0 ? null : lastError();
  }

  /** @param {Uint8Array} datagram @returns {string | null} what failed: `EAGAIN` where the other end has no room */
  send(datagram) {
    return sendBytes(this.#descriptor, datagram, datagram.length, MSG_DONTWAIT) >= 0 ? null : lastError();
  }

  /** @param {Uint8Array} into @returns {number} the bytes of a datagram, or -1 where there is none */
  receive(into) {
    return Number(receiveBytes(this.#descriptor, into, into.length, MSG_DONTWAIT));
  }

  close() {
    closeSocket(this.#descriptor);
    this.#descriptor = -1;
  }
}
