/** Why a trace cannot be read or written at all. */
export type TraceErrorCode =
  /** The file or stream cannot be opened or read. */
  | 'unreadable'
  /** The path is a folder. */
  | 'folder'
  /** The file or stream cannot be written. */
  | 'unwritable'
  /** The file or stream has no bytes. */
  | 'empty'
  /** Not an Avro object container file. */
  | 'not-avro'
  /** The header of the file is truncated or invalid. */
  | 'broken-header'
  /** The compression of the file (gzip, Zstandard) is truncated or invalid. */
  | 'compression'
  /** The codec is not one of null, deflate, snappy and zstandard. */
  | 'unknown-codec'
  /** The writer's schema is missing or invalid, exceeds a limit, or is not a SysFlow schema. */
  | 'bad-schema';

/** A trace that cannot be read or written. Functions return it as a value; it is never thrown. */
export class TraceError {
  readonly code: TraceErrorCode;
  /** One sentence without a final period; it may quote names from the data, made printable. */
  readonly message: string;
  /** Path of the file as given, or the name of the stream. */
  readonly path: string;

  constructor(code: TraceErrorCode, message: string, path: string) {
    this.code = code;
    this.message = message;
    this.path = path;
  }
}

/** A schema that cannot be used. Functions return it as a value; it is never thrown. */
export class SchemaError {
  /** One sentence without a final period; it may quote names from the schema, made printable. */
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** Returns the code of a failed system call (`ENOENT`, …), or any other thrown value as text. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
