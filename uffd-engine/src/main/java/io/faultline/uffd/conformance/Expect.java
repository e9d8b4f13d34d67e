package io.faultline.uffd.conformance;

import io.faultline.uffd.Errno;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.SystemCallException;
import java.util.Objects;

/** The assertions of the cases. Each fails with the expected and the actual value. */
final class Expect {
  private Expect() {}

  static void that(boolean holds, String failure) {
    if (!holds) {
      throw new ExpectationFailedException(failure);
    }
  }

  static void same(String what, Object expected, Object actual) {
    if (!Objects.equals(expected, actual)) {
      throw new ExpectationFailedException(what + ": expected " + expected + ", was " + actual);
    }
  }

  static void equal(String what, long expected, long actual) {
    if (expected != actual) {
      throw new ExpectationFailedException(
          String.format(
              "%s: expected %d (0x%x), was %d (0x%x)", what, expected, expected, actual, actual));
    }
  }

  /** Expects that a fill did all of its bytes. */
  static void complete(String what, long bytes, long result) {
    filled(what, bytes, 0, result);
  }

  /** Expects that a fill did {@code bytes} bytes and ended with an errno. */
  static void filled(String what, long bytes, int errno, long result) {
    String expected = FillResult.describe(FillResult.of(bytes, errno));
    same(what, expected, FillResult.describe(result));
  }

  /** Expects that a call is refused with an errno, thrown or in its result. */
  static void refused(String what, int errno, Call call) {
    int actual;
    try {
      actual = FillResult.errno(call.run());
    } catch (SystemCallException e) {
      actual = e.errno();
    }
    same(what, Errno.name(errno), Errno.name(actual));
  }

  /** A call that returns a {@link FillResult}. */
  @FunctionalInterface
  interface Call {
    long run();
  }

  /** Adapts a call without a result. */
  static Call call(Runnable call) {
    return () -> {
      call.run();
      return 0;
    };
  }
}
