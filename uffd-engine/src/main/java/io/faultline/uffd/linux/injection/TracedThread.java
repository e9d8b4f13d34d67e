package io.faultline.uffd.linux.injection;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.faultline.uffd.Errno;
import io.faultline.uffd.SystemCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.LockSupport;

/**
 * A thread of another process that this thread traces: stops, registers, signal mask. Confined to
 * the thread that seized it, which must end soon: the kernel detaches then from a thread that could
 * not be stopped.
 *
 * <p>The wait is a loop over waitpid(2) that never sleeps in the kernel: the leader of a process
 * that exits alone is reported only when all other threads have ended.
 */
final class TracedThread {
  /** Where a thread stopped, and why. */
  enum Stop {
    /** A trap that {@link #interrupt} asked for, or a change of a group stop. */
    TRAP,
    /** Before or after a system call. */
    SYSTEM_CALL,
    /** A signal is about to be delivered: {@link #signal}. */
    SIGNAL,
    /** The thread has exited, or another thread of its process called execve. */
    GONE,
    /** It did not stop in time. */
    NOT_STOPPED
  }

  static final long FOREVER = Long.MAX_VALUE;

  private static final int PTRACE_EVENT_STOP = 128;
  private static final int SIGTRAP = 5;
  private static final int STOPPED_BY_CALL = SIGTRAP | 0x80;
  private static final int EVENT_SHIFT = 16;
  private static final int SIGNAL_SHIFT = 8;
  private static final int STOPPED = 0x7f;
  private static final long NT_PRSTATUS = 1;
  private static final long MASK_BYTES = Long.BYTES;

  /** {@code struct ptrace_syscall_info}: op at 0, the number of an entry at 24. */
  private static final long INFO_BYTES = 88;

  private static final long INFO_NUMBER = 24;
  private static final byte INFO_ENTRY = 1;

  /** {@code siginfo_t}: si_signo at 0, si_code at 8. */
  private static final long SIGINFO_BYTES = 128;

  private static final long SIGINFO_CODE = 8;

  /** {@code struct ptrace_rseq_configuration}: the address of the thread's struct rseq at 0. */
  private static final long RSEQ_BYTES = 24;

  /** {@code struct ptrace_peeksiginfo_args}: off, flags and nr. */
  private static final long PEEK_BYTES = 16;

  private static final long PEEK_COUNT = 12;

  private static final int SPINS = 200;
  private static final long POLL_NANOS = 50_000;

  private final int thread;
  private final MemorySegment status;
  private final MemorySegment buffer;
  private final MemorySegment registersVector;
  private final MemorySegment peek;
  private int signal;

  private TracedThread(int thread, Arena arena) {
    this.thread = thread;
    status = arena.allocate(JAVA_INT);
    buffer = arena.allocate(SIGINFO_BYTES, Long.BYTES);
    registersVector = arena.allocate(2L * Long.BYTES, Long.BYTES);
    peek = arena.allocate(PEEK_BYTES, Long.BYTES);
    peek.set(JAVA_INT, PEEK_COUNT, 1);
  }

  /**
   * Attaches to a thread, which continues to run.
   *
   * @param arena for memory of the calls
   * @return the thread, or a {@link SystemCallException} with ESRCH if it has ended, EPERM if it
   *     may not be traced
   */
  static TracedThread seize(int thread, Arena arena) {
    TracedThread traced = new TracedThread(thread, arena);
    traced.request("PTRACE_SEIZE", PtraceCalls.SEIZE, 0, PtraceCalls.O_TRACESYSGOOD);
    return traced;
  }

  /** Asks the thread to stop: its next stop that is not another one is a {@link Stop#TRAP}. */
  void interrupt() {
    request("PTRACE_INTERRUPT", PtraceCalls.INTERRUPT, 0, 0);
  }

  /** Lets the thread run to its next system call, or the end of the current one. */
  void runToSystemCall(int deliver) {
    request("PTRACE_SYSCALL", PtraceCalls.SYSCALL, 0, deliver);
  }

  /**
   * Lets the thread run.
   *
   * @param deliver the signal to deliver if this is a {@link Stop#SIGNAL}; 0 to drop it
   */
  void run(int deliver) {
    request("PTRACE_CONT", PtraceCalls.CONT, 0, deliver);
  }

  /** As {@link #run}, but does nothing if the thread runs already, or has ended. */
  void runIfStopped(int deliver) {
    long result = PtraceCalls.ptrace(PtraceCalls.CONT, thread, 0, deliver);
    if (result < 0 && result != -Errno.ESRCH) {
      throw new SystemCallException("PTRACE_CONT(" + thread + ")", (int) -result);
    }
  }

  /** Ends the tracing; the thread continues. */
  void detach() {
    request("PTRACE_DETACH", PtraceCalls.DETACH, 0, 0);
  }

