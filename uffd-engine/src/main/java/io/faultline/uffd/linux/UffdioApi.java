package io.faultline.uffd.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/**
 * {@code struct uffdio_api}, {@code include/uapi/linux/userfaultfd.h}.
 *
 * <pre>
 *  0        8          16       24
 *  +--------+----------+--------+
 *  | api    | features | ioctls |
 *  +--------+----------+--------+
 * </pre>
 *
 * {@code api} is 0xAA; {@code features} are the requested features on input and the kernel's on
 * output; {@code ioctls} is output.
 */
final class UffdioApi {
  static final long IOCTL = 0xc018aa3fL;
  static final long VERSION = 0xAAL;

  static final StructLayout LAYOUT = Layouts.longs("api", "features", "ioctls");
  static final long API = Layouts.offset(LAYOUT, "api");
  static final long FEATURES = Layouts.offset(LAYOUT, "features");
  static final long IOCTLS = Layouts.offset(LAYOUT, "ioctls");

  static {
    Layouts.checkIoctlSize(LAYOUT, IOCTL);
  }

  private UffdioApi() {}

  /** The argument of a call, in the {@link CallScratch} of the calling thread. */
  static MemorySegment argument(long version, long features) {
    MemorySegment argument = CallScratch.ofThread().argument();
    argument.set(JAVA_LONG, API, version);
    argument.set(JAVA_LONG, FEATURES, features);
    argument.set(JAVA_LONG, IOCTLS, 0);
    return argument;
  }
}
