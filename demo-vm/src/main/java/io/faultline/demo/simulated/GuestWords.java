package io.faultline.demo.simulated;

/** Guest memory as a guest program accesses it: eight bytes at offsets that are multiples of 8. */
interface GuestWords {
  long load(long offsetBytes);

  void store(long offsetBytes, long value);
}
