/** What `EntityTables` and the code that joins by WebAssembly both use: words by index. */
export const STATE = {
  /** The batch under way, as a clock for eviction. */
  now: 0,
  /** The stream under way, counted by headers. */
  stream: 1,
  /** Moves on when a container or pod changes, so that subjects are joined anew. */
  epoch: 2,
  /** The subject of events without a process. */
  noSubject: 3,
  /** Where the places of the tables are, and their masks. */
  processesAt: 4,
  processesMask: 5,
  filesAt: 6,
  filesMask: 7,
  /** Counts since they were taken over. */
  unknownProcess: 8,
  unknownFile: 9,
  unknownContainer: 10,
  unknownPod: 11,
  /** How many processes and files are of the stream under way. */
  knownProcesses: 12,
  knownFiles: 13,
  /** Rows that the last run joined. */
  count: 14,
  /** The number of the next file of `JoinedEntities`, and of how many files more there is room in the table. */
  nextFile: 15,
  filesRoom: 16,
  /** Records by `RecordKind`, since they were taken over: the words from here on. */
  records: 17,
} as const;

/** Numbers of files for which it is noted where they are stored; more are read at once. */
export const FILE_NUMBERS: number = 1 << 18;

/** Numbers of a process's place. */
export const PROCESS = {
  /** The subject of the latest events, valid in `epoch` only. */
  subject: 0,
  epoch: 1,
  /** When it was last used, in batches. */
  usedAt: 2,
  /** 1 where the subject lacks a container that it names, and 2 where it lacks a pod. */
  lacks: 3,
  /** 1 after it ended. */
  exited: 4,
  /** The stream in which it was announced. */
  stream: 5,
  /** A bit for each `ObjectState` in which it was announced in that stream. */
  states: 6,
  /** The number of its last announcement in each state, of whatever stream, by which it is known again; 0: it is not. */
  known: 7,
} as const;
export const PROCESS_STATES = 3;
export const PROCESS_VALUES: number = PROCESS.known + PROCESS_STATES;
export const PROCESS_ID_WORDS = 4;

/** Numbers of a file's place. */
export const FILE = {
  /** The file, as it is joined. */
  file: 0,
  /** The stream in which it was announced. */
  stream: 1,
  usedAt: 2,
  /** Where it is stored as it was announced, by which it is known again; 0: it is not. */
  known: 3,
} as const;
export const FILE_VALUES: number = FILE.known + 1;
export const FILE_ID_WORDS = 5;
