package io.faultline.uffd.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.faultline.uffd.Advice;
import java.lang.foreign.MemorySegment;

/**
 * The steps of a child process, in memory shared with the child, so that this process sees the
 * results.
 *
 * <pre>
 *   0                     steps, 64 bytes each: op, six arguments, result
 *   SIGACTION             struct sigaction of the kernel: handler, flags, restorer, mask
 *   BYTES                 top of the stack, which grows down
 * </pre>
 *
 * <p>Not thread-safe. Must not be closed before the child has ended.
 */
public final class ChildProgram implements AutoCloseable {
  private static final long BYTES = 256 << 10;
  private static final long STEP_BYTES = 64;
  private static final long RESULT = 56;
  private static final long SIGACTION = 128 << 10;
  private static final long MAX_STEPS = SIGACTION / STEP_BYTES - 1;
  private static final int SIGBUS = 7;
  private static final long SA_SIGINFO = 4;
  private static final long SA_RESTORER = 0x04000000L;

  private final MemorySegment memory;
  private int steps;
  private long target;
  private long targetBytes;
  private boolean closed;

  public ChildProgram() {
    long address = AddressSpace.map(BYTES, Libc.MAP_SHARED);
    memory = MemorySegment.ofAddress(address).reinterpret(BYTES);
    step(0); // reserved for rt_sigaction: the handler's address is known in start() only
  }

  /** Loads eight bytes; returns the number of the step, for {@link #result}. */
  public int load(long address) {
    return step(ChildCode.LOAD, address);
  }

  /** Stores eight bytes. */
  public int store(long address, long value) {
    return step(ChildCode.STORE, address, value);
  }

  /**
   * Makes a system call of x86-64.
   *
   * @param arguments at most six
   */
  public int call(long number, long... arguments) {
    long[] words = new long[arguments.length + 1];
    words[0] = number;
    System.arraycopy(arguments, 0, words, 1, arguments.length);
    return step(words);
  }

  /** Sleeps until the child is killed. */
  public int pause() {
    return step(ChildCode.PAUSE);
  }

  /** Calls madvise. */
  public int advise(long address, long lengthBytes, Advice advice) {
    return step(ChildCode.MADVISE, address, lengthBytes, advice.number());
  }

  /** Calls mremap, with a reserved target. Not for a child that shares this process's memory. */
  public int remap(long address, long lengthBytes) {
    target = AddressSpace.reserve(lengthBytes, Long.lowestOneBit(address | lengthBytes));
    targetBytes = lengthBytes;
    long flags = Libc.MREMAP_MAYMOVE | Libc.MREMAP_FIXED;
    return step(ChildCode.MREMAP, address, lengthBytes, lengthBytes, flags, target);
  }

  /** Calls mremap, onto what is mapped at a target. */
  public int remap(long address, long lengthBytes, long onto) {
    long flags = Libc.MREMAP_MAYMOVE | Libc.MREMAP_FIXED;
    return step(ChildCode.MREMAP, address, lengthBytes, lengthBytes, flags, onto);
  }

  /** The value that a step loaded or its system call returned. */
  public long result(int step) {
    return memory.get(JAVA_LONG, step * STEP_BYTES + RESULT);
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      Libc.munmap(memory.address(), BYTES);
      if (targetBytes > 0) {
        Libc.munmap(target, targetBytes);
      }
    }
  }

  /** Starts the child, which exits with code 0 after the last step. */
  int start(ChildCode code, long cloneFlags) {
    step(ChildCode.EXIT_GROUP, 0);
    memory.set(JAVA_LONG, SIGACTION, code.handlerAddress());
    memory.set(JAVA_LONG, SIGACTION + 8, SA_SIGINFO | SA_RESTORER);
    memory.set(JAVA_LONG, SIGACTION + 16, code.handlerAddress());
    write(0, ChildCode.RT_SIGACTION, SIGBUS, memory.address() + SIGACTION, 0, Long.BYTES);
    return code.run(cloneFlags, memory.address() + BYTES, memory.address());
  }

  private int step(long... words) {
    if (steps == MAX_STEPS) {
      throw new IllegalStateException("a child process has at most " + MAX_STEPS + " steps");
    }
    write(steps, words);
    return steps++;
  }

  private void write(int step, long... words) {
    for (int i = 0; i < words.length; i++) {
      memory.set(JAVA_LONG, step * STEP_BYTES + (long) i * Long.BYTES, words[i]);
    }
  }
}
