package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.source.journal.Journals;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A node that can open no file any more loses its peer. It ends, and says why: with an AOT cache
 * the JVM opens its jars late, and what reports the failure must not need that.
 */
class NoDescriptorsTest {
  @RegisterExtension private final Processes processes = new Processes();

  @Test
  void sourceReportsThatTheVmContinuesThere() throws Exception {
    Path journals = Files.createDirectory(processes.file("journals"));
    try (MemoryFile memory = MemoryFile.named("no-descriptors")) {
      Node dest = processes.start("dest", "--listen=127.0.0.1:0", "--quiet");
      Node source = heldSource(dest, journals, memory);
      Descriptors.limit(source.pid(), 0);
      dest.kill();
      source.awaitFailure(1, Node.LIMIT);
      assertThat(source.err()).anyMatch(line -> line.contains("the VM continues here"));
      assertThat(new Journals(journals).list()).as("the VM ran, and must not be resumed").isEmpty();
    }
  }

  @Test
  void destinationReportsThatTheSourceIsGone() throws Exception {
    Path journals = Files.createDirectory(processes.file("journals"));
    try (MemoryFile memory = MemoryFile.named("no-descriptors")) {
      Node dest = processes.start("dest", "--listen=127.0.0.1:0", "--quiet");
      Node source = heldSource(dest, journals, memory);
      ControlSocket.of(dest, processes.defaultState()).awaitStatus("active");
      Descriptors.limit(dest.pid(), 0);
      source.kill();
      dest.awaitFailure(1, Node.LIMIT);
      assertThat(dest.err()).anyMatch(line -> line.contains("connection"));
    }
  }

  /** A source in its first precopy round. */
  private Node heldSource(Node dest, Path journals, MemoryFile memory) throws Exception {
    Node source =
        processes.start(
            "source",
            "--to=127.0.0.1:" + dest.awaitPort(),
            "--mode=hybrid",
            "--ram=32m",
            ControlSocket.HELD,
            "--quiet",
            "--journal=" + journals,
            memory.asBacking());
    ControlSocket.of(source, processes.defaultState()).awaitStatus("active");
    return source;
  }
}
