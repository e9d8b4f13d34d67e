package io.faultline.uffd;

/** The two doors to a userfaultfd. */
public enum OpenPath {
  /** The system call. */
  SYSCALL,
  /** {@code USERFAULTFD_IOC_NEW} on {@code /dev/userfaultfd}, since Linux 6.1. */
  DEVICE,
  /** The system call, else the device. */
  ANY
}
