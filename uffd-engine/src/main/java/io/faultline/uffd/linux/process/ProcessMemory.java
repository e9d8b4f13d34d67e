package io.faultline.uffd.linux.process;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.faultline.uffd.Errno;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.FileDescriptors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Reads the memory of another process, running or stopped: many ranges per system call
 * (process_vm_readv(2)), and mappings that the process itself may not read through {@code
 * /proc/PID/mem}. Allocates nothing per read.
 *
 * <p>A page that is missing in a userfaultfd of that process makes the calling thread sleep, in
 * native state, until it is filled.
 *
 * <p>Not thread-safe: one per thread.
 */
public final class ProcessMemory implements AutoCloseable {
  /** The result of {@link #read} if the process has exited. */
  public static final long GONE = -1;

  /** The most ranges per system call: IOV_MAX of linux/limits.h. */
  private static final int MAX_RANGES = 1024;

  private static final long IOVEC_BYTES = 2L * Long.BYTES;

  private static final String PTRACE_HINT =
      "run as root, with CAP_SYS_PTRACE, or as the user of that process (see ptrace(2))";

  private final PidFd process;
  private final int memoryFile;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment local = arena.allocate(IOVEC_BYTES, Long.BYTES);
  private final MemorySegment remote = arena.allocate(MAX_RANGES * IOVEC_BYTES, Long.BYTES);
  private final long[] oneAddress = new long[1];
  private final long[] oneLength = new long[1];
  private final AtomicBoolean closed = new AtomicBoolean();

  private ProcessMemory(PidFd process, int memoryFile) {
    this.process = process;
    this.memoryFile = memoryFile;
  }

  /**
   * Opens the memory of a process.
   *
   * @param process stays the caller's, and must stay open
   * @return null if the process has exited
   * @throws SystemCallException EACCES, EPERM (see ptrace(2))
   */
  public static @Nullable ProcessMemory open(PidFd process) {
    int file;
    try {
      file = FileDescriptors.open(Path.of("/proc/" + process.pid() + "/mem"), 0);
    } catch (SystemCallException e) {
      if (e.errno() == Errno.ESRCH || process.hasExited()) { // its memory ends first
        return null;
      }
      throw new SystemCallException(e.call(), e.errno(), PTRACE_HINT);
    }
    ProcessMemory memory = new ProcessMemory(process, file);
    if (process.hasExited()) { // the file may be that of another process with this id
      memory.close();
      return null;
    }
    return memory;
  }

  /** Reads one range; otherwise as {@link #read(long[], long[], int, long)}. */
  public long read(long address, long lengthBytes, long target) {
    oneAddress[0] = address;
    oneLength[0] = lengthBytes;
    return read(oneAddress, oneLength, 1, target);
  }

  /**
   * Reads ranges one after another into native memory.
   *
   * @param addresses of the process
   * @param lengthsBytes the length of each range, at least 1
   * @param count the number of ranges, from the start of both arrays
   * @param target a native address of this process with room for all ranges
   * @return the bytes read. If fewer than all, then the next byte is not mapped or cannot be read.
   *     {@link #GONE} if the process has exited
   * @throws SystemCallException EPERM (see ptrace(2)), ENOMEM
   */
  public long read(long[] addresses, long[] lengthsBytes, int count, long target) {
    long done = 0;
    long inRange = 0;
    int range = 0;
    while (range < count) {
      long batch = readBatch(addresses, lengthsBytes, range, count, inRange, target + done);
      if (batch == 0) { // not readable for the process itself
        long offset = addresses[range] + inRange;
        batch = readFile(offset, lengthsBytes[range] - inRange, target + done);
      }
      if (batch <= 0) {
        break;
      }
      done += batch;
      inRange += batch;
      while (range < count && inRange >= lengthsBytes[range]) {
        inRange -= lengthsBytes[range++];
      }
    }
    return process.hasExited() ? GONE : done;
  }

  /** Reads up to the first byte that is not readable for the process itself. */
  private long readBatch(
      long[] addresses, long[] lengths, int first, int count, long skip, long target) {
    int batch = Math.min(count - first, MAX_RANGES);
    long bytes = 0;
    for (int i = 0; i < batch; i++) {
      long skipped = i == 0 ? skip : 0;
      long length = lengths[first + i] - skipped;
      remote.set(JAVA_LONG, i * IOVEC_BYTES, addresses[first + i] + skipped);
      remote.set(JAVA_LONG, i * IOVEC_BYTES + Long.BYTES, length);
      bytes += length;
    }
    local.set(JAVA_LONG, 0, target);
    local.set(JAVA_LONG, Long.BYTES, bytes);
    long result = MemoryCalls.read(process.pid(), local.address(), remote.address(), batch);
    return value("process_vm_readv(" + process.pid() + ")", result);
  }

  /** Reads past the protection of the mapping, as a debugger does. */
  private long readFile(long address, long bytes, long target) {
    long result = MemoryCalls.pread(memoryFile, target, bytes, address);
    return value("pread(/proc/" + process.pid() + "/mem)", result);
  }

  private static long value(String call, long result) {
    return switch ((int) Math.min(0, result)) {
      case 0 -> result;
      case -Errno.EFAULT, -Errno.EIO, -Errno.ESRCH -> 0;
      case -Errno.EPERM -> throw new SystemCallException(call, Errno.EPERM, PTRACE_HINT);
      default -> throw new SystemCallException(call, (int) -result);
    };
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      arena.close();
      FileDescriptors.close(memoryFile);
    }
  }
}
