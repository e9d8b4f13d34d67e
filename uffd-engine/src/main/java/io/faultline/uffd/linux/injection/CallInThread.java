package io.faultline.uffd.linux.injection;

import io.faultline.uffd.Errno;
import io.faultline.uffd.SystemCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * One system call in one thread of another process:
 *
 * <pre>
 *   seize, interrupt -> TRAP           until the deadline; nothing is changed before
 *   block signals, set registers       the tracer's end would now kill the process
 *   run -> before call, after call     a stop signal is passed on, other stops are passed over
 *   interrupt -> TRAP                  restore registers and signals, detach
 * </pre>
 *
 * <p>Both traps are at the same place of the kernel, where it next decides whether the thread's own
 * system call is restarted (get_signal): with the registers of the first, the second continues just
 * like the first would have. After the call alone, without the second trap, the error number
 * ERESTARTSYS, which no program may see, would be its result. Signals that arrive meanwhile stay
 * pending, with all they carry, and are delivered then.
 *
 * <p>A process that a cgroup freezer freezes in the middle makes no call until it is thawed. After
 * a time it is brought back to the trap, which one of cgroup v2 permits at once, and one of cgroup
 * v1 only when it is thawed: so this may take as long as that, and nobody must wait for it.
 *
 * <p>Allocates all memory before it changes anything. Confined to one thread, which then ends.
 */
final class CallInThread {
  /** What became of it. */
  enum Outcome {
    /** {@link #result} has the result. */
    DONE,
    /** The thread had ended before the call; its process perhaps too. */
    GONE,
    /** The thread ended during the call: its process was killed, or has called execve. */
    LOST,
    /** The thread did not stop in time. */
    NOT_STOPPED,
    /**
     * The thread stopped, but did not make the call in time: its process is frozen. It may have
     * made it later, before its registers were restored.
     */
    FROZEN,
    /** The thread runs a restartable sequence, which must not be interrupted: try again. */
    IN_SEQUENCE
  }

  private static final int SIGSTOP = 19;
  private static final int SIGSYS = 31;
  private static final int SYS_SECCOMP = 1;

  /**
   * All but SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV and SIGSYS: if one of these is forced while it
   * is blocked, the kernel removes its handler.
   */
  private static final long BLOCKED =
      ~(1L << 3 | 1L << 4 | 1L << 6 | 1L << 7 | 1L << 10 | 1L << 30);

  private final Architecture architecture;
  private final long instruction;
  private final CriticalSections sections;
  private final MemorySegment original;
  private final MemorySegment changed;
  private final TracedThread thread;
  private int late;
  private boolean trapped;
  private long result;
  private boolean changing;

  /**
   * @param instruction the address of a system call instruction of the process
   * @param thread already seized
   */
  CallInThread(
      Architecture architecture,
      long instruction,
      CriticalSections sections,
      TracedThread thread,
      Arena arena) {
    this.architecture = architecture;
    this.instruction = instruction;
    this.sections = sections;
    this.thread = thread;
    original = arena.allocate(architecture.registersBytes(), Long.BYTES);
    changed = arena.allocate(architecture.registersBytes(), Long.BYTES);
  }

  /** The result of the call, a negated errno for an error. */
  long result() {
    return result;
  }

  /** A signal that was held back, and must be sent to the thread again; 0 if there was none. */
  int lateSignal() {
    return late;
  }

  /**
   * Makes the call.
   *
   * @param deadline until which the thread must stop; of {@link System#nanoTime}
   * @param callNanos how long the call may take
   * @throws SystemCallException if the call is forbidden there, or the thread is a 32-bit one; the
   *     thread is as it was
   */
  Outcome run(SystemCall call, long deadline, long callNanos) {
    try {
      Outcome stopped = stop(deadline);
      if (stopped != Outcome.DONE) {
        return stopped;
      }
      if (thread.readRegisters(original) != original.byteSize()) {
        thread.detach();
        throw new SystemCallException(call.toString(), Errno.EINVAL, "a 32-bit process");
      }
      if (sections.contains(thread.rseqAddress())) {
        thread.detach();
        return Outcome.IN_SEQUENCE;
      }
      return callStopped(call, System.nanoTime() + callNanos);
    } catch (SystemCallException e) {
      if (e.errno() == Errno.ESRCH) { // killed while it was stopped
        return changing ? Outcome.LOST : Outcome.GONE;
      }
      throw e;
    }
  }

