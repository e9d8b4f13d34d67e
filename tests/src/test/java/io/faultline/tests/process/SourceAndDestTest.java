package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.cli.keys.CertificateAuthority.Use;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code source} and {@code dest}, started separately. */
class SourceAndDestTest {
  @RegisterExtension private final Processes processes = new Processes();

  @Test
  void vmMovesOverLoopbackAndMetricsOfBothSidesShowIt() throws Exception {
    int destMeters = Ports.free();
    int sourceMeters = Ports.free();
    Path destJson = processes.file("dest.json");
    Path sourceJson = processes.file("source.json");
    Node dest =
        processes.start(
            "dest",
            "--listen=127.0.0.1:0",
            "--metrics=127.0.0.1:" + destMeters,
            "--json=" + destJson);
    Node source =
        processes.start(
            "source",
            "--to=127.0.0.1:" + dest.awaitPort(),
            "--metrics=127.0.0.1:" + sourceMeters,
            ControlSocket.HELD,
            "--ram=64m",
            "--json=" + sourceJson);
    Meters atSource = Meters.at(sourceMeters);
    await().atMost(Node.LIMIT).until(atSource::isServed);
    assertThat(atSource.read()).contains("# TYPE faultline_", "# HELP faultline_");
    Meters atDest = Meters.at(destMeters);
    atSource.awaitAbove("faultline_pages_background_total", 0);
    atDest.awaitAbove("faultline_pages_placed_bulk_total", 0);
    atDest.awaitAbove("faultline_faults_total", 0);
    ControlSocket.of(source, processes.defaultState()).release();
    source.awaitSuccess();
    dest.awaitSuccess();
    Result.read(destJson).assertVerified();
    assertThat(Result.read(sourceJson).text("vm_location")).isEqualTo("destination");
  }

  @Test
  void vmMovesFromOneNetworkNamespaceToAnother() throws Exception {
    try (Namespaces namespaces = Namespaces.create()) {
      assumeTrue(namespaces.exist(), namespaces.reason());
      Path json = processes.file("dest.json");
      TestCa ca = new TestCa("test CA");
      Path destKeys = ca.valid(processes.file("dest"), Use.DESTINATION, Namespaces.SECOND_ADDRESS);
      Path sourceKeys = ca.valid(processes.file("source"), Use.SOURCE);
      Node dest =
          processes.startWith(
              namespaces.inSecond(),
              List.of(
                  "dest",
                  "--tls=" + destKeys,
                  "--listen=" + Namespaces.SECOND_ADDRESS + ":0",
                  "--json=" + json));
      String to = Namespaces.SECOND_ADDRESS + ":" + dest.awaitPort();
      Node source =
          processes.startWith(
              namespaces.inFirst(),
              List.of("source", "--tls=" + sourceKeys, "--to=" + to, "--ram=64m"));
      source.awaitSuccess();
      dest.awaitSuccess();
      Result.read(json).assertVerified();
    }
  }
}
