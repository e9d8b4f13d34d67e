package io.faultline.demo.kvm.linux;

/** A guest touched a page that is poisoned: a machine check on real hardware. */
public final class GuestMemoryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  GuestMemoryException() {
    super("memory error: the guest touched a page that is poisoned");
  }
}
