package io.faultline.uffd.linux.injection;

import java.util.Arrays;

/**
 * A system call to make in another process. It must not wait: the thread that makes it does nothing
 * else until it returns. Addresses among the arguments are those of the other process.
 */
final class SystemCall {
  private static final int MAX_ARGUMENTS = 6;

  private final String name;
  private final long number;
  private final long[] arguments;

  /**
   * @param name for messages
   * @param number of the architecture of this machine
   * @param arguments at most six
   */
  SystemCall(String name, long number, long... arguments) {
    if (arguments.length > MAX_ARGUMENTS) {
      throw new IllegalArgumentException(arguments.length + " arguments: a system call has six");
    }
    this.name = name;
    this.number = number;
    this.arguments = Arrays.copyOf(arguments, MAX_ARGUMENTS);
  }

  /** Opens a userfaultfd, before UFFDIO_API. */
  static SystemCall userfaultfd(int flags) {
    return new SystemCall("userfaultfd", Architecture.current().userfaultfdNumber(), flags);
  }

  static SystemCall ioctl(int descriptor, long request, long argument) {
    return new SystemCall(
        "ioctl", Architecture.current().ioctlNumber(), descriptor, request, argument);
  }

  static SystemCall close(int descriptor) {
    return new SystemCall("close", Architecture.current().closeNumber(), descriptor);
  }

  long number() {
    return number;
  }

  /** An argument; those that were not given are 0. */
  long argument(int index) {
    return arguments[index];
  }

  @Override
  public String toString() {
    return name;
  }
}
