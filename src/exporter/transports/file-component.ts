import type { TransportComponent } from '../component.js';
import { FileTransport } from './file.js';

/** The options of the `file` transport. */
export interface FileOptionValues {
  readonly path: string;
  readonly 'rotate.size': number;
  readonly 'rotate.age': number;
  readonly 'rotate.keep': number;
}

export const fileTransport: TransportComponent<FileOptionValues> = {
  kind: 'transport',
  name: 'file',
  summary: 'a file',
  options: {
    path: {
      type: 'text',
      default: './export.out',
      description:
        'The file to append to. It is opened again on SIGHUP. Where it ends within a line, as after a crash, the first record starts on a new line, and the log says so.',
    },
    'rotate.size': {
      type: 'size',
      default: 0,
      description: 'Start a new file when this one would grow beyond so many bytes (`64M`, `1G`); 0 for never.',
    },
    'rotate.age': {
      type: 'duration',
      plain: 'minutes',
      default: 0,
      description: 'Start a new file when this one is older (`24h`); 0 for never.',
    },
    'rotate.keep': {
      type: 'integer',
      minimum: 1,
      maximum: 10_000,
      default: 7,
      description: 'How many earlier files are kept: `export.out.1` is the latest.',
    },
  },
  retries: 0,
  outputs({ path, 'rotate.size': size, 'rotate.age': age, 'rotate.keep': keep }) {
    return [{ path, key: 'path', rotateKeep: size > 0 || age > 0 ? keep : 0 }];
  },
  create(options, { now, warned }) {
    const { path, 'rotate.size': rotateSize, 'rotate.age': rotateAge, 'rotate.keep': rotateKeep } = options;
    return new FileTransport({ path, rotateSize, rotateAge, rotateKeep, now, warned });
  },
};
