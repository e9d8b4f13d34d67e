package io.faultline.proto.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.netty.channel.unix.FileDescriptor;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/** Operations on file descriptors that Netty does not have (fcntl(2)). Thread-safe. */
public final class Descriptors {
  /** Of linux/fcntl.h: the lowest free descriptor from the argument on, closed on exec. */
  private static final int F_DUPFD_CLOEXEC = 1030;

  private static final int F_GETFL = 3;
  private static final int F_SETFL = 4;
  private static final int O_NONBLOCK = 0x800;

  private static final MethodHandle FCNTL =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("fcntl"),
              FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT),
              Linker.Option.firstVariadicArg(2));

  private Descriptors() {}

  /** Duplicates a descriptor; returns null if the process may open no more. */
  public static @Nullable FileDescriptor duplicate(FileDescriptor original) {
    int copy = fcntl(original.intValue(), F_DUPFD_CLOEXEC, 0);
    return copy < 0 ? null : new FileDescriptor(copy);
  }

  /**
   * Lets reads and writes of a descriptor return instead of waiting.
   *
   * @throws IllegalArgumentException if it is not open
   */
  public static void setNonBlocking(int descriptor) {
    int flags = fcntl(descriptor, F_GETFL, 0);
    if (flags < 0 || fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) < 0) {
      throw new IllegalArgumentException("descriptor " + descriptor + " is not open");
    }
  }

  private static int fcntl(int descriptor, int command, int argument) {
    try {
      return (int) FCNTL.invokeExact(descriptor, command, argument);
    } catch (Throwable e) { // invokeExact declares it; fcntl throws nothing
      throw new IllegalStateException(e);
    }
  }
}
