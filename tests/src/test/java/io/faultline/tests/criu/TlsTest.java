package io.faultline.tests.criu;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.cli.bench.criu.Application;
import io.faultline.cli.bench.criu.CriuLab;
import io.faultline.cli.bench.criu.DestinationHost;
import io.faultline.cli.bench.criu.HostCommand;
import io.faultline.cli.bench.criu.SourceHost;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The pages travel over TLS as CRIU speaks it, with keys of the command {@code keys}. */
class TlsTest {
  private static final int MIB = 8;
  private static final String SOURCE_ADDRESS = "10.77.1.1";
  private static final String DESTINATION_ADDRESS = "10.77.1.2";

  @RegisterExtension private static final Labs LABS = new Labs();

  @TempDir private Path directory;

  @Test
  void pagesComeFromALazyDump() throws Exception {
    createKeys(SOURCE_ADDRESS);
    FrozenServer server = FrozenServer.create(LABS, MIB, tls("dest", "--tls-no-cn-verify"));
    HostCommand daemon =
        server
            .destination()
            .startDaemon(LABS.ownDaemon(), SourceHost.PAGE_SERVER_PORT, tls("source"));
    server.destination().restore();
    daemon.awaitSuccess(Labs.LIMIT);
    server.assertMoved();
  }

  @Test
  void dumpSendsItsPages() throws Exception {
    createKeys(DESTINATION_ADDRESS);
    CriuLab lab = LABS.open();
    DestinationHost destination = lab.destination();
    Application application = Application.memoryServer(LABS.programs(), MIB);
    lab.source().start(application);
    List<String> options = new ArrayList<>(destination.pageServerOptions());
    options.addAll(List.of(tls("dest", "--tls-no-cn-verify")));
    HostCommand server =
        destination.launch(LABS.ownDaemon(), "page-server", options).awaitReady(Labs.LIMIT);
    List<String> dumpOptions = new ArrayList<>(List.of(destination.dumpOptions()));
    dumpOptions.addAll(List.of(tls("source")));
    lab.source().dump(dumpOptions.toArray(String[]::new));
    server.awaitSuccess(Labs.LIMIT);
    destination.copyImages(lab.source());
    HostCommand daemon = destination.startLocalDaemon(LABS.ownDaemon());
    destination.restore();
    daemon.awaitSuccess(Labs.LIMIT);
    FrozenServer.assertRight(destination.client(application.port()), MIB);
  }

  @Test
  void certificateOfAnotherHostIsRefused() throws Exception {
    createKeys("other.example");
    assertThat(outputOfFailedRestore(tls("source"))).contains("TLS", SOURCE_ADDRESS);
  }

  @Test
  void serverThatWantsTlsIsNamed() throws Exception {
    createKeys(SOURCE_ADDRESS);
    assertThat(outputOfFailedRestore()).contains("--tls");
  }

  /** What the daemon prints; the source runs on. */
  private String outputOfFailedRestore(String... options) throws Exception {
    FrozenServer server = FrozenServer.create(LABS, MIB, tls("dest", "--tls-no-cn-verify"));
    HostCommand daemon =
        server.destination().startDaemon(LABS.ownDaemon(), SourceHost.PAGE_SERVER_PORT, options);
    HostCommand _ = server.destination().startRestore();
    assertThat(daemon.await(Labs.LIMIT)).as("exit code").isEqualTo(1);
    server.assertRolledBack();
    assertThat(daemon.output()).doesNotContain("Exception", "\tat ");
    return daemon.output();
  }

  private void createKeys(String host) throws Exception {
    List<String> command = new ArrayList<>(LABS.ownDaemon().program());
    command.addAll(List.of("keys", keys().toString(), "--host", host));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }

  private Path keys() {
    return directory.resolve("keys");
  }

  private String[] tls(String side, String... more) {
    Path set = keys().resolve(side);
    List<String> options = new ArrayList<>(List.of("--tls"));
    options.addAll(List.of("--tls-cacert", set.resolve("ca.pem").toString()));
    options.addAll(List.of("--tls-cert", set.resolve("cert.pem").toString()));
    options.addAll(List.of("--tls-key", set.resolve("key.pem").toString()));
    options.addAll(List.of(more));
    return options.toArray(String[]::new);
  }
}
