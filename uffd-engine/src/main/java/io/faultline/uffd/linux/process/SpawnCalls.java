package io.faultline.uffd.linux.process;

import static io.faultline.uffd.linux.NativeCalls.bind;
import static io.faultline.uffd.linux.NativeCalls.bindWithoutErrno;
import static io.faultline.uffd.linux.NativeCalls.capture;
import static io.faultline.uffd.linux.NativeCalls.result;
import static io.faultline.uffd.linux.NativeCalls.unexpected;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Downcalls of posix_spawn(3). Those of the {@code posix_spawn} family return 0 or a positive error
 * number.
 */
final class SpawnCalls {
  /** More than {@code posix_spawn_file_actions_t}: 80 bytes in glibc and musl. */
  static final long FILE_ACTIONS_BYTES = 256;

  /** More than {@code posix_spawnattr_t}: 336 bytes in glibc and musl. */
  static final long ATTRIBUTES_BYTES = 1024;

  static final long SIGNAL_SET_BYTES = 128;

  static final short SET_SIGNAL_MASK = 0x08;
  static final short SET_SIGNAL_DEFAULTS = 0x04;
  static final short SET_SESSION = 0x80;

  private static final FunctionDescriptor POINTER = FunctionDescriptor.of(JAVA_INT, JAVA_LONG);
  private static final FunctionDescriptor TWO_POINTERS =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final FunctionDescriptor POINTER_INT =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT);

  private static final MethodHandle SPAWN =
      bindWithoutErrno(
          "posix_spawn",
          FunctionDescriptor.of(
              JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle ACTIONS_INIT =
      bindWithoutErrno("posix_spawn_file_actions_init", POINTER);
  private static final MethodHandle ACTIONS_DESTROY =
      bindWithoutErrno("posix_spawn_file_actions_destroy", POINTER);
  private static final MethodHandle ADD_OPEN =
      bindWithoutErrno(
          "posix_spawn_file_actions_addopen",
          FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT));
  private static final MethodHandle ADD_DUP2 =
      bindWithoutErrno(
          "posix_spawn_file_actions_adddup2",
          FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT));
  private static final MethodHandle ADD_CLOSE =
      bindWithoutErrno("posix_spawn_file_actions_addclose", POINTER_INT);

  /** Since glibc 2.34. */
  private static final @Nullable MethodHandle ADD_CLOSE_FROM =
      bindIfPresent("posix_spawn_file_actions_addclosefrom_np", POINTER_INT);

  /** Since glibc 2.29. */
  private static final @Nullable MethodHandle ADD_CHDIR =
      bindIfPresent("posix_spawn_file_actions_addchdir_np", TWO_POINTERS);

  private static final MethodHandle ATTRIBUTES_INIT =
      bindWithoutErrno("posix_spawnattr_init", POINTER);
  private static final MethodHandle ATTRIBUTES_DESTROY =
      bindWithoutErrno("posix_spawnattr_destroy", POINTER);
  private static final MethodHandle SET_FLAGS =
      bindWithoutErrno(
          "posix_spawnattr_setflags", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_SHORT));
  private static final MethodHandle SET_DEFAULTS =
      bindWithoutErrno("posix_spawnattr_setsigdefault", TWO_POINTERS);
  private static final MethodHandle WAITPID =
      bind("waitpid", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT));

  private SpawnCalls() {}

  static int spawn(
      long pid, long path, long actions, long attributes, long arguments, long environment) {
    try {
      return (int) SPAWN.invokeExact(pid, path, actions, attributes, arguments, environment);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int initActions(long actions) {
    return call(ACTIONS_INIT, actions);
  }

  static int destroyActions(long actions) {
    return call(ACTIONS_DESTROY, actions);
  }

  static int addOpen(long actions, int fd, long path, int flags) {
    try {
      return (int) ADD_OPEN.invokeExact(actions, fd, path, flags, 0);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int addDup2(long actions, int from, int to) {
    try {
      return (int) ADD_DUP2.invokeExact(actions, from, to);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int addClose(long actions, int fd) {
    return call(ADD_CLOSE, actions, fd);
  }

  static boolean canCloseFrom() {
    return ADD_CLOSE_FROM != null;
  }

  static int addCloseFrom(long actions, int lowest) {
    MethodHandle function = ADD_CLOSE_FROM;
    if (function == null) {
      throw new IllegalStateException("the C library cannot close a range of descriptors");
    }
    return call(function, actions, lowest);
  }

  /** Changes the working directory, if the C library can. */
  static int addChangeDirectory(long actions, long path) {
    MethodHandle function = ADD_CHDIR;
    if (function == null) {
      return 0;
    }
    try {
      return (int) function.invokeExact(actions, path);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int initAttributes(long attributes) {
    return call(ATTRIBUTES_INIT, attributes);
  }

  static int destroyAttributes(long attributes) {
    return call(ATTRIBUTES_DESTROY, attributes);
  }

  static int setFlags(long attributes, short flags) {
    try {
      return (int) SET_FLAGS.invokeExact(attributes, flags);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int setSignalDefaults(long attributes, long signals) {
    try {
      return (int) SET_DEFAULTS.invokeExact(attributes, signals);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Waits for a child to end, and reaps it; a negated errno if there is no such child. */
  static int reap(int pid) {
    try {
      return result((int) WAITPID.invokeExact(capture(), pid, 0L, 0));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static int call(MethodHandle function, long pointer) {
    try {
      return (int) function.invokeExact(pointer);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static int call(MethodHandle function, long pointer, int argument) {
    try {
      return (int) function.invokeExact(pointer, argument);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static @Nullable MethodHandle bindIfPresent(String name, FunctionDescriptor type) {
    try {
      return bindWithoutErrno(name, type);
    } catch (NoSuchElementException e) {
      return null;
    }
  }
}
