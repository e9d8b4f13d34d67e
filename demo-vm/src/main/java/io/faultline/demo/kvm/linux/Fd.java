package io.faultline.demo.kvm.linux;

import io.faultline.uffd.SystemCallException;

/**
 * A file descriptor of KVM. Close it once.
 *
 * @param number the descriptor
 */
record Fd(int number) {
  /**
   * Calls an ioctl.
   *
   * @throws SystemCallException if it fails
   */
  int call(String name, long request, long argument) {
    int result = Libc.ioctl(number, request, argument);
    if (result < 0) {
      throw new SystemCallException(name, -result);
    }
    return result;
  }

  void close() {
    int result = Libc.close(number);
    if (result < 0) {
      throw new SystemCallException("close", -result);
    }
  }
}
