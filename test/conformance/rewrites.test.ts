import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rewriteEcs, rewriteJson } from '../../conformance/rewrites.js';

const json = (type: string, opflags: string, rest: string): string =>
  `{"version":5,"endts":9007199254740993,"opflags":[${opflags}],"ret":0,"ts":1,"type":"${type}",${rest}}`;

test('R1 halves the counters of a flow exactly', () => {
  const line = json('FF', '', '"flow":{"rbytes":18014398509481986,"rops":2,"wbytes":0,"wops":4}');
  assert.match(rewriteJson(line), /"flow":\{"rbytes":9007199254740993,"rops":1,"wbytes":0,"wops":2\}/);
  const ecs =
    '{"sf_file_action":{"bytes_read":6,"bytes_written":0,"read_ops":2,"write_ops":8},' +
    '"network":{"bytes":914,"community_id":"1:x="},"source":{"address":"10.0.0.1","bytes":724,"packets":2,"port":4},' +
    '"destination":{"bytes":190,"packets":2,"port":8},"process":{"args":"","pid":2}}';
  assert.equal(
    rewriteEcs(ecs, '1'),
    '{"sf_file_action":{"bytes_read":3,"bytes_written":0,"read_ops":1,"write_ops":4},' +
      '"network":{"bytes":457,"community_id":"1:x="},"source":{"address":"10.0.0.1","bytes":362,"packets":1,"port":4},' +
      '"destination":{"bytes":95,"packets":1,"port":8},"process":{"args":"","pid":2}}',
  );
});

test('R2 names the operations of a flow by its record type', () => {
  assert.match(rewriteJson(json('NF', '"CLOSE","WRITE","READ"', '"a":1')), /\["CLOSE","SEND","RECV"\]/);
  assert.match(rewriteJson(json('FF', '"CLOSE","SEND","RECV"', '"a":1')), /\["CLOSE","WRITE","READ"\]/);
  const event = json('FE', '"READ"', '"a":"\\"type\\":\\"NF\\""');
  assert.equal(rewriteJson(event), event);
});

test('R3 drops the one blank after the command line of a process without arguments, and of no other', () => {
  const line = json(
    'PE',
    '',
    '"pproc":{"args":"","cmdline":"/a "},"proc":{"acmdline":["/b "],"args":"","cmdline":"/b\\"  ","pid":1}',
  );
  assert.equal(rewriteJson(line), line.replace('/b\\"  ', '/b\\" '));
  const withArguments = json('PE', '', '"proc":{"args":"x ","cmdline":"/b x ","pid":1}');
  assert.equal(rewriteJson(withArguments), withArguments);
  assert.equal(
    rewriteEcs('{"process":{"args":"","command_line":"/b ","parent":{"args":"","command_line":"/a "}}}', '1'),
    '{"process":{"args":"","command_line":"/b","parent":{"args":"","command_line":"/a "}}}',
  );
});

test('R4 puts commas between elements, and leaves empty texts and escaped quotes alone', () => {
  const line = json('KE', '', '"pod":{"hostip":["10.0.0.1""10.0.0.2"],"services":[{"id":"a"}{"id":"b"}]}');
  assert.match(rewriteJson(line), /\["10.0.0.1","10.0.0.2"\],"services":\[\{"id":"a"\},\{"id":"b"\}\]/);
  for (const good of ['"a":"","b":""', '"a":["",""]', '"a":"\\"\\"}{\\"\\"","b":"x\\\\"']) {
    assert.equal(rewriteJson(json('KE', '', good)), json('KE', '', good));
  }
});

test('R5 puts in our version', () => {
  assert.equal(
    rewriteEcs('{"agent":{"type":"SysFlow","version":"0.6.3"}}', '1.2.3'),
    '{"agent":{"type":"SysFlow","version":"1.2.3"}}',
  );
});
