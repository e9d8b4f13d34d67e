package io.faultline.paging.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Lets the calling thread access files as an ordinary user does (setfsuid(2)), until it closes. */
final class OtherUser implements AutoCloseable {
  private static final int NOBODY = 65534;
  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle SETFSUID =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("setfsuid"),
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

  private final int before;

  private OtherUser(int before) {
    this.before = before;
  }

  /** Skips the test unless it is run by root; others need no other user to have no permission. */
  static OtherUser become() {
    int before = set(NOBODY);
    assumeTrue(before == 0, "not root");
    assertThat(set(NOBODY)).as("the user now").isEqualTo(NOBODY);
    return new OtherUser(before);
  }

  private static int set(int user) {
    try {
      return (int) SETFSUID.invokeExact(user);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  @Override
  public void close() {
    set(before);
    assertThat(set(before)).as("the user again").isEqualTo(before);
  }
}
