package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.proto.wire.Frame;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A source receives SIGTERM, as by Ctrl-C, at each stage of its migration. */
class CancelledTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int SIGTERM_EXIT = 128 + 15;
  private static final String CANCELLED = "cancelled at the source";

  @RegisterExtension private final Processes processes = new Processes();

  /** A stage before RUN, at which the source waits for a frame of the destination. */
  enum Stage {
    SET_UP("postcopy"),
    ROUND("hybrid"),
    /** The VM is paused for the last round. */
    LAST_ROUND("precopy"),
    READY("postcopy");

    private final String mode;

    Stage(String mode) {
      this.mode = mode;
    }

    private boolean waitsFor(Frame frame) {
      return switch (this) {
        case SET_UP -> frame.hasMemoryPrepared();
        case ROUND -> frame.hasRoundReceived();
        case LAST_ROUND -> frame.getRoundReceived().getRound() > 1;
        case READY -> frame.hasReady();
      };
    }
  }

  @ParameterizedTest
  @EnumSource(Stage.class)
  void bothSidesEndAndTheVmStaysAtTheSource(Stage stage) throws Exception {
    Node dest = processes.start("dest", "--listen=127.0.0.1:0", "--quiet", "--rehearsal=0ms");
    try (HoldingRelay relay = HoldingRelay.to(dest.awaitPort(), stage::waitsFor)) {
      Node source = source(relay.port(), "--mode=" + stage.mode);
      relay.held().get(60, TimeUnit.SECONDS);
      source.interrupt();
      assertCancelled(source);
      dest.awaitFailure(1, LIMIT);
      assertThat(dest.err()).singleElement().asString().contains(CANCELLED);
    }
  }

  @Test
  void migrationIsCancelledWhileItConnects() throws Exception {
    try (ServerSocket silent = Ports.listen()) {
      Node source = source(silent.getLocalPort());
      silent.accept().getInputStream().read(); // its hello
      source.interrupt();
      assertCancelled(source);
    }
  }

  @Test
  void afterRunTheDestinationOwnsTheVmAndMissingPagesAreReported() throws Exception {
    int meters = Ports.free();
    Node dest = processes.start("dest", "--listen=127.0.0.1:0", "--rehearsal=0ms");
    Node source = source(dest.awaitPort(), ControlSocket.HELD, "--metrics=127.0.0.1:" + meters);
    Meters.at(meters).awaitAbove("faultline_pages_background_total", 0);
    source.interrupt();
    source.awaitFailure(SIGTERM_EXIT, LIMIT);
    assertThat(source.err())
        .singleElement()
        .asString()
        .matches(
            ".*the destination owns the VM, and will not receive the [0-9]+ pages that were"
                + " not sent yet");
    dest.awaitError("paused: connection lost");
    assertThat(dest.isAlive()).as("the destination owns the VM").isTrue();
  }

  private static void assertCancelled(Node source) throws InterruptedException {
    source.awaitFailure(SIGTERM_EXIT, LIMIT);
    assertThat(source.err())
        .singleElement()
        .asString()
        .contains(CANCELLED, "the source still owned the VM, which ends with this process");
  }

  private Node source(int port, String... more) throws Exception {
    return processes.start(
        List.of("source", "--to=127.0.0.1:" + port, "--ram=32m", "--rehearsal=0ms", "--quiet"),
        more);
  }
}
