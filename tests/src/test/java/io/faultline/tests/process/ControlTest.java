package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code control} steers and shows a migration of other processes. */
class ControlTest {
  private static final long MIB = 1 << 20;

  @RegisterExtension private final Processes processes = new Processes();

  @Test
  void bandwidthPauseSwitchoverAndWatchWorkDuringAMigration() throws Exception {
    Path state = Files.createDirectory(processes.file("state"));
    Node dest = dest(state);
    Path json = processes.file("source.json");
    Node source =
        source(
            state,
            dest.awaitPort(),
            "--mode=hybrid",
            "--ram=256m",
            "--bandwidth=1m",
            "--json=" + json);
    awaitStatus(state, source, status -> name(status).equals("active"));
    assertThat(NodeStatus.of(processes, state, "source").path("control").asString())
        .startsWith("faultline control ");

    assertThat(done(state, "bandwidth", "4m")).contains("4m/s");
    awaitStatus(state, source, status -> ram(status, "mbps") > 2 * 8);
    JsonNode fast = JsonMapper.shared().readTree(done(state, "query", "--json", "--role=source"));
    assertThat(fast.path("max-bandwidth").asLong()).isEqualTo(4 * MIB);
    assertThat(fast.path("ram").path("total").asLong()).isEqualTo(256 * MIB);

    done(state, "pause");
    awaitStatus(state, source, status -> ram(status, "mbps") == 0);
    JsonNode held = query(state, source);
    assertThat(held.path("bulk-paused").asBoolean()).isTrue();
    assertThat(name(held)).isEqualTo("active");
    long until = held.path("total-time").asLong() + 300;
    awaitStatus(state, source, status -> status.path("total-time").asLong() > until);
    assertThat(query(state, source).path("ram").path("transferred").asLong())
        .isEqualTo(held.path("ram").path("transferred").asLong());

    done(state, "switch-over");
    awaitStatus(state, source, status -> name(status).equals("postcopy-active"));
    assertThat(query(state, source).path("bulk-paused").asBoolean()).isTrue();
    refused(state, "switch-over", "the destination owns the VM");
    refused(state, "cancel", "RUN was sent");
    Node atDest = control(state, "--role=dest", "cancel");
    assertThat(atDest.await(Node.LIMIT)).isEqualTo(1);
    assertThat(atDest.err()).anyMatch(line -> line.contains("RUN has arrived"));

    Node watch = control(state, "watch");
    done(state, "resume");
    done(state, "bandwidth", "unlimited");
    watch.awaitSuccess();
    assertThat(watch.out())
        .singleElement()
        .asString()
        .contains("completed", "the destination owns the VM");
    source.awaitSuccess();
    dest.awaitSuccess();
    assertThat(
            JsonMapper.shared()
                .readTree(Files.readString(json))
                .path("throughput_mib_s")
                .asDouble())
        .as("of the whole migration, which began with limits of 1 and 4")
        .isGreaterThan(4);
    assertThat(state).isEmptyDirectory();
  }

  @Test
  void cancelLeavesTheVmAtTheSource() throws Exception {
    Path state = Files.createDirectory(processes.file("state"));
    Node dest = dest(state);
    Node source = source(state, dest.awaitPort(), "--mode=hybrid", "--ram=64m", ControlSocket.HELD);
    awaitStatus(state, source, status -> name(status).equals("active"));
    done(state, "cancel");
    assertThat(source.await(Node.LIMIT)).isNotZero();
    assertThat(source.err()).anyMatch(line -> line.contains("the VM continues here"));
    assertThat(dest.await(Node.LIMIT)).isNotZero();
  }

