package io.faultline.demo.simulated;

import io.faultline.memory.GuestAccess;

/** Guest memory whose pages may be missing: accessed through the software TLB. */
record TlbWords(GuestAccess access) implements GuestWords {
  @Override
  public long load(long offsetBytes) {
    return access.load(offsetBytes);
  }

  @Override
  public void store(long offsetBytes, long value) {
    access.store(offsetBytes, value);
  }
}
