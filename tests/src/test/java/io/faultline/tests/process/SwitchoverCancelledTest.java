package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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
 * A source that is killed between READY and RUN: the VM goes on there, and its destination ends.
 */
class SwitchoverCancelledTest {
  private static final String TOKEN = "a token that both ends know";

  @RegisterExtension private final Processes processes = new Processes();

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void destinationThatIsReadyHearsThatItsVmGoesOnAtTheSource(boolean token) throws Exception {
    Path state = Files.createDirectory(processes.file("state"));
    List<String> secret = token ? List.of("--token-file=" + tokenFile()) : List.of();
    Node dest = start(secret, "dest", "--listen=127.0.0.1:0", "--quiet", "--state=" + state);
    try (MemoryFile memory = MemoryFile.named("withdrawn");
        HoldingRelay relay = HoldingRelay.to(dest.awaitPort(), Frame::hasReady)) {
      Node source = source(secret, relay, state, memory);
      relay.held().get(60, TimeUnit.SECONDS);
      awaitPaused(state);
      source.kill();
      assertThat(source.await(Node.LIMIT)).isNotZero();
      assertThat(Statuses.one(processes, state, "source").path("vm").asString())
          .isEqualTo("source");
      assertThat(Statuses.one(processes, state, "destination").path("vm").asString())
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
      assertThat(state).as("what nodes say").isEmptyDirectory();
    }
  }

  @Test
  void vmGoesOnWhereNobodyCanBeTold() throws Exception {
    Path state = Files.createDirectory(processes.file("state"));
    Node dest = start(List.of(), "dest", "--listen=127.0.0.1:0", "--quiet");
    try (MemoryFile memory = MemoryFile.named("untold");
        HoldingRelay relay = HoldingRelay.to(dest.awaitPort(), Frame::hasReady)) {
      Node source = source(List.of(), relay, state, memory);
      relay.held().get(60, TimeUnit.SECONDS);
      awaitPaused(state);
      source.kill();
      assertThat(source.await(Node.LIMIT)).isNotZero();
      relay.vanish();
      Node resumed = start(List.of(), resume(state));
      resumed.awaitFailure(1, Node.LIMIT);
      assertThat(resumed.err())
          .anyMatch(
              line ->
                  line.contains("the destination could not be notified: cannot connect")
                      && line.contains("it will not run the VM"))
          .anyMatch(line -> line.contains("the VM finished here, verified"));
      assertThat(dest.isAlive()).as("it waits, and never guesses").isTrue();
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

  private Node start(List<String> more, String... arguments) throws Exception {
    String[] all = new String[arguments.length + more.size()];
    System.arraycopy(arguments, 0, all, 0, arguments.length);
    for (int i = 0; i < more.size(); i++) {
      all[arguments.length + i] = more.get(i);
    }
    return processes.start(all);
  }

  private Path tokenFile() throws Exception {
    return Files.writeString(processes.file("token"), TOKEN);
  }

  private static void awaitPaused(Path state) {
    await()
        .atMost(Node.LIMIT)
        .until(
            () ->
                new Journals(state)
                    .list().stream().anyMatch(each -> each.stage() == JournalStage.PAUSED));
  }
}
