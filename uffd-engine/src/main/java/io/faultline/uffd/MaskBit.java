package io.faultline.uffd;

import java.util.EnumSet;
import java.util.Set;

/** An enum constant that is one bit of a bit mask in the kernel's interface. */
interface MaskBit {
  /** The bit, as a mask of one bit. */
  long bit();

  /** The bit mask of a set. */
  static long mask(Set<? extends MaskBit> bits) {
    long mask = 0;
    for (MaskBit each : bits) {
      mask |= each.bit();
    }
    return mask;
  }

  /** The set of a bit mask, without bits that the enum does not know. */
  static <E extends Enum<E> & MaskBit> Set<E> ofMask(Class<E> type, long mask) {
    Set<E> bits = EnumSet.allOf(type);
    bits.removeIf(each -> (mask & each.bit()) == 0);
    return bits;
  }
}
