package io.faultline.proto.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.netty.channel.unix.FileDescriptor;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/** File descriptors, where Netty has no call for it (fcntl(2)). Thread-safe. */
public final class Descriptors {
  /** F_DUPFD_CLOEXEC of linux/fcntl.h: at least so large as the argument, closed on exec. */
  private static final int DUPLICATE = 1030;

  private static final MethodHandle FCNTL =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("fcntl"),
              FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT),
              Linker.Option.firstVariadicArg(2));

  private Descriptors() {}

  /** Another descriptor of the same file; null where the process may have no more. */
  public static @Nullable FileDescriptor duplicate(FileDescriptor of) {
    try {
      int made = (int) FCNTL.invokeExact(of.intValue(), DUPLICATE, 0);
      return made < 0 ? null : new FileDescriptor(made);
    } catch (Throwable e) { // invokeExact declares it; fcntl throws nothing
      throw new IllegalStateException(e);
    }
  }
}