  @Test
  void cancelAtTheDestinationLeavesTheVmAtTheSource() throws Exception {
    Path state = Files.createDirectory(processes.file("state"));
    Node dest = dest(state);
    Node source = source(state, dest.awaitPort(), "--mode=hybrid", "--ram=64m", ControlSocket.HELD);
    awaitStatus(state, source, status -> name(status).equals("active"));
    done(state, "--role=dest", "cancel");
    assertThat(dest.await(Node.LIMIT)).isNotZero();
    assertThat(source.await(Node.LIMIT)).isNotZero();
    assertThat(source.err())
        .anyMatch(line -> line.contains("cancelled") && line.contains("the VM continues here"));
  }

  @Test
  void addressGivenDuringAnOutageIsUsedAtOnce() throws Exception {
    Path state = Files.createDirectory(processes.file("state"));
    Node dest = dest(state);
    int port = dest.awaitPort();
    Node source;
    try (BreakingRelay relay = BreakingRelay.to(port, List.of(), kind -> {})) {
      source = source(state, relay.port(), "--ram=64m", ControlSocket.HELD);
      awaitStatus(state, source, status -> name(status).equals("postcopy-active"));
    }
    awaitStatus(state, source, status -> name(status).equals("postcopy-paused"));
    done(state, "to", "127.0.0.1:" + port);
    ControlSocket.of(source, state).release();
    source.awaitSuccess();
    dest.awaitSuccess();
  }

  @Test
  void pauseOutlastsTheConnection() throws Exception {
    Path state = Files.createDirectory(processes.file("state"));
    Node dest = dest(state);
    int port = dest.awaitPort();
    Node source;
    try (BreakingRelay relay = BreakingRelay.to(port, List.of(), kind -> {})) {
      source = source(state, relay.port(), "--ram=256m", ControlSocket.HELD);
      awaitStatus(state, source, status -> name(status).equals("postcopy-active"));
      done(state, "pause");
      done(state, "bandwidth", "unlimited"); // only the pause holds the pages
    }
    awaitStatus(state, source, status -> name(status).equals("postcopy-paused"));
    done(state, "to", "127.0.0.1:" + port);
    awaitStatus(state, source, status -> name(status).equals("postcopy-active"));
    JsonNode held = query(state, source);
    assertThat(held.path("bulk-paused").asBoolean()).isTrue();
    long until = held.path("total-time").asLong() + 300;
    awaitStatus(state, source, status -> status.path("total-time").asLong() > until);
    assertThat(query(state, source).path("ram").path("remaining").asLong())
        .as("pages that only requests bring")
        .isGreaterThan(64 * MIB);
    done(state, "resume");
    source.awaitSuccess();
    dest.awaitSuccess();
  }

  private Node dest(Path state) throws Exception {
    return processes.start(
        "dest", "--listen=127.0.0.1:0", "--quiet", "--run-on=0ms", "--state=" + state);
  }

  private Node source(Path state, int port, String... options) throws Exception {
    List<String> all =
        new ArrayList<>(List.of("source", "--to=127.0.0.1:" + port, "--quiet", "--state=" + state));
    all.addAll(List.of(options));
    return processes.start(all.toArray(String[]::new));
  }

  private Node control(Path state, String... words) throws Exception {
    List<String> all = new ArrayList<>(List.of("control", "--state=" + state));
    all.addAll(List.of(words));
    return processes.start(all.toArray(String[]::new));
  }

  private String done(Path state, String... words) throws Exception {
    Node control = control(state, words);
    control.awaitSuccess();
    return String.join("\n", control.out());
  }

  private void refused(Path state, String verb, String why) throws Exception {
    Node control = control(state, verb);
    control.awaitFailure(1, Node.LIMIT);
    assertThat(control.err()).singleElement().asString().contains("too late", why);
  }

  private static JsonNode query(Path state, Node node) throws IOException {
    return ControlSocket.of(node, state).query();
  }

  private static JsonNode awaitStatus(Path state, Node node, Predicate<JsonNode> wanted) {
    return ControlSocket.of(node, state).awaitStatus(wanted);
  }

  private static String name(JsonNode status) {
    return status.path("status").asString("");
  }

  private static double ram(JsonNode status, String field) {
    return status.path("ram").path(field).asDouble(-1);
  }
}
