package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.proto.wire.Frame;
import io.faultline.source.journal.JournalStage;
import io.faultline.source.journal.Journals;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A source is killed between READY and RUN and resumed: the VM continues there, and its destination
 * ends.
 */
class SwitchoverCancelledTest {
  private static final String TOKEN = "a token that both sides know";

  @RegisterExtension private final Processes processes = new Processes();

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void readyDestinationIsNotifiedThatTheVmContinuesAtTheSource(boolean token) throws Exception {
    Path state = Files.createDirectory(processes.file("state"));
    List<String> secret = token ? List.of("--token-file=" + tokenFile()) : List.of();
    Node dest = start(secret, "dest", "--listen=127.0.0.1:0", "--quiet", "--state=" + state);
    try (MemoryFile memory = MemoryFile.named("cancelled");
        HoldingRelay relay = HoldingRelay.to(dest.awaitPort(), Frame::hasReady)) {
      Node source = source(secret, relay, state, memory);
      relay.held().get(60, TimeUnit.SECONDS);
      JournalDirectory.awaitStage(state, JournalStage.PAUSED);
      source.kill();
      assertThat(source.await(Node.LIMIT)).isNotZero();
      assertThat(NodeStatus.of(processes, state, "source").path("vm").asString())
          .isEqualTo("source");
      assertThat(NodeStatus.of(processes, state, "destination").path("vm").asString())
          .isEqualTo("undecided");
      Node resumed = start(secret, resume(state));
      resumed.awaitFailure(1, Node.LIMIT);
      assertThat(resumed.err())
          .anyMatch(line -> line.contains("the VM continues here from"))
          .anyMatch(line -> line.contains("the destination was notified that the VM will not come"))
          .anyMatch(line -> line.contains("the VM finished here, verified"));
      dest.awaitFailure(1, Node.LIMIT);
      assertThat(dest.err().getLast())
          .contains("the source gave up: RUN was never sent, and the VM continues at the source");
      assertThat(new Journals(state).list()).as("journals left").isEmpty();
      assertThat(state).as("status files left").isEmptyDirectory();
    }
  }

  @Test
  void vmContinuesWhenTheDestinationCannotBeReached() throws Exception {
    Path state = Files.createDirectory(processes.file("state"));
    Node dest = start(List.of(), "dest", "--listen=127.0.0.1:0", "--quiet");
    try (MemoryFile memory = MemoryFile.named("unreachable");
        HoldingRelay relay = HoldingRelay.to(dest.awaitPort(), Frame::hasReady)) {
      Node source = source(List.of(), relay, state, memory);
      relay.held().get(60, TimeUnit.SECONDS);
      JournalDirectory.awaitStage(state, JournalStage.PAUSED);
      source.kill();
      assertThat(source.await(Node.LIMIT)).isNotZero();
      relay.stopListening();
      Node resumed = start(List.of(), resume(state));
      resumed.awaitFailure(1, Node.LIMIT);
      assertThat(resumed.err())
          .anyMatch(
              line ->
                  line.contains("the destination could not be notified: cannot connect")
                      && line.contains("it will not run the VM"))
          .anyMatch(line -> line.contains("the VM finished here, verified"));
      assertThat(dest.isAlive()).as("the destination waits").isTrue();
    }
  }

  private Node source(List<String> secret, HoldingRelay relay, Path state, MemoryFile memory)
      throws Exception {
    return start(
        secret,
        "source",
        "--to=127.0.0.1:" + relay.port(),
        "--ram=32m",
        "--ops=3000000",
        "--warm-up=0ms",
        "--quiet",
        "--state=" + state,
        memory.asBacking());
  }

  private static String[] resume(Path state) throws Exception {
    String id = new Journals(state).list().getFirst().id();
    return new String[] {"source", "--resume=" + id, "--state=" + state};
  }

  private Node start(List<String> secret, String... arguments) throws Exception {
    return processes.start(List.of(arguments), secret.toArray(String[]::new));
  }

  private Path tokenFile() throws Exception {
    return Files.writeString(processes.file("token"), TOKEN);
  }
}
