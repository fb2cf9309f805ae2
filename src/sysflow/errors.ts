/** Why a trace cannot be read or written at all. */
export type TraceErrorCode =
  /** The file or stream cannot be opened or read. */
  | 'unreadable'
  /** The path leads to a folder. */
  | 'folder'
  /** The file or stream cannot be written. */
  | 'unwritable'
  /** The file or stream has no bytes. */
  | 'empty'
  /** No Avro object container file. */
  | 'not-avro'
  /** The header of the file is cut or broken. */
  | 'broken-header'
  /** What compresses the file (gzip, Zstandard) is cut or broken. */
  | 'compression'
  /** The codec is none of null, deflate, snappy and zstandard. */
  | 'unknown-codec'
  /** The writer's schema is missing or broken, exceeds a bound, or is none of SysFlow. */
  | 'bad-schema';

/** A trace that cannot be read or written: a value that functions return, never thrown. */
export class TraceError {
  readonly code: TraceErrorCode;
  /** One sentence without a final period; it may quote names from the data, made printable. */
  readonly message: string;
  /** Path of the file as it was given, or the name of the stream. */
  readonly path: string;

  constructor(code: TraceErrorCode, message: string, path: string) {
    this.code = code;
    this.message = message;
    this.path = path;
  }
}

/** A schema that cannot be used: a value that functions return, never thrown. */
export class SchemaError {
  /** One sentence without a final period; it may quote names from the schema, made printable. */
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** The code of a failed call of the system (`ENOENT`, …), or what else was thrown, as text. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
