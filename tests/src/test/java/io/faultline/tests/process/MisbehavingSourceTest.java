package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.faultline.proto.Hellos;
import io.faultline.proto.wire.DeviceState;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Run;
import java.io.IOException;
import java.time.Duration;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A destination validates everything that it receives: one error names the problem, and it ends.
 */
class MisbehavingSourceTest {
  private static final long TIB = 1L << 40;

  @RegisterExtension private final Processes processes = new Processes();

  /** What a source sends after its hello. */
  interface Action {
    void run(FakeSource source) throws IOException;
  }

  static Stream<Arguments> invalidData() {
    return Stream.of(
        invalid("unknown region", "region 7, ", onBulk(source -> source.sendPages(7, 0, 1, 4096))),
        invalid("page outside", "4096 of region 0", onBulk(s -> s.sendPages(0, 4096, 1, 4096))),
        invalid(
            "run that ends outside", "2 pages from 4095", onBulk(MisbehavingSourceTest::beyond)),
        invalid("no pages at all", "0 pages from 0", onBulk(s -> s.sendPages(0, 0, 0, 0))),
        invalid("wrong length", "payload of 100 bytes", onBulk(s -> s.sendPages(0, 0, 1, 100))),
        invalid("endless payload", "" + Long.MAX_VALUE, onBulk(MisbehavingSourceTest::endless)),
        invalid(
            "pages too early", "run of pages during RECEIVING", s -> s.sendPages(0, 0, 1, 4096)),
        invalid(
            "unrequested pages",
            "run of pages during",
            afterMemory(s -> s.sendPages(0, 0, 1, 4096))),
        invalid("RUN too early", "unexpected RUN during RECEIVING", MisbehavingSourceTest::run),
        invalid("RUN without READY", "unexpected RUN", afterMemory(MisbehavingSourceTest::run)),
        invalid("two descriptions", "unexpected VM_DESCRIPTION", afterMemory(FakeSource::describe)),
        invalid(
            "unexpected device state",
            "device state",
            afterMemory(MisbehavingSourceTest::deviceState)),
        invalid(
            "negative size", "" + Long.MIN_VALUE, s -> s.describe(1 << 20, Long.MIN_VALUE, 4096)),
        invalid("broken pages", "4097", s -> s.describe(1 << 20, 1 << 20, 4097)),
        invalid("half a page", "5000", s -> s.describe(1 << 20, 5000, 4096)),
        invalid("two sizes", "announced as 8192", s -> s.describe(1 << 20, 8192, 4096)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("invalidData")
  void invalidDataEndsTheDestinationWithAnErrorThatNamesIt(String name, String named, Action action)
      throws Exception {
    try (DestinationInThisJvm dest = new DestinationInThisJvm(Duration.ofMillis(200));
        FakeSource source = FakeSource.connect(dest.port(), 1)) {
      FakeSource.assertAccepted(source.receive());
      action.run(source);
      assertThat(dest.awaitError()).contains(named);
      assertThat(dest.log()).isEmpty();
    }
  }

  static Stream<Arguments> invalidDataForACommand() {
    return Stream.of(
        invalid("page outside", "4096 of region 0", onBulk(s -> s.sendPages(0, 4096, 1, 4096))),
        invalid("absurd size", "" + (1L << 60), s -> s.describe(1L << 60, 1L << 60, 4096)),
        invalid(
            "too large for the machine",
            "it does not fit",
            s -> s.describe(32 * TIB, 32 * TIB, 4096)));
  }

  @Execution(ExecutionMode.CONCURRENT)
  @ParameterizedTest(name = "{0}")
  @MethodSource("invalidDataForACommand")
  void invalidDataEndsTheCommandWithOneLine(String name, String named, Action action)
      throws Exception {
    Node dest = processes.start("dest", "--listen=127.0.0.1:0", "--quiet");
    try (FakeSource source = FakeSource.connect(dest.awaitPort(), 1)) {
      FakeSource.assertAccepted(source.receive());
      action.run(source);
      dest.awaitFailure(1, Node.LIMIT);
    }
    assertThat(dest.err()).singleElement().asString().startsWith("faultline: ").contains(named);
  }

  @Execution(ExecutionMode.CONCURRENT)
  @Test
  void secondMigrationAndForeignBulkConnectionAreRefused() throws Exception {
    Node dest = processes.start("dest", "--listen=127.0.0.1:0", "--quiet");
    int port = dest.awaitPort();
    try (FakeSource first = FakeSource.connect(port, 1)) {
      first.receive();
      try (FakeSource second = FakeSource.connect(port, 2)) {
        assertRefused(second.receive(), "busy with another migration");
        assertRefused(first.openBulk(second.id()), "a migration that is not under way");
      }
      assertRefused(first.openControlAgain(1), "attempt 1 is not later than attempt 1");
      assertRefused(first.openControlAgain(2), "new connections during RECEIVING");
      FakeSource.assertAccepted(first.openBulk(first.id()));
      first.prepareMemory();
    }
    dest.awaitFailure(1, Node.LIMIT);
    assertThat(dest.err()).hasSize(5);
    assertThat(dest.err().getLast()).contains("connection to the source was lost");
  }

  private static void assertRefused(@Nullable Frame answer, String why) {
    assertThat(FakeSource.failure(answer)).contains(why);
  }

  private static Arguments invalid(String name, String named, Action action) {
    return Arguments.of(name, named, action);
  }

  /** The same after memory has been announced and prepared. */
  private static Action afterMemory(Action action) {
    return source -> {
      source.prepareMemory();
      action.run(source);
    };
  }

  /** The same on the bulk connection, where pages need no request. */
  private static Action onBulk(Action action) {
    return afterMemory(
        source -> {
          FakeSource.assertAccepted(source.openBulk(source.id()));
          action.run(source);
        });
  }

  private static void beyond(FakeSource source) throws IOException {
    source.sendPages(0, 4095, 2, 8192);
  }

  private static void endless(FakeSource source) throws IOException {
    source.sendPages(0, 0, 1, Long.MAX_VALUE);
  }

  private static void run(FakeSource source) throws IOException {
    source.send(Frame.newBuilder().setRun(Run.getDefaultInstance()).build());
  }

  private static void deviceState(FakeSource source) throws IOException {
    ByteString garbage = ByteString.copyFrom(new byte[Hellos.MIGRATION_ID_BYTES]);
    source.send(
        Frame.newBuilder().setDeviceState(DeviceState.newBuilder().setState(garbage)).build());
  }
}
