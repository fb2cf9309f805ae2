import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAddress, parseInternetTarget, parseUnixTarget } from '../../src/recorder/sockets.js';
import { formatIpv4 } from '../../src/sysflow/ipv4.js';
import { showOnly, track } from './support/track.js';

const EXEC = '100 10.0 execve("/usr/bin/sh", ["sh"], 0x7ffe /* 3 vars */) = 0';

function run(calls: string) {
  let time = 11;
  const lines = calls
    .trim()
    .split('\n')
    .map((line) => `100 ${time++}.0 ${line.trim()}`);
  return track([EXEC, ...lines].join('\n'));
}

const network = (calls: string): string[] => showOnly(run(calls).records, 'networkFlow');

test('a client: the local port is learned after the connection', () => {
  assert.deepEqual(
    network(`socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 5<TCP:[14961]>
      connect(5<TCP:[14961]>, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("10.1.2.3")}, 16) = -1 EINPROGRESS (Operation now in progress)
      write(0x5, 0x7f, 0x10) = 0x10
      recvfrom(5<TCP:[10.0.0.9:55642->10.1.2.3:80]>, "hello", 100, 0, NULL, NULL) = 5
      shutdown(5<TCP:[10.0.0.9:55642->10.1.2.3:80]>, SHUT_RDWR) = 0
      close(5<TCP:[14961]>) = 0`),
    ['NF 100/100 5 10.0.0.9:55642 -> 10.1.2.3:80 6 CONNECT,CLOSE,SEND,RECV,SHUTDOWN r5/1 w16/1'],
  );
});

test('a connection that is refused is recorded with where it was to go', () => {
  assert.deepEqual(
    network(`socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 5<TCP:[1]>
      connect(5<TCP:[1]>, {sa_family=AF_INET, sin_port=htons(4444), sin_addr=inet_addr("127.0.0.1")}, 16) = -1 ECONNREFUSED (Connection refused)
      close(5<TCP:[1]>) = 0`),
    ['NF 100/100 5 0.0.0.0:0 -> 127.0.0.1:4444 6 CONNECT,CLOSE r0/0 w0/0'],
  );
});

test('a server: the client is the source', () => {
  assert.deepEqual(
    network(`socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3<TCP:[1]>
      bind(3<TCP:[1]>, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("0.0.0.0")}, 16) = 0
      accept4(3<TCP:[0.0.0.0:80]>, {sa_family=AF_INET, sin_port=htons(60934), sin_addr=inet_addr("10.0.0.7")}, [16], SOCK_CLOEXEC) = 4<TCP:[10.0.0.1:80->10.0.0.7:60934]>
      read(0x4, 0x7f, 0x100) = 0x20
      sendto(4<TCP:[10.0.0.1:80->10.0.0.7:60934]>, "x"..., 1000, 0, NULL, 0) = 1000
      close(4<TCP:[10.0.0.1:80->10.0.0.7:60934]>) = 0
      close(3<TCP:[0.0.0.0:80]>) = 0`),
    ['NF 100/100 4 10.0.0.7:60934 -> 10.0.0.1:80 6 ACCEPT,CLOSE,SEND,RECV r32/1 w1000/1'],
  );
});

test('datagrams: one flow for each peer, and who speaks first is the client', () => {
  assert.deepEqual(
    network(`socket(AF_INET, SOCK_DGRAM, IPPROTO_IP) = 5<UDP:[1]>
      sendto(5<UDP:[1]>, "q", 1, 0, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("10.0.0.2")}, 16) = 1
      recvfrom(5<UDP:[0.0.0.0:4000]>, "abc", 512, 0, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("10.0.0.2")}, [28 => 16]) = 3
      sendmsg(5<UDP:[0.0.0.0:4000]>, {msg_name={sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("10.0.0.3")}, msg_namelen=16, msg_iov=[{iov_base="ab", iov_len=2}], msg_iovlen=1, msg_controllen=0, msg_flags=0}, 0) = 2
      close(5<UDP:[0.0.0.0:4000]>) = 0
      socket(AF_INET, SOCK_DGRAM, IPPROTO_IP) = 6<UDP:[2]>
      bind(6<UDP:[2]>, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("10.0.0.2")}, 16) = 0
      recvmsg(6<UDP:[10.0.0.2:53]>, {msg_name={sa_family=AF_INET, sin_port=htons(4000), sin_addr=inet_addr("10.0.0.9")}, msg_namelen=16, msg_iov=[{iov_base="q", iov_len=100}], msg_iovlen=1, msg_controllen=0, msg_flags=0}, 0) = 1`),
    [
      'NF 100/100 5 0.0.0.0:4000 -> 10.0.0.2:53 17 CLOSE,SEND,RECV r3/1 w1/1',
      'NF 100/100 5 0.0.0.0:4000 -> 10.0.0.3:53 17 CLOSE,SEND r0/0 w2/1',
      'NF 100/100 6 10.0.0.9:4000 -> 10.0.0.2:53 17 RECV,TRUNCATE r1/1 w0/0',
    ],
  );
});

test('many datagrams at once', () => {
  const name = (port: number) => `{sa_family=AF_INET, sin_port=htons(${port}), sin_addr=inet_addr("10.0.0.2")}`;
  const message = (port: number, length: number) =>
    `{msg_hdr={msg_name=${name(port)}, msg_namelen=16, msg_iov=[{iov_base="x", iov_len=1}], msg_iovlen=1, msg_controllen=0, msg_flags=0}, msg_len=${length}}`;
  assert.deepEqual(
    network(`socket(AF_INET, SOCK_DGRAM, IPPROTO_IP) = 5<UDP:[1]>
      sendmmsg(5<UDP:[1]>, [${message(53, 20)}, ${message(53, 30)}, ${message(54, 99)}], 3, 0) = 2`),
    ['NF 100/100 5 0.0.0.0:0 -> 10.0.0.2:53 17 SEND,TRUNCATE r0/0 w50/2'],
  );
});