  /** Whether the kernel kills the process if this thread ends while it traces the other. */
  void killIfTracerEnds(boolean kill) {
    int options = PtraceCalls.O_TRACESYSGOOD | (kill ? PtraceCalls.O_EXITKILL : 0);
    request("PTRACE_SETOPTIONS", PtraceCalls.SETOPTIONS, 0, options);
  }

  /**
   * Waits for the next stop.
   *
   * @param deadline of {@link System#nanoTime}, or {@link #FOREVER}
   */
  Stop await(long deadline) {
    for (int round = 0; ; round++) {
      int result = PtraceCalls.poll(thread, status.address());
      if (result == thread) {
        return decode(status.get(JAVA_INT, 0));
      }
      if (result == -Errno.ECHILD) {
        return Stop.GONE;
      }
      if (result < 0 && result != -Errno.EINTR) {
        throw new SystemCallException("waitpid(" + thread + ")", -result);
      }
      if (deadline != FOREVER && System.nanoTime() - deadline > 0) {
        return Stop.NOT_STOPPED;
      }
      if (round < SPINS) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(POLL_NANOS);
      }
    }
  }

  private Stop decode(int state) {
    if ((state & 0xff) != STOPPED) {
      return Stop.GONE;
    }
    signal = state >> SIGNAL_SHIFT & 0xff;
    if (state >> EVENT_SHIFT == PTRACE_EVENT_STOP) {
      return Stop.TRAP;
    }
    return signal == STOPPED_BY_CALL ? Stop.SYSTEM_CALL : Stop.SIGNAL;
  }

  /** The signal of a {@link Stop#SIGNAL}. */
  int signal() {
    return signal;
  }

  /** The {@code si_code} of the signal of a {@link Stop#SIGNAL}. */
  int signalCode() {
    request("PTRACE_GETSIGINFO", PtraceCalls.GETSIGINFO, 0, buffer.address());
    return buffer.get(JAVA_INT, SIGINFO_CODE);
  }

  /** Whether a signal waits for this thread alone, and not for any thread of its process. */
  boolean isPending(int signal) {
    for (long at = 0; ; at++) {
      peek.set(JAVA_LONG, 0, at);
      long found =
          PtraceCalls.ptrace(PtraceCalls.PEEKSIGINFO, thread, peek.address(), buffer.address());
      if (found <= 0) {
        return false;
      }
      if (buffer.get(JAVA_INT, 0) == signal) {
        return true;
      }
    }
  }

  /**
   * Reads the registers.
   *
   * @return how many bytes it has of them, which tells a 32-bit thread
   */
  long readRegisters(MemorySegment into) {
    registers("PTRACE_GETREGSET", PtraceCalls.GETREGSET, into);
    return registersVector.getAtIndex(JAVA_LONG, 1);
  }

  void writeRegisters(MemorySegment from) {
    registers("PTRACE_SETREGSET", PtraceCalls.SETREGSET, from);
  }

  private void registers(String name, int request, MemorySegment memory) {
    registersVector.setAtIndex(JAVA_LONG, 0, memory.address());
    registersVector.setAtIndex(JAVA_LONG, 1, memory.byteSize());
    request(name, request, NT_PRSTATUS, registersVector.address());
  }

  /** The blocked signals; in a call that replaced them, such as ppoll(2), those after it. */
  long readSignalMask() {
    request("PTRACE_GETSIGMASK", PtraceCalls.GETSIGMASK, MASK_BYTES, buffer.address());
    return buffer.get(JAVA_LONG, 0);
  }

  void writeSignalMask(long mask) {
    buffer.set(JAVA_LONG, 0, mask);
    request("PTRACE_SETSIGMASK", PtraceCalls.SETSIGMASK, MASK_BYTES, buffer.address());
  }

  /** Whether a {@link Stop#SYSTEM_CALL} is before the call with this number. */
  boolean isBeforeCall(long number) {
    request("PTRACE_GET_SYSCALL_INFO", PtraceCalls.GET_SYSCALL_INFO, INFO_BYTES, buffer.address());
    return buffer.get(JAVA_BYTE, 0) == INFO_ENTRY && buffer.get(JAVA_LONG, INFO_NUMBER) == number;
  }

  /** The address of the thread's {@code struct rseq}; 0 if there is none, or none can be known. */
  long rseqAddress() {
    long result =
        PtraceCalls.ptrace(
            PtraceCalls.GET_RSEQ_CONFIGURATION, thread, RSEQ_BYTES, buffer.address());
    return result < 0 ? 0 : buffer.get(JAVA_LONG, 0);
  }

  private void request(String name, int request, long address, long data) {
    long result = PtraceCalls.ptrace(request, thread, address, data);
    if (result < 0) {
      throw new SystemCallException(name + "(" + thread + ")", (int) -result);
    }
  }
}
