/**
 * SysFlow from a command, on a machine without the collector: strace watches the command's system calls (`strace/`:
 * its output and how to read it), the tracker keeps processes and descriptors and makes records (`calls/`: one entry
 * for each system call), and a container writer puts them into a trace.
 */