test('IPv4 inside IPv6 is IPv4; other IPv6 is counted once a socket', () => {
  const { records, tracker } = run(`socket(AF_INET6, SOCK_STREAM, IPPROTO_IP) = 5<TCPv6:[1]>
    connect(5<TCPv6:[1]>, {sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "::ffff:10.1.2.3", &sin6_addr), sin6_scope_id=0}, 28) = 0
    close(5<TCPv6:[[::ffff:10.0.0.9]:5->[::ffff:10.1.2.3]:80]>) = 0
    socket(AF_INET6, SOCK_STREAM, IPPROTO_IP) = 5<TCPv6:[2]>
    connect(5<TCPv6:[2]>, {sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "2001:db8::1", &sin6_addr), sin6_scope_id=0}, 28) = 0
    write(0x5, 0x7f, 0x10) = 0x10
    close(5<TCPv6:[[2001:db8::9]:5->[2001:db8::1]:80]>) = 0`);
  assert.deepEqual(showOnly(records, 'networkFlow'), [
    'NF 100/100 5 10.0.0.9:5 -> 10.1.2.3:80 6 CONNECT,CLOSE r0/0 w0/0',
  ]);
  assert.equal(tracker.notes.ipv6Sockets, 1);
});

test('a child that got a connection by fork uses and closes it', () => {
  const { records } = track(`${EXEC}
    100 11.0 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3<TCP:[1]>
    100 11.1 connect(3<TCP:[1]>, {sa_family=AF_INET, sin_port=htons(9), sin_addr=inet_addr("10.0.0.7")}, 16) = 0
    100 11.2 clone(child_stack=NULL, flags=SIGCHLD) = 101
    101 11.3 dup2(3<TCP:[10.0.0.1:700->10.0.0.7:9]>, 0</dev/null<char 1:3>>) = 0<TCP:[10.0.0.1:700->10.0.0.7:9]>
    101 11.4 read(0x0, 0x7f, 0x10) = 0x4
    101 11.5 close(3<TCP:[10.0.0.1:700->10.0.0.7:9]>) = 0
    101 11.6 +++ exited with 0 +++`);
  assert.deepEqual(showOnly(records, 'networkFlow').slice(0, 2), [
    'NF 101/101 3 10.0.0.1:700 -> 10.0.0.7:9 6 CLOSE r0/0 w0/0',
    'NF 101/101 0 10.0.0.1:700 -> 10.0.0.7:9 6 RECV,TRUNCATE r4/1 w0/0',
  ]);
});

test('unix sockets are file flows with the path of the server', () => {
  const { records } = run(`socket(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0) = 3<UNIX-STREAM:[13]>
    connect(3<UNIX-STREAM:[13]>, {sa_family=AF_UNIX, sun_path="run/x.sock"}, 18) = 0
    sendto(3<UNIX-STREAM:[13->14]>, "zz", 2, 0, NULL, 0) = 2
    close(3<UNIX-STREAM:[13->14]>) = 0
    socket(AF_UNIX, SOCK_STREAM, 0) = 3<UNIX-STREAM:[20]>
    bind(3<UNIX-STREAM:[20]>, {sa_family=AF_UNIX, sun_path=@"hidden"}, 18) = 0
    accept(3<UNIX-STREAM:[20,@"hidden"]>, {sa_family=AF_UNIX}, [110 => 2]) = 4<UNIX-STREAM:[22->21,@"hidden"]>
    read(0x4, 0x7f, 0x10) = 0x7
    close(4<UNIX-STREAM:[22->21,@"hidden"]>) = 0`);
  assert.deepEqual(showOnly(records, 'fileFlow'), [
    'FF 100/100 3 u:/home/ana/run/x.sock CONNECT,CLOSE,WRITE r0/0 w2/1',
    'FF 100/100 4 u:@hidden ACCEPT,CLOSE,READ r7/1 w0/0',
  ]);
});

test('netlink and other families create no flows', () => {
  const { records } = run(`socket(AF_NETLINK, SOCK_RAW|SOCK_CLOEXEC, NETLINK_ROUTE) = 3<NETLINK:[ROUTE:0]>
    sendto(3<NETLINK:[ROUTE:9]>, [{nlmsg_len=20}], 20, 0, {sa_family=AF_NETLINK, nl_pid=0, nl_groups=00000000}, 12) = 20
    close(3<NETLINK:[ROUTE:9]>) = 0`);
  assert.deepEqual(showOnly(records, 'networkFlow', 'fileFlow'), []);
});

test('addresses and targets', () => {
  assert.equal(parseAddress('1.2.3.4'), 0x04030201);
  assert.equal(parseAddress('::ffff:255.255.255.255'), -1);
  assert.equal(parseAddress('256.1.1.1'), null);
  assert.equal(parseAddress('::1'), null);
  assert.equal(formatIpv4(parseAddress('200.2.3.250')!), '200.2.3.250');
  assert.deepEqual(parseInternetTarget('UDPv6:[[::]:546]'), {
    protocol: 17,
    local: { address: 0, port: 546 },
    remote: null,
  });
  assert.equal(parseInternetTarget('NETLINK:[ROUTE:1]'), null);
  assert.deepEqual(parseUnixTarget('UNIX-DGRAM:[5->6,"/run/\\303\\244"]'), { inode: '5', path: '/run/ä' });
  assert.equal(parseUnixTarget('UNIX:[x]'), null);
});
