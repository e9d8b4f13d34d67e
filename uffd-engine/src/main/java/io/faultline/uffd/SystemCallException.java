package io.faultline.uffd;

/** The kernel refused a system call for a reason other than an expected race. */
public final class SystemCallException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String call;
  private final int errno;

  /**
   * @param call the system call or ioctl with its arguments, in human-readable form: {@code
   *     UFFDIO_COPY(dst=0x7f..., src=0x7f..., len=4096, mode=0)}
   * @param errno the error number, positive
   */
  public SystemCallException(String call, int errno) {
    this(call, errno, "");
  }

  /**
   * @param hint the meaning of the error for this call and the remedy, or empty
   */
  public SystemCallException(String call, int errno, String hint) {
    super(call + " failed: " + Errno.name(errno) + (hint.isEmpty() ? "" : ": " + hint));
    this.call = call;
    this.errno = errno;
  }

  /** The call with its arguments. */
  public String call() {
    return call;
  }

  /** The error number, one of {@link Errno}'s constants or another positive number. */
  public int errno() {
    return errno;
  }
}
