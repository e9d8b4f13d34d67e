package io.faultline.uffd;

/** The ways to open a userfaultfd. */
public enum OpenPath {
  /** The system call userfaultfd(2). */
  SYSCALL,
  /** {@code USERFAULTFD_IOC_NEW} on {@code /dev/userfaultfd}, since Linux 6.1. */
  DEVICE,
  /** The system call, else the device. */
  ANY
}