  /** Signals that arrive before the trap are delivered as ever. */
  private Outcome stop(long deadline) {
    thread.interrupt();
    while (true) {
      switch (thread.await(deadline)) {
        case TRAP -> {
          return Outcome.DONE;
        }
        case GONE -> {
          return Outcome.GONE;
        }
        case NOT_STOPPED -> {
          return Outcome.NOT_STOPPED;
        }
        case SIGNAL -> {
          thread.interrupt(); // each stop forgets the request
          thread.run(thread.signal());
        }
        case SYSTEM_CALL -> throw new IllegalStateException("a call, which was not asked for");
      }
    }
  }

  private Outcome callStopped(SystemCall call, long deadline) {
    long mask = thread.readSignalMask();
    MemorySegment.copy(original, 0, changed, 0, original.byteSize());
    architecture.prepareCall(changed, instruction, call);
    Outcome outcome = Outcome.LOST;
    changing = true;
    thread.killIfTracerEnds(true);
    try {
      thread.writeSignalMask(mask | BLOCKED);
      thread.writeRegisters(changed);
      outcome = runCall(call, deadline);
      if (outcome != Outcome.LOST && !backToTrap()) {
        outcome = Outcome.LOST;
      }
    } finally {
      if (outcome != Outcome.LOST || isStopped()) {
        thread.writeRegisters(original);
        thread.writeSignalMask(mask);
        thread.killIfTracerEnds(false);
        thread.detach();
      }
    }
    if (trapped) {
      throw new SystemCallException(
          call.toString(), Errno.EPERM, "a seccomp filter of that process forbids it");
    }
    return outcome;
  }

  /** After an exception in the middle. */
  private boolean isStopped() {
    try {
      return backToTrap();
    } catch (SystemCallException e) {
      return false; // the thread is gone
    }
  }

  /** Runs the call: DONE, FROZEN, or LOST if the thread is gone. */
  private Outcome runCall(SystemCall call, long deadline) {
    boolean entered = false;
    thread.runToSystemCall(0);
    while (true) {
      int deliver = 0;
      switch (thread.await(deadline)) {
        case SYSTEM_CALL -> {
          if (entered) {
            thread.readRegisters(changed);
            result = architecture.result(changed);
            return !thread.isPending(SIGSYS) || takeTrap() ? Outcome.DONE : Outcome.LOST;
          }
          entered = true;
          if (!thread.isBeforeCall(call.number())) {
            throw new IllegalStateException("the thread is not in " + call);
          }
        }
        case SIGNAL -> deliver = handleSignal();
        case GONE -> {
          return Outcome.LOST;
        }
        case NOT_STOPPED -> {
          return Outcome.FROZEN;
        }
        case TRAP -> {} // the whole process stops or continues
      }
      thread.runToSystemCall(deliver);
    }
  }

  /**
   * After a call that a seccomp filter skipped: its SIGSYS would come after the next trap, and so
   * reach the process.
   */
  private boolean takeTrap() {
    thread.run(0);
    boolean stopped = thread.await(TracedThread.FOREVER) != TracedThread.Stop.GONE;
    if (stopped) {
      handleSignal();
    }
    return stopped;
  }

  /**
   * Handles a signal that cannot be blocked, or must not be.
   *
   * @return the signal to deliver now, or 0
   */
  private int handleSignal() {
    int signal = thread.signal();
    if (signal == SIGSTOP) {
      return signal;
    }
    if (signal == SIGSYS && thread.signalCode() == SYS_SECCOMP) {
      trapped = true;
    } else {
      late = signal;
    }
    return 0;
  }

  /** Brings the thread to a trap, from any stop; returns false if it is gone. */
  private boolean backToTrap() {
    int deliver = 0;
    while (true) {
      thread.interrupt();
      thread.runIfStopped(deliver);
      deliver = 0;
      switch (thread.await(TracedThread.FOREVER)) {
        case TRAP -> {
          return true;
        }
        case GONE, NOT_STOPPED -> {
          return false;
        }
        case SIGNAL -> deliver = handleSignal();
        case SYSTEM_CALL -> {}
      }
    }
  }
}
