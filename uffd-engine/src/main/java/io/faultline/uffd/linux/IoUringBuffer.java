package io.faultline.uffd.linux;

import static io.faultline.uffd.linux.NativeCalls.bind;
import static io.faultline.uffd.linux.NativeCalls.capture;
import static io.faultline.uffd.linux.NativeCalls.result;
import static io.faultline.uffd.linux.NativeCalls.unexpected;
import static java.lang.foreign.Linker.Option.firstVariadicArg;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.faultline.uffd.SystemCallException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Pages that the kernel holds as it does while I/O from or to them is in flight (FOLL_PIN), for as
 * long as a test wants: a fixed buffer of io_uring ({@code io_uring_register(2)}).
 */
final class IoUringBuffer implements AutoCloseable {
  private static final long IO_URING_SETUP = 425; // the same on every architecture
  private static final long IO_URING_REGISTER = 427;
  private static final long REGISTER_BUFFERS = 0; // include/uapi/linux/io_uring.h
  private static final long UNREGISTER_BUFFERS = 1;
  private static final long PARAMS_BYTES = 120; // struct io_uring_params
  private static final long IOVEC_BYTES = 16;

  private static final MethodHandle SYSCALL =
      bind(
          "syscall",
          FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
          firstVariadicArg(1));

  private final int ring;

  private IoUringBuffer(int ring) {
    this.ring = ring;
  }

  /**
   * Pins the pages of a range; those that are missing are faulted in.
   *
   * @throws UnsupportedOperationException if the system forbids io_uring
   * @throws SystemCallException if the pages cannot be pinned
   */
  static IoUringBuffer pin(long address, long lengthBytes) {
    MemorySegment params = CallScratch.ofThread().buffer(PARAMS_BYTES).asSlice(0, PARAMS_BYTES);
    params.fill((byte) 0);
    long ring = syscall(IO_URING_SETUP, 1, params.address(), 0, 0);
    if (ring < 0) {
      throw new UnsupportedOperationException("io_uring is not permitted here: errno " + -ring);
    }
    MemorySegment buffer = CallScratch.ofThread().buffer(IOVEC_BYTES);
    buffer.set(JAVA_LONG, 0, address);
    buffer.set(JAVA_LONG, Long.BYTES, lengthBytes);
    long result = syscall(IO_URING_REGISTER, ring, REGISTER_BUFFERS, buffer.address(), 1);
    if (result < 0) {
      Libc.close((int) ring);
      throw new SystemCallException("io_uring_register(BUFFERS)", (int) -result);
    }
    return new IoUringBuffer((int) ring);
  }

  private static long syscall(long number, long one, long two, long three, long four) {
    try {
      return result((long) SYSCALL.invokeExact(capture(), number, one, two, three, four));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Unpins them: closing the ring alone would do so some time later. */
  @Override
  public void close() {
    syscall(IO_URING_REGISTER, ring, UNREGISTER_BUFFERS, 0, 0);
    Libc.close(ring);
  }
}
