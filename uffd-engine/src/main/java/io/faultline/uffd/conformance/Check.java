package io.faultline.uffd.conformance;

import io.faultline.uffd.Errno;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.SystemCallException;
import java.util.Objects;

/** What cases hold the engine to. Each fails with what was expected and what came. */
final class Check {
  private Check() {}

  static void that(boolean holds, String otherwise) {
    if (!holds) {
      throw new CheckFailedException(otherwise);
    }
  }

  static void same(String what, Object expected, Object actual) {
    if (!Objects.equals(expected, actual)) {
      throw new CheckFailedException(what + ": expected " + expected + ", was " + actual);
    }
  }

  static void equal(String what, long expected, long actual) {
    if (expected != actual) {
      throw new CheckFailedException(
          String.format(
              "%s: expected %d (0x%x), was %d (0x%x)", what, expected, expected, actual, actual));
    }
  }

  /** A fill did all its bytes. */
  static void complete(String what, long bytes, long result) {
    filled(what, bytes, 0, result);
  }

  /** A fill did so many bytes and ended with an errno. */
  static void filled(String what, long bytes, int errno, long result) {
    String expected = FillResult.describe(FillResult.of(bytes, errno));
    same(what, expected, FillResult.describe(result));
  }

  /** A call was refused with an errno, thrown or in a result without progress. */
  static void refused(String what, int errno, Call call) {
    int actual;
    try {
      actual = FillResult.errno(call.run());
    } catch (SystemCallException e) {
      actual = e.errno();
    }
    same(what, Errno.name(errno), Errno.name(actual));
  }

  /** A call that gives a {@link FillResult}. */
  @FunctionalInterface
  interface Call {
    long run();
  }

  /** A call without a result. */
  static Call call(Runnable call) {
    return () -> {
      call.run();
      return 0;
    };
  }
}
