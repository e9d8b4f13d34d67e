package io.faultline.uffd.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.util.stream.Stream;

/**
 * Binds C functions by name, and turns failure into the negated errno:
 *
 * <pre>
 *   private static final MethodHandle CLOSE = bind("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
 *
 *   static int close(int fd) {
 *     try {
 *       return result((int) CLOSE.invokeExact(capture(), fd));
 *     } catch (Throwable t) {
 *       throw unexpected(t);
 *     }
 *   }
 * </pre>
 *
 * <p>No call is {@link Linker.Option#critical}, and none may be: a thread in a downcall is in
 * native state, so it can sleep in userfaultfd or run a guest without delaying the garbage
 * collector.
 *
 * <p>Thread-safe: errno is captured in memory of the calling thread.
 */
public final class NativeCalls {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
  private static final long ERRNO_OFFSET = CAPTURE.byteOffset(PathElement.groupElement("errno"));

  /** Allocated once per thread, so that calls allocate nothing; freed after the thread's end. */
  private static final ThreadLocal<MemorySegment> OF_THREAD =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(CAPTURE));

  private NativeCalls() {}

  /**
   * Binds a function of the C library that reports failure as -1 and errno.
   *
   * @param options for a variadic function {@link Linker.Option#firstVariadicArg}
   * @return a handle whose first argument is {@link #capture()}, followed by the arguments of
   *     {@code type}
   * @throws java.util.NoSuchElementException if the C library has no such function
   */
  public static MethodHandle bind(String name, FunctionDescriptor type, Linker.Option... options) {
    return bindWithoutErrno(
        name,
        type,
        Stream.concat(Stream.of(Linker.Option.captureCallState("errno")), Stream.of(options))
            .toArray(Linker.Option[]::new));
  }

  /**
   * Binds a function without capturing errno: the handle takes only the arguments of {@code type}.
   * Use it on hot paths: unless the compiler eliminates it, capturing errno allocates a 40-byte
   * view of the capture segment on each call.
   *
   * @param options as for {@link #bind}
   * @throws java.util.NoSuchElementException if the C library has no such function
   */
  public static MethodHandle bindWithoutErrno(
      String name, FunctionDescriptor type, Linker.Option... options) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type, options);
  }

  /** The memory of the calling thread in which the linker stores errno. */
  public static MemorySegment capture() {
    return OF_THREAD.get();
  }

  /**
   * Checks the result of the last downcall of the calling thread.
   *
   * @return {@code value}, or the negated errno if it is -1
   */
  public static int result(int value) {
    return value == -1 ? -errno() : value;
  }

  /** As {@link #result(int)}. */
  public static long result(long value) {
    return value == -1 ? -errno() : value;
  }

  /** Wraps the Throwable that {@code invokeExact} declares; a C function never throws. */
  public static AssertionError unexpected(Throwable t) {
    return new AssertionError("a downcall threw", t);
  }

  private static int errno() {
    return capture().get(JAVA_INT, ERRNO_OFFSET);
  }
}
