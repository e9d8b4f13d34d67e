package io.faultline.uffd.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.faultline.uffd.Pagemap;
import io.faultline.uffd.SystemCallException;
import java.lang.foreign.MemorySegment;

/** A child process that runs a {@link ChildProgram}; killed when closed. Not thread-safe. */
public final class ChildProcess implements AutoCloseable {
  /** The result of {@link #poll} while the process runs. */
  public static final int RUNNING = -1;

  /** The lowest exit code of a memory error: the signal's si_code is added. */
  public static final int MEMORY_ERROR = 64;

  private static final int SIGNALLED = 128;

  private final int id;
  private final long pageBytes;
  private int exitCode = RUNNING;

  ChildProcess(int id, long pageBytes) {
    this.id = id;
    this.pageBytes = pageBytes;
  }

  /** The process id. */
  public int id() {
    return id;
  }

  /**
   * The exit code: 0 after the last step, {@link #MEMORY_ERROR} + si_code after a memory error, 128
   * + signal if it was killed; {@link #RUNNING} before.
   */
  public int poll() {
    return exitCode == RUNNING ? reap(ProcessCalls.WNOHANG) : exitCode;
  }

  /** Opens the process's page table. */
  public Pagemap openPagemap() {
    return LinuxPagemap.open("/proc/" + id + "/pagemap", pageBytes);
  }

  @Override
  public void close() {
    if (poll() == RUNNING) {
      ProcessCalls.kill(id, ProcessCalls.SIGKILL);
      reap(0);
    }
  }

  private int reap(int options) {
    MemorySegment status = CallScratch.ofThread().argument();
    int reaped = ProcessCalls.waitpid(id, status, options);
    if (reaped < 0) {
      throw new SystemCallException("waitpid(" + id + ")", -reaped);
    }
    if (reaped == id) {
      int word = status.get(JAVA_INT, 0);
      int signal = word & 0x7f;
      exitCode = signal == 0 ? word >> 8 & 0xff : SIGNALLED + signal;
    }
    return exitCode;
  }
}
