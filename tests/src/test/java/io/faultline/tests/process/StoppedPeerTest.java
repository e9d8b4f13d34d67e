package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One node is stopped: its kernel still acknowledges, so its connections stay open. */
class StoppedPeerTest {
  @RegisterExtension private final Processes processes = new Processes();

  @Test
  void destinationEndsWhenItsSourceIsStoppedDuringPrecopyAndTheVmStaysThere() throws Exception {
    int meters = Ports.free();
    Node dest = processes.start("dest", "--listen=127.0.0.1:0", "--rehearsal=0ms");
    Node source =
        processes.start(
            "source",
            "--to=127.0.0.1:" + dest.awaitPort(),
            "--metrics=127.0.0.1:" + meters,
            "--mode=precopy",
            "--ram=64m",
            ControlSocket.HELD,
            "--quiet");
    Meters.at(meters).awaitAbove("faultline_pages_precopy_total", 0);
    source.freeze();
    dest.awaitFailure(1, Node.LIMIT);
    assertThat(dest.err())
        .anyMatch(
            line -> line.matches(".*waiting for the source 127.0.0.1:\\d+ to send anything:.*"))
        .last()
        .asString()
        .contains("the source has been silent for too long during precopy");
    source.thaw();
    source.awaitFailure(1, Node.LIMIT);
    assertThat(source.err())
        .anyMatch(
            line -> line.contains("silent for too long during precopy; the VM continues here"));
  }
}
