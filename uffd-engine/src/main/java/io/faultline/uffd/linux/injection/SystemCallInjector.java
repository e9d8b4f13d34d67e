package io.faultline.uffd.linux.injection;

import io.faultline.uffd.Errno;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.host.SystemFiles;
import io.faultline.uffd.linux.process.PidFd;
import io.faultline.uffd.linux.process.ProcessMemory;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Makes system calls in another process, which need not cooperate (ptrace(2), since Linux 5.3).
 *
 * <p>One of its threads stops for a short time, makes the call, and continues with the registers,
 * the signal mask and the pending signals that it had; the system call that it waited in is
 * restarted. Exceptions: calls that end with EINTR after each stop, see {@code ThreadChoice}. A
 * process that is stopped (SIGSTOP) stays stopped.
 *
 * <p><b>If this process is killed in the middle</b>, while the thread has other registers, the
 * kernel kills the other process too: it would continue with a wrong result of its own call
 * otherwise. Before and after, the thread just continues.
 *
 * <p><b>If the other process is frozen in the middle</b> (cgroup freezer), the caller gets an error
 * after some seconds. The registers are restored as soon as the freezer permits it, for which the
 * end of this process waits: see {@code TracerThread}.
 *
 * <p>Thread-safe. Each attempt runs on a thread of its own.
 */
final class SystemCallInjector {
  /** How long all threads together may take to stop. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** The part of it that one thread may take, until another one is tried. */
  private static final int SHARE = 5;

  /** What the thread, the call and the way back may take, in the time of one of them. */
  private static final int LIMITS = 4;

  private static final String FROZEN_THEN =
      "it is frozen, and did not make the call; thaw it, and try again";

  private static final String FROZEN_NOW =
      "it was frozen in the middle of the call, and continues correctly when it is thawed: thaw it,"
          + " and do not kill this process before, since it would be killed, too";

  private static final long RETRY_NANOS = 200_000;

  /** In which a process that was killed ends. */
  private static final int EXIT_MILLIS = 2_000;

  private final PidFd process;
  private final long patienceNanos;
  private final Architecture architecture = Architecture.current();

  /**
   * @param process stays the caller's, and must stay open
   */
  SystemCallInjector(PidFd process) {
    this(process, PATIENCE);
  }

  /**
   * @param patience how long all threads together may take to stop
   */
  SystemCallInjector(PidFd process, Duration patience) {
    if (process.pid() == ProcessHandle.current().pid()) {
      throw new IllegalArgumentException("process " + process.pid() + " is this process");
    }
    this.process = process;
    patienceNanos = patience.toNanos();
  }

  /**
   * Makes a system call in the process.
   *
   * @return its result, a negated errno for an error; empty if the process has exited
   * @throws SystemCallException EPERM, with what forbids it and the remedy; ETIMEDOUT if no thread
   *     of the process can be stopped, or it is frozen; ESRCH if it called execve(2) meanwhile
   */
  OptionalLong call(SystemCall call) {
    Optional<String> freezer = new CgroupFreezer(SystemFiles.ofThisMachine()).of(process.pid());
    if (freezer.isPresent()) {
      throw frozen(call, "its cgroup " + freezer.get() + " is frozen: thaw it first");
    }
    long end = System.nanoTime() + patienceNanos;
    do {
      for (int thread : ThreadChoice.of(process.pid())) {
        OptionalLong result = callIn(thread, call, end);
        if (result.isPresent()) {
          return result;
        }
        if (process.hasExited()) {
          return OptionalLong.empty();
        }
        if (System.nanoTime() - end >= 0) {
          break;
        }
      }
      LockSupport.parkNanos(RETRY_NANOS);
    } while (System.nanoTime() - end < 0 && !process.hasExited());
    if (process.hasExited()) {
      return OptionalLong.empty();
    }
    throw new SystemCallException(
        call + " in " + process,
        Errno.ETIMEDOUT,
        "none of its threads stopped within "
            + Duration.ofNanos(patienceNanos).toMillis()
            + " ms: they wait uninterruptibly, or it is frozen");
  }

  /** Makes a system call in one thread of the process; empty if that thread cannot make it now. */
  OptionalLong callIn(int thread, SystemCall call) {
    return callIn(thread, call, System.nanoTime() + patienceNanos);
  }

  private OptionalLong callIn(int thread, SystemCall call, long end) {
    Optional<OptionalLong> outcome =
        TracerThread.call(
            LIMITS * patienceNanos,
            () -> {
              try (Arena arena = Arena.ofConfined();
                  ProcessMemory memory = ProcessMemory.open(process)) {
                return memory == null
                    ? OptionalLong.empty()
                    : attempt(thread, memory, arena, call, end);
              }
            });
    return outcome.orElseThrow(() -> frozen(call, FROZEN_NOW));
  }

  private OptionalLong attempt(
      int thread, ProcessMemory memory, Arena arena, SystemCall call, long end) {
    long instruction = CallingInstruction.find(process.pid(), memory, architecture);
    if (instruction == 0) {
      return OptionalLong.empty();
    }
    CriticalSections sections = new CriticalSections(memory, arena);
    TracedThread traced;
    try {
      traced = seize(thread, arena);
    } catch (SystemCallException e) {
      if (e.errno() == Errno.ESRCH
          || ThreadChoice.hasEnded(process.pid(), thread)
          || ThreadChoice.isTracedFromHere(process.pid(), thread)) {
        return OptionalLong.empty();
      }
      throw e.errno() == Errno.EPERM ? TracingRefusal.of(process.pid(), thread, e) : e;
    }
    CallInThread attempt = new CallInThread(architecture, instruction, sections, traced, arena);
    long now = System.nanoTime();
    long deadline = now + Math.min(patienceNanos / SHARE, Math.max(0, end - now));
    CallInThread.Outcome outcome = attempt.run(call, deadline, patienceNanos);
    if (attempt.lateSignal() != 0) {
      PtraceCalls.signal(process.pid(), thread, attempt.lateSignal());
    }
    if (outcome == CallInThread.Outcome.LOST) {
      return lost(call);
    }
    if (outcome == CallInThread.Outcome.FROZEN) {
      throw frozen(call, FROZEN_THEN);
    }
    return outcome == CallInThread.Outcome.DONE
        ? OptionalLong.of(attempt.result())
        : OptionalLong.empty();
  }

  /** Tries again once: a thread of this process that has traced it may just have ended. */
  private static TracedThread seize(int thread, Arena arena) {
    try {
      return TracedThread.seize(thread, arena);
    } catch (SystemCallException e) {
      if (e.errno() != Errno.EPERM) {
        throw e;
      }
      LockSupport.parkNanos(RETRY_NANOS);
      return TracedThread.seize(thread, arena);
    }
  }

  private SystemCallException frozen(SystemCall call, String how) {
    return new SystemCallException(call + " in " + process, Errno.ETIMEDOUT, how);
  }

  /** The call may have been made, so no other thread must make it a second time. */
  private OptionalLong lost(SystemCall call) {
    if (process.awaitExit(EXIT_MILLIS)) {
      return OptionalLong.empty();
    }
    throw new SystemCallException(
        call + " in " + process, Errno.ESRCH, "it has become another program (execve) meanwhile");
  }
}
