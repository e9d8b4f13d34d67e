package io.faultline.tests.process;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.uffd.Feature;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A {@code faultline pager} that listens, and programs that use it.
 *
 * @param root clients may use files below it
 */
record PagerNode(Processes processes, Node node, Path socket, Path root) {
  static final int PAGE = 4096;

  private static final Set<Feature> NEEDED =
      Set.of(Feature.MINOR_SHMEM, Feature.MISSING_SHMEM, Feature.WP_HUGETLBFS_SHMEM);

  private static final String LISTENING = "listening on ";

  /**
   * Starts one; skips the test if the kernel cannot page shared memory.
   *
   * @param more options
   */
  static PagerNode start(Processes processes, String buffer, String... more) throws IOException {
    assumeTrue(
        new LinuxKernel().supportedFeatures().containsAll(NEEDED),
        "userfaultfd cannot page shared memory here");
    Path root = Files.createDirectories(processes.file("stores"));
    Path socket = processes.file("pager.socket");
    Node node =
        processes.start(
            List.of("pager", "--socket=" + socket, "--store-root=" + root, "--buffer=" + buffer),
            more);
    node.awaitOutput(LISTENING);
    return new PagerNode(processes, node, socket, root);
  }

  /** Creates a store of zeros. */
  Path store(String name, int pages) throws IOException {
    return Files.write(root.resolve(name), new byte[pages * PAGE]);
  }

  /** The first word of a page of a store. */
  static long firstWord(Path store, int page) throws IOException {
    byte[] all = Files.readAllBytes(store);
    return ByteBuffer.wrap(all).order(ByteOrder.nativeOrder()).getLong(page * PAGE);
  }

  /** Waits until a client has left: then others may use its part of the store. */
  void awaitLeft() {
    node.awaitError("has left");
  }

  /** Starts a program with the socket as its first argument. */
  Node run(Path program, Object... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(program.toString(), socket.toString()));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    return processes.startProgram(command, Map.of());
  }

  /** Starts a program that was linked with umap, on our library instead. */
  Node runUmapProgram(Path library, List<String> command) throws IOException {
    return processes.startProgram(
        command,
        Map.of("LD_PRELOAD", library.toString(), "FAULTLINE_PAGER_SOCKET", socket.toString()));
  }
}
